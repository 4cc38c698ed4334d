//! Tests of secrets: what is put in, what is left alone, what is hidden.

use serde_json::json;

use super::{Masker, Missing, Secrets};

fn masker() -> Masker {
    Masker::new(Secrets::new(|name| match name {
        "TOKEN" => Some("sesame-open".to_owned()),
        "LONGER" => Some("sesame-open-wide".to_owned()),
        "QUOTED" => Some("say \"please\" &\nthanks".to_owned()),
        "NUMBER" => Some("12345678".to_owned()),
        "SHORT" => Some("abc".to_owned()),
        "LINE" => Some("with-line-end\n".to_owned()),
        _ => None,
    }))
}

fn resolved(text: &str) -> String {
    masker().resolve(text).unwrap_or_else(|missing| missing.to_string())
}

#[test]
fn names_in_braces_are_resolved_and_nothing_else_is() {
    assert_eq!(resolved("a ${TOKEN} b${SHORT}"), "a sesame-open babc");
    assert_eq!(resolved("$TOKEN ${} ${1} ${A-b} ${TOKEN"), "$TOKEN ${} ${1} ${A-b} ${TOKEN");
    assert_eq!(resolved("$${TOKEN} ${TOKEN}"), "${TOKEN} sesame-open");
    assert_eq!(resolved("${${TOKEN}}"), "${sesame-open}");
    assert_eq!(resolved(""), "");
}

#[test]
fn what_is_put_in_is_not_resolved_again() {
    let mut masker = Masker::new(Secrets::new(|name| Some(format!("${{{name}X}}"))));
    assert_eq!(masker.resolve("${A}"), Ok("${AX}".to_owned()));
}

#[test]
fn a_missing_secret_is_named_and_nothing_of_another_is_told() {
    let missing = masker().resolve("${TOKEN} ${GONE}");
    assert_eq!(missing, Err(Missing { name: "GONE".to_owned() }));
    assert_eq!(resolved("${GONE}"), "secret `GONE` is not set in the environment");
}

#[test]
fn secrets_are_hidden_in_texts() {
    let mut masker = masker();
    masker.resolve("${TOKEN}${LONGER}${QUOTED}${SHORT}${LINE}").unwrap();
    assert_eq!(masker.mask("x sesame-open-wide y sesame-open z"), "x *** y *** z");
    assert_eq!(masker.mask("abc"), "abc", "three bytes would hide half of every text");
    assert_eq!(masker.mask(r#"{"a":"say \"please\" &\nthanks"}"#), r#"{"a":"***"}"#);
    assert_eq!(masker.mask("?q=say%20%22please%22%20%26%0Athanks"), "?q=***");
    assert_eq!(masker.mask("with-line-end"), "***");
    assert!(!format!("{masker:?}").contains("sesame"));
}

#[test]
fn secrets_are_hidden_in_values_keys_and_numbers() {
    let mut masker = masker();
    masker.resolve("${TOKEN}${QUOTED}${NUMBER}").unwrap();
    let mut value = json!({
        "sesame-open": ["say \"please\" &\nthanks", 12345678, 7, null],
        "deep": {"a": "x sesame-open"},
    });
    masker.mask_value(&mut value);
    assert_eq!(value, json!({"***": ["***", "***", 7, null], "deep": {"a": "x ***"}}));
}

#[test]
fn a_text_that_was_cut_off_shows_no_beginning_of_a_secret() {
    let mut masker = masker();
    masker.resolve("${TOKEN}").unwrap();
    let whole = "it says sesame-open";
    for end in "it says ".len()..whole.len() {
        assert_eq!(masker.mask_cut(&whole[..end]), "it says ");
    }
    assert_eq!(masker.mask_cut(whole), "it says ***");
    assert_eq!(masker.mask_cut("nothing here"), "nothing here");
}
