//! Instants and durations as people write them.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The last instant that RFC 3339 can write, 9999-12-31T23:59:59.999Z, in milliseconds.
const LAST_INSTANT_MS: i64 = 253_402_300_799_999;

/// An instant, RFC 3339, that remembers the spelling in which it was read.
///
/// Two spellings of one instant are two values, so that a file is rewritten only where it changed.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp {
    instant: DateTime<Utc>,
    /// Shared, for each event of a decision carries it.
    text: Arc<str>,
}

impl Timestamp {
    /// Returns the instant, spelled in UTC with milliseconds; at most the last one of the year 9999.
    #[must_use]
    pub fn from_instant(instant: DateTime<Utc>) -> Self {
        // RFC 3339 has no way to write a later one, and none could then be read back.
        let last = DateTime::from_timestamp_millis(LAST_INSTANT_MS).unwrap_or(instant);
        let instant = instant.min(last);
        let text = instant.to_rfc3339_opts(SecondsFormat::Millis, true);
        // The spelling holds milliseconds, so the instant must too, else reading it back differs.
        Self::parse(&text).unwrap_or(Self { instant, text: text.into() })
    }

    /// Parses an RFC 3339 instant, such as `2026-02-10T10:00:00Z`; `None` for every other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let instant = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
        Some(Self { instant, text: text.into() })
    }

    /// Returns the point in time.
    #[must_use]
    pub fn instant(&self) -> DateTime<Utc> {
        self.instant
    }

    /// Returns the text as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the instant this much later, at most the last one that can be written.
    #[must_use]
    pub fn after(&self, duration: Duration) -> Self {
        let later = TimeDelta::from_std(duration)
            .ok()
            .and_then(|delta| self.instant.checked_add_signed(delta))
            .unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self::from_instant(later)
    }

    /// Returns the day as `Feb 10, 2026`, in UTC.
    #[must_use]
    pub fn day(&self) -> String {
        self.instant.format("%b %-d, %Y").to_string()
    }

    /// Returns the minute as `2026-02-10 10:00 UTC`.
    #[must_use]
    pub fn minute(&self) -> String {
        self.instant.format("%Y-%m-%d %H:%M UTC").to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| de::Error::custom(format!("{text:?} is no RFC 3339 instant")))
    }
}

/// The units of a duration, largest first, in milliseconds.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Parses a duration such as `500ms`, `90s`, `5m`, `1h30m` or `2d`; `None` for every other text.
///
/// Units stand largest first, each once; a bare number has no unit and is refused.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total_ms: u64 = 0;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|&end| end > 0)?;
        let amount: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let name_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (_, unit_ms) = units.by_ref().find(|(name, _)| *name == &rest[..name_end])?;
        total_ms = total_ms.checked_add(amount.checked_mul(*unit_ms)?)?;
        rest = &rest[name_end..];
    }
    (!text.is_empty()).then_some(Duration::from_millis(total_ms))
}

/// Returns a duration as [`parse_duration`] reads it, such as `1h30m`; fractions of a millisecond are cut.
#[must_use]
pub fn duration_text(duration: Duration) -> String {
    let mut rest_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if rest_ms == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (name, unit_ms) in UNITS {
        if rest_ms >= unit_ms {
            text.push_str(&format!("{}{name}", rest_ms / unit_ms));
            rest_ms %= unit_ms;
        }
    }
    text
}

#[cfg(test)]
mod tests;
