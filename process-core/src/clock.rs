//! Clock times of a time zone as instants (rule E10).

use chrono::{DateTime, Days, LocalResult, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};

use crate::time::Timestamp;

mod table;
mod tail;
mod zone;

pub use zone::{Zone, ZoneOffset};

#[cfg(test)]
mod tests;

/// The longest gap of a clock that is looked across: zones have skipped whole days.
const GAP_MINUTES_MAX: i64 = 36 * 60;

/// Returns the zone of this name, such as `Europe/Paris` or `UTC`.
#[must_use]
pub fn zone(name: &str) -> Option<Zone> {
    Zone::named(name.trim())
}

/// Parses a clock time: `09:30` or `09:30:15`.
#[must_use]
pub fn parse_clock_time(text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    NaiveTime::parse_from_str(text, "%H:%M:%S")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()
}

/// Returns the instant that a text names: an RFC 3339 instant itself, a date and time without an
/// offset in the zone, or the next time that the clocks of the zone show a clock time.
///
/// Exactly now counts. A clock time that the clocks skip is the first instant behind the gap, one
/// that they show twice is the first of the two.
#[must_use]
pub fn instant_of(text: &str, zone: Zone, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Some(instant) = Timestamp::parse(text) {
        return Some(instant.instant());
    }
    let local = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    if let Some(local) = local {
        return shown_at(zone, local);
    }
    let time = parse_clock_time(text)?;
    let today = now.with_timezone(&zone).date_naive();
    // Two days ahead: a day that a zone skips whole has no such time at all.
    let days = (0..=3).filter_map(|days| today.checked_add_days(Days::new(days)));
    days.filter_map(|day| shown_at(zone, day.and_time(time))).find(|instant| *instant >= now)
}

/// Returns the first instant at which the clocks of the zone show this date and time, or have
/// gone past it.
fn shown_at(zone: Zone, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) => Some(instant.to_utc()),
        LocalResult::Ambiguous(first, second) => Some(first.min(second).to_utc()),
        LocalResult::None => behind_gap(zone, local),
    }
}

fn behind_gap(zone: Zone, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    let after = (1..=GAP_MINUTES_MAX).find_map(|minutes| {
        let later = local.checked_add_signed(TimeDelta::minutes(minutes))?;
        zone.from_local_datetime(&later).earliest()
    })?;
    // The gap ends on a whole second before this minute: clocks before it show less than `local`.
    let mut end = after.to_utc();
    for _ in 0..60 {
        let earlier = end - TimeDelta::seconds(1);
        if earlier.with_timezone(&zone).naive_local() < local {
            break;
        }
        end = earlier;
    }
    Some(end)
}
