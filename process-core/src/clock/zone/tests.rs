//! Tests of time zones: what another reader of the same database says.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::Zone;

/// Zones of which more is known than when the other tables were made: clocks changed by law.
const CHANGED: &[&str] = &[
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "America/Edmonton",
    "America/Inuvik",
    "America/Rainy_River",
    "America/Vancouver",
    "America/Winnipeg",
    "America/Yellowknife",
    "Canada/Central",
    "Canada/Mountain",
    "Canada/Pacific",
    "Europe/Chisinau",
    "Europe/Tiraspol",
];

const WEEK: usize = 7 * 24 * 3600;
const YEAR: usize = 52 * WEEK;

/// What is earlier is still found out about, and corrected now and then.
const YEAR_2000: i64 = 946_684_800;

/// From here the rules behind the tables hold; where the tables of the others end.
const YEAR_2040: i64 = 2_209_032_000;
const YEAR_2100: i64 = 4_102_444_800;

fn pairs() -> impl Iterator<Item = (Zone, Tz)> {
    let unchanged = Zone::names().filter(|name| !CHANGED.contains(name));
    unchanged.filter_map(|name| Some((Zone::named(name)?, name.parse().ok()?)))
}

/// Returns a zone for each table: many names are other names of the same.
fn tables() -> impl Iterator<Item = (Zone, Tz)> {
    let mut seen = HashSet::new();
    pairs().filter(move |(zone, _)| seen.insert(zone.data.as_ptr()))
}

fn ahead(zone: &impl TimeZone, instant: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()
}

fn shown(zone: &impl TimeZone, local: NaiveDateTime) -> [Option<DateTime<Utc>>; 2] {
    let found = zone.from_local_datetime(&local);
    let utc = |found: DateTime<_>| found.to_utc();
    [found.clone().earliest().map(utc), found.latest().map(|found| found.to_utc())]
}

fn check(zone: Zone, other: Tz, instant: i64) {
    let instant = DateTime::from_timestamp(instant, 0).unwrap();
    assert_eq!(ahead(&zone, instant), ahead(&other, instant), "{zone:?} at {instant}");
    let local = instant.with_timezone(&other).naive_local();
    assert_eq!(shown(&zone, local), shown(&other, local), "{zone:?} shows {local}");
}

#[test]
fn all_zones_have_the_names_that_others_know() {
    let mut ours: Vec<_> = Zone::names().collect();
    let mut others: Vec<_> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
    ours.sort_unstable();
    others.sort_unstable();
    assert_eq!(ours, others);
}

#[test]
fn clocks_show_the_same_in_every_year() {
    for (zone, other) in pairs() {
        (YEAR_2000..YEAR_2100).step_by(YEAR).for_each(|instant| check(zone, other, instant));
    }
}

#[test]
fn clocks_show_the_same_around_every_change() {
    for (zone, other) in tables() {
        let at = |instant| ahead(&other, DateTime::from_timestamp(instant, 0).unwrap());
        let mut before = (YEAR_2000, at(YEAR_2000));
        for instant in (YEAR_2000..YEAR_2040).step_by(WEEK) {
            let (from, seconds) = std::mem::replace(&mut before, (instant, at(instant)));
            if seconds == before.1 {
                continue;
            }
            let change = first_with(from, instant, |instant| at(instant) != seconds);
            // Clocks skip and repeat up to a day.
            for minutes in [0, 30, 60, 120, 1440] {
                for near in [-minutes * 60 - 1, -minutes * 60, minutes * 60 - 1, minutes * 60] {
                    check(zone, other, change + near);
                    check_shown(zone, other, change + near);
                }
            }
        }
    }
}

/// Compares what clocks show that were not changed: it may be skipped, or be shown twice.
fn check_shown(zone: Zone, other: Tz, instant: i64) {
    let instant = DateTime::from_timestamp(instant, 0).unwrap();
    for hours in [-26, -1, 1, 26] {
        let seconds = ahead(&other, instant + TimeDelta::hours(hours));
        let local = (instant + TimeDelta::seconds(i64::from(seconds))).naive_utc();
        assert_eq!(shown(&zone, local), shown(&other, local), "{zone:?} shows {local}");
    }
}

fn first_with(mut from: i64, mut to: i64, is: impl Fn(i64) -> bool) -> i64 {
    while to - from > 1 {
        let middle = i64::midpoint(from, to);
        if is(middle) { to = middle } else { from = middle }
    }
    to
}

#[test]
fn a_rule_behind_the_table_is_understood_for_every_zone() {
    for name in Zone::names() {
        let zone = Zone::named(name).unwrap();
        let table = super::Table::of(zone.data).unwrap();
        let tail = std::str::from_utf8(table.tail()).unwrap();
        // This one says that summer never ends, as the last entry of its table does.
        let endless = tail == "XXX-2<+01>-1,0/0,J365/23";
        assert!(super::Tail::parse(table.tail()).is_some() || endless, "{name}: {tail}");
    }
}

#[test]
fn a_name_is_written_as_it_is() {
    assert_eq!(Zone::named("Europe/Paris").map(Zone::name), Some("Europe/Paris"));
    assert!(Zone::named("europe/paris").is_none());
    assert_eq!(Zone::named("UTC"), Some(Zone::UTC));
}
