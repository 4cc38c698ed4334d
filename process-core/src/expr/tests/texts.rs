//! Texts with expressions in them, and trees of such texts.

use serde_json::json;

use super::{STEPS, names, parse_text, render, scope, text};
use crate::{
    expr::TextTree,
    yaml::{Node, read},
};

#[test]
fn e2_an_expression_alone_is_the_native_value() {
    assert_eq!(text("{{ input.list }}").value(&scope()), Ok(json!([3, 1, 2])));
    assert_eq!(text("{{input.n}}").value(&scope()), Ok(json!(85)));
    assert_eq!(text(" {{ input.n }} ").value(&scope()), Ok(json!(" 85 ")));
    assert_eq!(text("{{ input.n }}{{ input.n }}").value(&scope()), Ok(json!("8585")));
    assert_eq!(text("{{ input.list }}").render(&scope()), Ok("[3,1,2]".to_owned()));
}

#[test]
fn a_text_without_expressions_is_constant() {
    assert_eq!(text("plain } text").constant(), Some("plain } text"));
    assert_eq!(text("").constant(), Some(""));
    assert_eq!(text("a{# hidden #}b").constant(), Some("ab"));
    assert_eq!(text("{% raw %}{{ x }}{% endraw %}").constant(), Some("{{ x }}"));
    assert_eq!(text("{{ 1 }}").constant(), None);
}

#[test]
fn statements_choose_and_repeat() {
    for (source, expected) in [
        ("{% if input.n > 90 %}high{% elif input.n > 80 %}good{% else %}low{% endif %}!", "good!"),
        ("{% if input.missing or input.no %}x{% endif %}", ""),
        (
            "{% for p in input.people %}{{ loop.index }}. {{ p.name }}\n{% endfor %}",
            "1. Bo\n2. Al\n",
        ),
        ("{% for k, v in input.map | items %}{{ k }}={{ v }};{% endfor %}", "k=1;x-y=2;"),
        ("{% for k in input.map %}{{ k }} {% endfor %}", "k x-y "),
        (
            "{% for a in [1, 2] %}{% for b in [3, 4] %}{{ a * b }} {% endfor %}{% endfor %}",
            "3 4 6 8 ",
        ),
        (
            "{% for p in input.people %}{% if p.age > 25 %}{{ p['name'] }}{% endif %}{% endfor %}",
            "Bo",
        ),
        ("a {{- 1 -}} b {%- if true -%} c {%- endif %}", "a1bc"),
        ("{{ '}}' }}{{ \"{{\" }} {{ {'a': {'b': 1}}.a.b }}", "}}{{ 1"),
    ] {
        assert_eq!(render(source), expected, "{source}");
    }
}

#[test]
fn undefined_in_a_text_fails() {
    assert_eq!(
        render("Hello {{ input.nam }}"),
        "cannot evaluate `input.nam`: `input.nam` is undefined"
    );
    assert_eq!(
        render("{% if input.missing %}x{% endif %}"),
        "cannot evaluate `input.missing`: `input.missing` is undefined"
    );
    assert_eq!(
        render("{% for x in input.people %}{{ x.nam }}{% endfor %}"),
        "cannot evaluate `x.nam`: a part of it is undefined"
    );
    assert_eq!(render("{% for x in 5 %}{% endfor %}"), "cannot evaluate `5`: number 5 is no list");
}

#[test]
fn what_a_step_gave_never_becomes_code() {
    assert_eq!(render("{{ input.evil }}"), "}} or true {{");
    assert_eq!(render("a {{ input.evil }} b"), "a }} or true {{ b");
    let condition = super::parsed("{{ input.evil }} == 'approved'");
    assert_eq!(condition.holds(&scope()), Ok(false));
    assert!(super::parsed("{{ input.evil }}").holds(&scope()).is_err());
}

#[test]
fn mistakes_in_texts_have_their_place() {
    for (source, offset, why) in [
        ("ab {{ input.n", 3, "`}}` is missing"),
        ("ab {{ }}", 6, "the expression is empty"),
        ("ab {{ nope }}", 6, "unknown name `nope`"),
        ("ab {% set x = 1 %}", 3, "unknown statement `set`"),
        ("ab {% if true %}", 3, "`{% endif %}` is missing"),
        ("ab {% endif %}", 3, "`endif` ends nothing here"),
        ("{% for x in [1] %}{% endif %}", 18, "`endif` cannot stand here within `for`"),
        (
            "{% if true %}{% else %}{% else %}{% endif %}",
            23,
            "`else` cannot stand here within `if`",
        ),
        ("{% for input in [1] %}{% endfor %}", 0, "`input` has a meaning already"),
        ("{% raw %}", 0, "`{% endraw %}` is missing"),
        ("ab {# x", 3, "the comment `{#` has no end"),
        ("{{ loop.index }}", 3, "unknown name `loop`"),
        ("{{ {{ input.n }} }}", 3, "expected a value, found `{{`"),
    ] {
        let mistake = parse_text(source).unwrap_err();
        assert!(mistake.message.contains(why), "{source}: {mistake:?}");
        assert_eq!(mistake.offset, offset, "{source}: {mistake:?}");
    }
}

#[test]
fn a_tree_evaluates_its_texts_and_keeps_the_rest() {
    let source = "{a: '{{ input.n }}', b: [1, 'x {{ input.text }}', null], c: {d: plain}}";
    let node = read(source).unwrap();
    let mut mistakes = Vec::new();
    let tree = TextTree::read(&node, &names(&|id| STEPS.contains(&id)), &mut mistakes);
    assert!(mistakes.is_empty());
    assert_eq!(tree.to_value(), node.to_json());
    assert_eq!(
        tree.value(&scope()),
        Ok(json!({"a": 85, "b": [1, "x approved", null], "c": {"d": "plain"}}))
    );
    let reads: Vec<String> = tree.reads().iter().map(ToString::to_string).collect();
    assert_eq!(reads, ["input.n", "input.text"]);
}

#[test]
fn a_tree_tells_every_mistake_with_its_line() {
    let node: Node = read("a: '{{ nope }}'\nb:\n  - '{{ steps.x.output }}'\n").unwrap();
    let mut mistakes = Vec::new();
    let tree = TextTree::read(&node, &names(&|_| false), &mut mistakes);
    let found: Vec<_> = mistakes.iter().map(|(place, m)| (place.line, m.code)).collect();
    assert_eq!(found, [(1, "unknown_name"), (3, "unknown_step")]);
    assert_eq!(tree.to_value(), node.to_json());
}
