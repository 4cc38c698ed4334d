//! The rule of a zone for all time behind its table, as in `CET-1CEST,M3.5.0,M10.5.0/3`
//! (RFC 9636, section 3.3).

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Weekday};

/// When neither is said: clocks are changed at two, and are one hour ahead in summer.
const TWO_OCLOCK: i32 = 2 * 3600;
const HOUR: i32 = 3600;

/// The clocks of a zone, year by year.
pub(super) struct Tail {
    /// In seconds ahead of UTC.
    standard: i32,
    summer: Option<Summer>,
}

struct Summer {
    offset: i32,
    from: Day,
    to: Day,
}

/// The n-th weekday of a month, the fifth being its last, and the clock time of that day in
/// seconds, which may be one of another day.
struct Day {
    month: u32,
    week: u8,
    weekday: Weekday,
    time: i32,
}

impl Tail {
    /// Returns what a text says; `None` when it is not understood.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let mut reader = Reader { text: std::str::from_utf8(text).ok()? };
        reader.name()?;
        let standard = -reader.time()?;
        if reader.text.is_empty() {
            return Some(Self { standard, summer: None });
        }
        reader.name()?;
        let offset = if reader.text.starts_with(',') { standard + HOUR } else { -reader.time()? };
        let (from, to) = (reader.day()?, reader.day()?);
        let summer = Some(Summer { offset, from, to });
        reader.text.is_empty().then_some(Self { standard, summer })
    }

    /// Returns by how many seconds the clocks are ahead of UTC at an instant.
    pub(super) fn seconds_at(&self, instant: i64) -> i32 {
        let Some(summer) = &self.summer else { return self.standard };
        let Some(local) = DateTime::from_timestamp(instant + i64::from(self.standard), 0) else {
            return self.standard;
        };
        let begin = summer.from.instant(local.year(), self.standard);
        let end = summer.to.instant(local.year(), summer.offset);
        let (Some(begin), Some(end)) = (begin, end) else { return self.standard };
        // South of the equator summer goes on over the turn of the year.
        let in_summer = if begin < end {
            (begin..end).contains(&instant)
        } else {
            !(end..begin).contains(&instant)
        };
        if in_summer { summer.offset } else { self.standard }
    }
}

impl Day {
    /// Returns the instant at which clocks that are so many seconds ahead of UTC show it.
    fn instant(&self, year: i32, ahead: i32) -> Option<i64> {
        let day = |week| NaiveDate::from_weekday_of_month_opt(year, self.month, self.weekday, week);
        let day = if self.week == 5 { day(5).or_else(|| day(4)) } else { day(self.week) }?;
        let midnight = day.and_time(NaiveTime::MIN).and_utc().timestamp();
        Some(midnight + i64::from(self.time - ahead))
    }
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, sign: char) -> Option<()> {
        self.text = self.text.strip_prefix(sign)?;
        Some(())
    }

    fn number(&mut self) -> Option<i32> {
        let end = self.text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(self.text.len());
        let (digits, rest) = self.text.split_at(end);
        self.text = rest;
        // A week has 168 hours; nothing here is greater.
        digits.parse().ok().filter(|number| *number <= 168)
    }

    /// Passes a name of clock time: letters, or anything between `<` and `>`.
    fn name(&mut self) -> Option<()> {
        let end = match self.text.strip_prefix('<') {
            Some(_) => self.text.find('>')? + 1,
            None => {
                self.text.find(|sign: char| !sign.is_ascii_alphabetic()).unwrap_or(self.text.len())
            }
        };
        self.text = &self.text[end..];
        (end > 0).then_some(())
    }

    /// Takes hours, with minutes and seconds or without, as seconds.
    fn time(&mut self) -> Option<i32> {
        let sign = if self.take('-').is_some() { -1 } else { 1 };
        // A plus says nothing.
        let _ = self.take('+');
        let mut seconds = self.number()? * HOUR;
        for unit in [60, 1] {
            if self.take(':').is_none() {
                break;
            }
            seconds += self.number()? * unit;
        }
        Some(sign * seconds)
    }

    /// Takes `,M3.5.0/2`: the month, the week, the weekday from Sunday on, the time.
    fn day(&mut self) -> Option<Day> {
        self.take(',')?;
        self.take('M')?;
        let month = u32::try_from(self.number()?).ok()?;
        self.take('.')?;
        let week = u8::try_from(self.number()?).ok().filter(|week| (1..=5).contains(week))?;
        self.take('.')?;
        let from_monday = (self.number()? + 6) % 7;
        let weekday = Weekday::try_from(u8::try_from(from_monday).ok()?).ok()?;
        let time = if self.take('/').is_some() { self.time()? } else { TWO_OCLOCK };
        Some(Day { month, week, weekday, time })
    }
}
