//! Clock times, zones and cron patterns as they stand in a definition.

use chrono::{DateTime, Utc};
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};

use super::reader::MapReader;
use crate::clock::{Zone, instant_of, zone};

/// Returns the zone that somebody meant.
fn nearest_zone(name: &str) -> Option<&'static str> {
    super::nearest::nearest(name, Zone::names())
}

/// Checks the name of a time zone at the key `timezone`.
pub(super) fn check_zone(map: &mut MapReader<'_, '_, '_>, name: Option<&str>) {
    let Some(name) = name.filter(|name| zone(name).is_none()) else { return };
    let message = format!("`timezone` of {} is no time zone: {name:?}", map.what());
    let hint = match nearest_zone(name) {
        Some(near) => format!("`{near}`?"),
        None => "write it as Europe/Paris or UTC".to_owned(),
    };
    map.error_with_hint("bad_zone", "timezone", message, hint);
}

/// Parses a cron pattern of five fields: minute, hour, day of the month, month, day of the week.
///
/// # Errors
/// What is wrong with it.
fn parse_cron(pattern: &str) -> Result<Cron, String> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(pattern).map_err(|error| {
        let reason = error.to_string().to_lowercase();
        format!("{pattern:?} is no cron pattern: {}", reason.trim_end_matches('.'))
    })
}

/// Says what is wrong with a cron pattern.
pub(super) fn check_cron(pattern: &str) -> Result<(), String> {
    parse_cron(pattern).map(|_| ())
}

/// Returns whether a text is a clock time such as `09:30`, or an instant.
pub(super) fn is_wait_until(text: &str) -> bool {
    instant_of(text, Zone::UTC, DateTime::UNIX_EPOCH).is_some()
}

/// Returns the last instant of a cron pattern in a time zone (UTC when none is named) that is not
/// behind this one; `None` when there is none, or pattern or zone are none.
#[must_use]
pub fn last_occurrence(
    pattern: &str,
    timezone: Option<&str>,
    until: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let cron = parse_cron(pattern).ok()?;
    let until = until.with_timezone(&zone(timezone.unwrap_or("UTC"))?);
    let last = cron.find_previous_occurrence(&until, true).ok()?;
    Some(last.with_timezone(&Utc))
}
