//! Tests of instants and durations.

use std::time::Duration;

use proptest::prelude::*;

use super::{Timestamp, duration_text, parse_duration};

#[test]
fn an_instant_keeps_its_spelling() {
    for text in ["2026-02-10T10:00:00Z", "2026-11-21T08:08:50.909Z", "2026-02-10T11:00:00+01:00"] {
        assert_eq!(Timestamp::parse(text).unwrap().as_str(), text);
    }
    let utc = Timestamp::parse("2026-02-10T10:00:00Z").unwrap();
    let paris = Timestamp::parse("2026-02-10T11:00:00+01:00").unwrap();
    assert_eq!(utc.instant(), paris.instant());
    assert_eq!(utc.day(), "Feb 10, 2026");
}

#[test]
fn every_instant_that_is_made_can_be_read_back() {
    let now = Timestamp::parse("2026-02-10T10:00:00Z").unwrap();
    for seconds in [0, 90, 86_400 * 365 * 7_973, 86_400 * 365 * 9_000, u64::MAX] {
        let later = now.after(Duration::from_secs(seconds));
        assert_eq!(Timestamp::parse(later.as_str()), Some(later));
    }
    assert_eq!(now.after(Duration::MAX).as_str(), "9999-12-31T23:59:59.999Z");
}

#[test]
fn other_texts_are_no_instants() {
    for text in ["", "yesterday", "2026-02-30T00:00:00Z", "2026-02-10", "2026-02-10T10:00:00"] {
        assert_eq!(Timestamp::parse(text), None, "{text:?}");
    }
}

#[test]
fn later_never_overflows() {
    let now = Timestamp::parse("2026-02-10T10:00:00Z").unwrap();
    assert_eq!(now.after(Duration::from_secs(90)).as_str(), "2026-02-10T10:01:30.000Z");
    assert!(now.after(Duration::MAX) > now);
}

#[test]
fn durations_read_as_they_are_written() {
    for (text, ms) in [
        ("500ms", 500),
        ("90s", 90_000),
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("2d", 172_800_000),
    ] {
        assert_eq!(parse_duration(text), Some(Duration::from_millis(ms)), "{text}");
    }
    for text in
        ["", "5", "m", "-5m", "5 m", "1m1h", "1m2m", "1.5h", "5min", "99999999999999999999d"]
    {
        assert_eq!(parse_duration(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(ms in 0..u64::MAX / 2) {
        let duration = Duration::from_millis(ms);
        prop_assert_eq!(parse_duration(&duration_text(duration)), Some(duration));
    }
}
