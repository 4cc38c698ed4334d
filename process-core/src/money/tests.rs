//! Tests of amounts of money.

use serde_json::json;

use super::Cost;

fn sum(amounts: &[&str]) -> String {
    let all = amounts.iter().map(|text| Cost::parse(text).unwrap());
    all.fold(Cost::ZERO, |sum, cost| sum.plus(cost).unwrap()).to_string()
}

#[test]
fn e13_a_cost_is_an_exact_decimal() {
    assert_eq!(sum(&["0.0123", "0.0123", "0.0123"]), "0.0369");
    assert_eq!(sum(&["0.1", "0.2"]), "0.3");
    assert_eq!(Cost::from_value(&json!(0.0123)).unwrap().to_string(), "0.0123");
    assert_eq!(Cost::from_value(&json!(5)).unwrap().to_string(), "5");
}

#[test]
fn e13_a_sum_is_printed_with_the_most_decimals_seen() {
    assert_eq!(sum(&["0.10", "0.2"]), "0.30");
    assert_eq!(sum(&["5.00", "1"]), "6.00");
}

#[test]
fn e13_what_is_no_amount_is_refused() {
    for text in ["-1", "-0.01", "", "x", "1,5", "1_000", "NaN", "inf", "1e40", "0x10"] {
        assert_eq!(Cost::parse(text), None, "{text}");
    }
    assert_eq!(Cost::parse(&"9".repeat(40)), None);
    let most = Cost::parse("79228162514264337593543950335").unwrap();
    assert_eq!(most.plus(Cost::parse("1").unwrap()), None);
    assert_eq!(Cost::from_value(&json!(null)), None);
    assert_eq!(Cost::from_value(&json!(-1)), None);
}

#[test]
fn a_share_of_the_largest_amount_is_no_panic() {
    let most = Cost::parse("79228162514264337593543950335").unwrap();
    assert!(most.percent(80) > Cost::ZERO);
    assert_eq!(Cost::parse("1").unwrap().minus(most), Cost::ZERO);
}
