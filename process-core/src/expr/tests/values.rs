//! Values and texts of expressions outside conditions.

use serde_json::json;

use super::{render, value};
use crate::expr::{Expression, Text, TextTree};

#[test]
fn literals_are_read() {
    assert_eq!(
        value("[1, 2.5, 'a', \"b\", true, null, {'k': [1]},]"),
        json!([1, 2.5, "a", "b", true, null, {"k": [1]}])
    );
    assert_eq!(value(r#""a\n\"\u00e4\\d" ~ '\d'"#), json!("a\n\"ä\\d\\d"));
    assert_eq!(value("18446744073709551615"), json!(18_446_744_073_709_551_615_u64));
    assert_eq!(value("1_000 + 1e3"), json!(2000.0));
    assert_eq!(value("-9223372036854775807 - 1"), json!(i64::MIN));
}

#[test]
fn e2_outside_conditions_and_and_or_give_operands() {
    assert_eq!(value("input.text and input.n"), json!(85));
    assert_eq!(value("input.missing or 'none'"), json!("none"));
    assert_eq!(value("'' or 0 or []"), json!([]));
    assert_eq!(value("not input.list"), json!(false));
    assert_eq!(value("'x' if input.n else 'y'"), json!("x"));
}

#[test]
fn arithmetic_is_exact_where_it_can_be() {
    assert_eq!(value("steps.a.cost + 0.1"), json!("0.40"));
    assert_eq!(value("steps.a.duration * 2"), json!(3));
    assert_eq!(value("steps.a.duration"), json!(1.5));
    assert_eq!(value("7 / 2"), json!(3.5));
    assert_eq!(value("6 / 2"), json!(3.0));
    assert_eq!(value("2 ** 10"), json!(1024));
    assert_eq!(value("'a' + 'b'"), json!("ab"));
    assert_eq!(value("[1] + [2]"), json!([1, 2]));
    assert_eq!(value("1 ~ 'a' ~ null ~ [1] ~ 2.0"), json!("1anull[1]2.0"));
}

#[test]
fn e2_inside_a_text_values_are_written_as_json_and_texts_as_they_are() {
    assert_eq!(
        render(
            "{{ input.map }} {{ input.list }} {{ input.null }} {{ input.f }} {{ input.yes }} {{ input.text }}"
        ),
        r#"{"k":1,"x-y":2} [3,1,2] null 1.0 true approved"#
    );
    assert_eq!(
        render("{{ steps.a.cost }} {{ steps.a.duration }} {{ now }}"),
        "0.30 1.5 2026-02-10T10:00:00.000Z"
    );
}

#[test]
fn expressions_can_be_shared_between_threads() {
    fn is_shared<T: Send + Sync + Clone + std::fmt::Debug + PartialEq>() {}
    is_shared::<Expression>();
    is_shared::<Text>();
    is_shared::<TextTree>();
}
