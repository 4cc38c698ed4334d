//! What is no expression, and what is said about it.

use super::condition;

#[test]
fn a_mistake_says_what_to_write() {
    for (text, code, offset, hint) in [
        ("", "expression_syntax", 0, ""),
        ("   ", "expression_syntax", 3, ""),
        ("{{ }}", "expression_syntax", 3, ""),
        ("approved now", "unknown_name", 0, "put quotes around a text"),
        ("input.n = 3", "expression_syntax", 8, "write == to compare"),
        ("1 < input.n < 3", "expression_syntax", 12, "write `1 < x and x < 3`"),
        ("imput.n", "unknown_name", 0, "did you mean `input`?"),
        ("steps.reveiw.output", "unknown_step", 6, "did you mean `review`?"),
        ("steps.research_alpha.output", "unknown_step", 6, "did you mean `research-alpha`?"),
        ("steps['nope'].output", "unknown_step", 6, ""),
        ("steps", "expression_syntax", 0, "write `steps.ID.output`"),
        ("steps[input.x].output", "expression_syntax", 0, "write `steps.ID.output`"),
        ("steps.a[0] == 1", "expression_syntax", 7, "write `steps.a.output[…]`"),
        ("review.output == 1", "unknown_name", 0, "did you mean `steps.review`?"),
        ("input.my-field == 1", "unknown_name", 9, "a field with a hyphen is written"),
        ("input.text.upper() == 'A'", "expression_syntax", 10, "write `value | upper`"),
        ("input.text.startswith('a')", "expression_syntax", 10, "is startingwith"),
        ("range(3)", "unknown_name", 0, ""),
        ("input(3)", "expression_syntax", 0, "there are no functions"),
        ("input.n | uper", "unknown_filter", 10, "did you mean `upper`? filters: default, length"),
        ("input.n is defind", "unknown_test", 11, "did you mean `defined`? tests: defined"),
        ("input.n[1:2]", "expression_syntax", 7, "are filters"),
        ("input.n input.n", "expression_syntax", 8, "join parts with an operator"),
        ("true if true", "expression_syntax", 12, "write `a if test else b`"),
        ("(true", "expression_syntax", 5, ""),
        ("true)", "expression_syntax", 4, ""),
        ("'abc", "expression_syntax", 0, ""),
        ("input.n == #", "expression_syntax", 11, ""),
        ("input.n ==", "expression_syntax", 10, ""),
        ("99999999999999999999 > 1", "expression_syntax", 0, ""),
        ("3px > 1", "expression_syntax", 0, "put quotes around a text"),
        ("input.x | replace('a')", "expression_syntax", 10, ""),
        ("input.x | upper(1)", "expression_syntax", 16, ""),
        ("input.x | default(x=1)", "expression_syntax", 18, ""),
        ("{1: 2} == {}", "expression_syntax", 1, ""),
        ("{{ input.n", "expression_syntax", 10, ""),
        ("and", "expression_syntax", 0, ""),
    ] {
        let mistake = condition(text).err().unwrap_or_else(|| panic!("{text} is read"));
        assert_eq!((mistake.code, mistake.offset), (code, offset), "{text}: {mistake:?}");
        let found = mistake.hint.clone().unwrap_or_default();
        assert!(found.contains(hint), "{text}: {mistake:?}");
    }
}
