//! Texts and values that are made to be slow, deep or large.

use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    prop_assert, prop_assert_eq, prop_oneof, proptest,
    sample::select,
};
use serde_json::{Value, json};

use super::{Fake, condition, is_quick, parse_text, parsed, text};

#[test]
fn a_hostile_text_is_a_mistake_at_once() {
    let many = 1024 * 1024;
    let long = 60 * 1024;
    for source in [
        "(".repeat(many),
        "(".repeat(long),
        "[".repeat(long),
        "{{".repeat(long / 2),
        "not ".repeat(long / 4),
        "!".repeat(long),
        "-".repeat(long),
        format!("input{}", ".a".repeat(long / 2)),
        format!("input{}", "[0]".repeat(long / 3)),
        format!("input{}", "[input".repeat(long / 6)),
        format!("1{}", "+1".repeat(long / 2)),
        format!("true{}", " and true".repeat(long / 9)),
        format!("1{}", "|abs".repeat(long / 4)),
        format!("{}1", "1 if 1 else ".repeat(long / 12)),
        format!("steps.{}", "a".repeat(long)),
        format!("steps.{}", "a-".repeat(long / 2)),
        format!("'{}", "\\".repeat(long)),
    ] {
        let mistake = is_quick(&source[..20], || condition(&source).err());
        assert!(mistake.is_some(), "{}", &source[..20]);
        let braces = format!("{{{{ {source} }}}}");
        assert!(is_quick(&braces[..20], || parse_text(&braces).err()).is_some());
    }
    for source in [
        "{% if true %}".repeat(4000),
        "{% for x in [1] %}".repeat(3000),
        "{{".repeat(9000),
        format!("{}{{{{ nope }}}}", "{ ".repeat(30_000)),
        format!("{}{{{{ nope }}}}", "{{1}}".repeat(12_000)),
    ] {
        assert!(is_quick(&source[..10], || parse_text(&source).err()).is_some());
    }
}

#[test]
fn what_is_within_the_limits_is_evaluated() {
    let deep = format!("{}true{}", "(".repeat(60), ")".repeat(60));
    assert_eq!(parsed(&deep).holds(&super::scope()), Ok(true));
    let deep = format!(
        "{}true{} == {}true{}",
        "[".repeat(60),
        "]".repeat(60),
        "[".repeat(60),
        "]".repeat(60)
    );
    assert_eq!(parsed(&deep).holds(&super::scope()), Ok(true));
    let deep = format!("{}false{}", "(true and (false or ".repeat(30), "))".repeat(30));
    assert_eq!(parsed(&deep).holds(&super::scope()), Ok(false));
    let deep = format!("{}true", "not ".repeat(60));
    assert_eq!(parsed(&deep).holds(&super::scope()), Ok(true));
    let deep = format!("{}true", "true if false else ".repeat(60));
    assert_eq!(parsed(&deep).holds(&super::scope()), Ok(true));
    let chain = format!("1{} == 150", " + 1".repeat(149));
    assert_eq!(parsed(&chain).holds(&super::scope()), Ok(true));
    let chain = format!("true{}", " and true or false".repeat(90));
    assert_eq!(parsed(&chain).holds(&super::scope()), Ok(true));
    let list = format!("1 in [{}]", "0, ".repeat(20_000));
    let result = is_quick("list", || parsed(&list).holds(&super::scope()));
    assert_eq!(result, Ok(false));
}

fn large() -> Fake {
    let numbers: Vec<Value> = (0..100_000).map(Value::from).collect();
    let texts: Vec<Value> = (0..10_000).map(|n| Value::from(format!("text {n}"))).collect();
    let text = "x".repeat(500_000);
    Fake { input: json!({"numbers": numbers, "texts": texts, "text": text}), output: json!({}) }
}

#[test]
fn an_evaluation_that_takes_too_much_fails() {
    let scope = large();
    for source in [
        "{% for a in input.numbers %}{% for b in input.numbers %}{% endfor %}{% endfor %}",
        "{% for a in input.numbers %}{{ input.numbers | sort | length }}{% endfor %}",
        "{% for a in input.numbers %}{{ input.texts | join(',') | length }}{% endfor %}",
        "{% for a in input.numbers %}{% if a in input.numbers | reverse %}{% endif %}{% endfor %}",
        "{% for a in input.numbers %}{{ input.numbers == input.numbers }}{% endfor %}",
        "{% for a in input.numbers %}{{ input.numbers }}{% endfor %}",
        "{{ input.texts | join(input.text) }}",
        "{{ input.text | replace('x', input.text) }}",
        "{{ input.text | replace('', input.text) }}",
        "{{ input.text }}{{ input.text }}{{ input.text }}",
        "{{ input.text ~ input.text ~ input.text }}",
        "{{ input.numbers | unique | join(input.text) }}",
        "{{ input.text | trim(input.text) }}",
        "{% for a in input.numbers %}{{ a ~ input.text }}{% endfor %}",
        "{% for a in input.texts %}{{ input.texts | selectattr('x', 'in', input.texts) }}{% endfor %}",
        "{{ input.texts | select('in', input.numbers) }}",
        "{{ input.numbers | map(attribute='0.1.2.3', default=input.text) | join }}",
    ] {
        let text = text(source);
        let result = is_quick(source, || text.render(&scope));
        assert!(result.is_err(), "{source}: {:?}", result.map(|text| text.len()));
    }
}

#[test]
fn large_values_are_read_without_trouble() {
    let scope = large();
    for (source, expected) in [
        ("input.numbers | sum == 4999950000", true),
        ("input.numbers[99999] == 99999", true),
        ("input.numbers | sort(reverse=true) | first == 99999", true),
        ("input.texts | unique | length == 10000", true),
        ("'y' in input.text", false),
    ] {
        assert_eq!(is_quick(source, || parsed(source).holds(&scope)), Ok(expected), "{source}");
    }
}

#[test]
fn a_message_shows_only_the_start_of_a_large_value() {
    let message = parsed("input.numbers > 3").holds(&large()).unwrap_err().message;
    assert!(message.len() < 600, "{}", message.len());
    assert!(message.contains("cannot compare list [0,1,2"), "{message}");
}

/// Words and signs of which any text may consist.
const PIECES: [&str; 40] = [
    "steps",
    ".",
    "a",
    "research-alpha",
    "input",
    "n",
    "[",
    "]",
    "(",
    ")",
    "{{",
    "}}",
    "{",
    "}",
    "and",
    "or",
    "not",
    "==",
    "<",
    "+",
    "-",
    "**",
    "|",
    "default",
    "length",
    "is",
    "defined",
    "'x",
    "'",
    "\"",
    "1",
    "2.5",
    ",",
    ":",
    "if",
    "else",
    "in",
    "{%",
    "%}",
    "ä",
];

/// Makes expressions that can be read, of any operators.
fn expressions() -> impl Strategy<Value = String> {
    let leaves = [
        "input.n",
        "steps.a.output.x",
        "steps.a.cost",
        "now",
        "1",
        "2.5",
        "'a'",
        "true",
        "null",
        "input.yes",
        "input.list",
        "input.map",
        "steps.research-alpha.n",
        "item.name",
        "input.missing",
        "0",
        "steps.a.duration",
    ];
    let operators = ["and", "or", "==", "<", "+", "-", "*", "/", "//", "%", "**", "~", "&&", "||"];
    select(leaves.to_vec()).prop_map(str::to_owned).prop_recursive(5, 40, 3, move |inner| {
        let pair = (inner.clone(), select(operators.to_vec()), inner.clone());
        prop_oneof![
            pair.prop_map(|(left, sign, right)| format!("{left} {sign} {right}")),
            inner.clone().prop_map(|of| format!("({of})")),
            inner.clone().prop_map(|of| format!("{{{{{of}}}}}")),
            inner.clone().prop_map(|of| format!("not {of}")),
            inner.clone().prop_map(|of| format!("-{of}")),
            inner.clone().prop_map(|of| format!("[{of}, 1]")),
            inner.clone().prop_map(|of| format!("{of} | default({of})")),
            inner.clone().prop_map(|of| format!("({of}) is defined")),
            inner.clone().prop_map(|of| format!("({of})[{of}]")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("{a} if {b} else {c}")),
        ]
    })
}

proptest! {
    #[test]
    fn the_canonical_text_means_the_same(source in expressions()) {
        if let Ok(found) = condition(&source) {
            let again = condition(found.source());
            prop_assert!(again.is_ok(), "{} {:?}", found.source(), again);
            let again = again.unwrap();
            prop_assert_eq!(again.source(), found.source());
            prop_assert_eq!(again.reads(), found.reads());
            prop_assert_eq!(again.holds(&super::scope()), found.holds(&super::scope()));
        } else {
            let mistake = condition(&source).unwrap_err();
            prop_assert!(mistake.message.contains("follow one another") || mistake.message.contains("no `else`")
                || mistake.message.contains("expected"), "{source} {mistake:?}");
        }
        if let Ok(text) = parse_text(&format!("{{{{ {source} }}}}")) {
            let _ = text.value(&super::scope());
        }
    }

    #[test]
    fn no_text_panics_and_a_canonical_text_stays_as_it_is(pieces in vec((0..PIECES.len(), any::<bool>()), 0..24)) {
        let word = |(piece, blank): &(usize, bool)| format!("{}{}", PIECES[*piece], if *blank { " " } else { "" });
        let source: String = pieces.iter().map(word).collect();
        if let Ok(found) = condition(&source) {
            let again = condition(found.source());
            prop_assert_eq!(again.as_ref().map(|again| again.source()), Ok(found.source()));
            prop_assert_eq!(again.map(|again| again.reads().to_vec()), Ok(found.reads().to_vec()));
            let _ = found.holds(&super::scope());
            let _ = found.seen(&super::scope());
        }
        if let Ok(text) = parse_text(&source) {
            let _ = text.value(&super::scope());
        }
    }

    #[test]
    fn any_characters_are_read_or_refused(source in "\\PC{0,40}") {
        let _ = condition(&source);
        let _ = parse_text(&source);
        let _ = parse_text(&format!("{{{{ {source} }}}}"));
    }
}
