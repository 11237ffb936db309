use alcazar_core::Timestamp;
use alcazar_core::time::TimestampFormat;

const HOUR: u64 = 3600 * 1000;

/// A calendar month in UTC, as AWS bills it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Month {
    pub(crate) from: Timestamp,
    /// The first moment that is no more of it.
    pub(crate) end: Timestamp,
}

impl Month {
    /// `2026-11`.
    pub(crate) fn named(text: &str) -> Option<Self> {
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        let (year, month) = text.split_once('-')?;
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        let (year, month): (u16, u16) = (year.parse().ok()?, month.parse().ok()?);
        let (next_year, next_month) = if month == 12 { (year.checked_add(1)?, 1) } else { (year, month + 1) };
        Some(Self { from: first(year, month)?, end: first(next_year, next_month)? })
    }

    /// The month of that moment.
    pub(crate) fn of(moment: Timestamp) -> Option<Self> {
        Self::named(moment.date_time_seconds().get(..7)?)
    }

    /// How many hours it has.
    pub(crate) fn hours(self) -> u64 {
        begun_hours(self.from, self.end)
    }

    /// `2026-11`.
    pub(crate) fn name(self) -> String {
        self.from.date_time_seconds().chars().take(7).collect()
    }
}

/// The hours between, each that has begun.
pub(crate) fn begun_hours(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX).div_ceil(HOUR)
}

fn first(year: u16, month: u16) -> Option<Timestamp> {
    Timestamp::parse(&format!("{year:04}-{month:02}-01T00:00:00Z"), TimestampFormat::DateTime).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_the_hours_of_their_days() {
        let hours = |text: &str| Month::named(text).map(Month::hours);
        assert_eq!(hours("2026-11"), Some(720));
        assert_eq!(hours("2026-12"), Some(744));
        assert_eq!(hours("2028-02"), Some(696));
        for text in ["", "2026", "2026-13", "2026-00", "26-11", "2026-1", "2026-011", "+026-11"] {
            assert_eq!(hours(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_of_its_month_and_an_hour_counts_when_it_has_begun() {
        let moment = Timestamp::from_seconds(1_795_348_800);
        assert_eq!(Month::of(moment).map(Month::name).as_deref(), Some("2026-11"));
        assert_eq!(begun_hours(moment, moment), 0);
        assert_eq!(begun_hours(moment, Timestamp::from_seconds(1_795_348_801)), 1);
        assert_eq!(begun_hours(moment, Timestamp::from_seconds(1_795_348_800 + 7200)), 2);
    }
}
