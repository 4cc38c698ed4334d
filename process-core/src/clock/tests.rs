//! Tests of clock times.

use chrono::{DateTime, Utc};

use super::{instant_of, zone};

fn check(now: &str, text: &str, name: &str, expected: &str) {
    let now: DateTime<Utc> = now.parse().unwrap();
    let found = instant_of(text, zone(name).unwrap(), now).unwrap();
    assert_eq!(found.to_rfc3339_opts(chrono::SecondsFormat::Secs, true), expected, "{text}");
}

#[test]
fn e10_a_clock_time_is_later_today_or_else_tomorrow() {
    check("2026-01-05T13:00:00Z", "09:30", "America/New_York", "2026-01-05T14:30:00Z");
    check("2026-01-05T15:00:00Z", "09:30", "America/New_York", "2026-01-06T14:30:00Z");
    check("2026-01-05T08:00:00Z", "09:30", "UTC", "2026-01-05T09:30:00Z");
}

#[test]
fn e10_exactly_now_is_now() {
    check("2026-01-05T09:30:00Z", "09:30", "UTC", "2026-01-05T09:30:00Z");
}

#[test]
fn e10_a_time_in_a_gap_is_the_first_instant_behind_it() {
    // In Paris the clocks go from 02:00 to 03:00 on this night.
    check("2026-03-29T00:00:00Z", "02:30", "Europe/Paris", "2026-03-29T01:00:00Z");
    // On Lord Howe they skip half an hour.
    check("2026-10-03T10:00:00Z", "02:15", "Australia/Lord_Howe", "2026-10-03T15:30:00Z");
}

#[test]
fn e10_a_time_that_is_shown_twice_is_the_first() {
    check("2026-10-24T23:00:00Z", "02:30", "Europe/Paris", "2026-10-25T00:30:00Z");
    // The second showing is not waited for when the first is gone: that is tomorrow's.
    check("2026-10-25T00:45:00Z", "02:30", "Europe/Paris", "2026-10-26T01:30:00Z");
}

#[test]
fn e10_a_day_that_a_zone_skips_is_a_gap_like_any_other() {
    // Samoa had no 30 December 2011: clocks went from the end of the 29th to the 31st.
    check("2011-12-30T09:00:00Z", "12:00", "Pacific/Apia", "2011-12-30T10:00:00Z");
}

#[test]
fn e10_an_instant_is_itself_and_a_local_one_is_of_the_zone() {
    check("2026-01-05T00:00:00Z", "2026-07-01T10:00:00+02:00", "UTC", "2026-07-01T08:00:00Z");
    check("2026-01-05T00:00:00Z", "2026-07-01 10:00", "Europe/Paris", "2026-07-01T08:00:00Z");
}

#[test]
fn what_is_no_time_is_none() {
    let now = DateTime::UNIX_EPOCH;
    for text in ["", "24:00", "9", "noon", "09:61", "2026-13-01 10:00"] {
        assert_eq!(instant_of(text, zone("UTC").unwrap(), now), None, "{text}");
    }
    assert!(zone("Mars/Olympus").is_none());
}
