//! Tests of what is read out of what programs write.

use process_engine::Cost;
use serde_json::{Value, json};

use super::{agent_result, cost_of, last_lines, output_of, parse_json};
use crate::handlers::{Masker, Secrets};

fn masker() -> Masker {
    let mut masker = Masker::new(Secrets::new(|_| Some("sesame-open".to_owned())));
    masker.resolve("${TOKEN}").unwrap();
    masker
}

fn agent(stdout: &str) -> Result<(Value, Option<String>), String> {
    agent_result(stdout, &masker())
        .map(|done| (done.output, done.cost.map(|cost| cost.to_string())))
}

#[test]
fn json_is_the_output_and_anything_else_is_text() {
    let output = |stdout: &str| output_of(stdout, &masker());
    assert_eq!(output("{\"a\": [1, null]}\n"), json!({"a": [1, null]}));
    assert_eq!(output(" 42 "), json!(42));
    assert_eq!(output("\"x\""), json!("x"));
    assert_eq!(output("hello\n"), json!({"text": "hello"}));
    assert_eq!(output("two\nlines\n\n"), json!({"text": "two\nlines\n"}));
    assert_eq!(output("line\r\n"), json!({"text": "line"}));
    assert_eq!(output(""), json!({"text": ""}));
    assert_eq!(output("{\"a\": 1} {\"b\": 2}"), json!({"text": "{\"a\": 1} {\"b\": 2}"}));
    assert_eq!(output("it is sesame-open"), json!({"text": "it is ***"}));
    assert_eq!(output("[\"sesame-open\"]"), json!(["***"]));
}

#[test]
fn json_that_no_file_could_hold_is_text() {
    let nested = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse_json(&nested(48)).is_some());
    assert!(parse_json(&nested(49)).is_none());
    assert!(parse_json(&nested(100_000)).is_none());
    assert!(parse_json(&format!("[{}0]", "0,".repeat(99_998))).is_some());
    assert!(parse_json(&format!("[{}0]", "0,".repeat(99_999))).is_none());
}

#[test]
fn an_agent_says_what_it_gives_and_what_it_costs() {
    assert_eq!(
        agent(r#"{"output": {"a": "sesame-open"}, "cost": 0.0123, "tokens": 5}"#),
        Ok((json!({"a": "***"}), Some("0.0123".to_owned())))
    );
    assert_eq!(agent(r#"{"output": null}"#), Ok((Value::Null, None)));
    assert_eq!(
        agent(r#"{"a": 1, "cost": "2.50"}"#),
        Ok((json!({"a": 1, "cost": "2.50"}), Some("2.50".to_owned())))
    );
    assert_eq!(agent("done\n"), Ok((json!({"text": "done"}), None)));
    assert_eq!(agent("[1]"), Ok((json!([1]), None)));
}

#[test]
fn the_digits_of_a_cost_are_those_of_the_text() {
    let cost = |text: &str| cost_of(&format!("{{\"cost\": {text}}}"));
    for digits in ["0.1000000000000000055511151231", "0.10", "1.00", "9007199254740993"] {
        assert_eq!(
            cost(digits).map(|cost| cost.map(|cost| cost.to_string())),
            Ok(Some(digits.to_owned()))
        );
    }
    assert_eq!(cost("1e-4"), Ok(Cost::parse("0.0001")));
    assert_eq!(cost("null"), Ok(None));
    assert_eq!(cost_of("no json"), Ok(None));
    assert_eq!(cost_of(r#"{"cost": 1, "cost": 2}"#), Ok(Cost::parse("2")));
}

#[test]
fn a_cost_that_is_no_amount_is_named() {
    for bad in ["-1", "\"-0.01\"", "1e400", "\"free\"", "true", "[1]", "{}", "\"\"", "\"1_0\""] {
        let error = agent(&format!("{{\"output\": 1, \"cost\": {bad}}}")).unwrap_err();
        let expected = format!("cost `{bad}` is no amount of zero or more with at most 28 digits");
        assert_eq!(error, expected);
    }
    let long = "9".repeat(40);
    assert!(agent(&format!("{{\"cost\": {long}}}")).unwrap_err().contains(&long));
    assert_eq!(
        agent(r#"{"cost": "sesame-open"}"#).unwrap_err(),
        "cost `\"***\"` is no amount of zero or more with at most 28 digits"
    );
}

#[test]
fn an_error_quotes_the_last_lines_without_secrets_and_control_characters() {
    let lines = |stderr: &str| last_lines(stderr, &masker());
    assert_eq!(lines(""), "");
    assert_eq!(lines("1\n2\n3\n4\n5\n6\n\n  \n"), "2\n3\n4\n5\n6");
    assert_eq!(lines("bad \u{1b}[31msesame-open\u{7}\n"), "bad  [31m*** ");
    assert_eq!(lines(&"x".repeat(5_000)).len(), 1_000);
    // What is cut off is cut off behind the hiding.
    let long = format!("sesame-open{}", "x".repeat(995));
    assert!(
        lines(&long).starts_with("**x") || lines(&long).starts_with("***x"),
        "{}",
        lines(&long)
    );
}
