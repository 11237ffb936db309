//! Date operators. A date is one of the W3C profiles of ISO 8601 (`2026`, `2026-01`, `2026-01-01`,
//! `2026-01-01T00:00Z`, `2026-01-01T00:00:00.5+01:00`) or a Unix time in seconds.
//! Source: IAM user guide, "Date condition operators"; W3C NOTE-datetime.

use crate::context::Value;

const DAY: i64 = 86_400;

/// Milliseconds since 1970; `None` if the text is no date.
pub(super) fn parse(text: &str) -> Option<i64> {
    iso8601(text).or_else(|| epoch(text))
}

pub(super) fn of(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Time(millis) => Some(*millis),
        Value::Number(seconds) => seconds.checked_mul(1000),
        other => parse(&other.text()),
    }
}

/// Writes `2026-01-01T00:00:00Z`, with milliseconds only if there are any.
pub(crate) fn format(millis: i64) -> String {
    let (seconds, fraction) = (millis.div_euclid(1000), millis.rem_euclid(1000));
    let (days, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
    if fraction == 0 {
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{fraction:03}Z")
    }
}

/// Unix time. Four digits are a year, so a Unix time here has any other number of them.
fn epoch(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse::<i64>().ok()?.checked_mul(1000)
}

fn iso8601(text: &str) -> Option<i64> {
    let mut rest = Reader(text.as_bytes());
    let year = rest.digits(4)?;
    let (mut month, mut day, mut second, mut millis) = (1, 1, 0, 0);
    if !rest.is_done() {
        rest.byte(b'-')?;
        month = rest.digits(2)?;
        if !rest.is_done() {
            rest.byte(b'-')?;
            day = rest.digits(2)?;
            if !rest.is_done() {
                rest.byte(b'T')?;
                (second, millis) = rest.time()?;
            }
        }
    }
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    days_from_civil(year, month, day)
        .checked_mul(DAY)?
        .checked_add(second)?
        .checked_mul(1000)?
        .checked_add(millis)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    fn byte(&mut self, want: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        (*first == want).then_some(())
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
    }

    /// `hh:mm[:ss[.s]]TZD`: seconds from the start of the day in UTC, and milliseconds.
    fn time(&mut self) -> Option<(i64, i64)> {
        let hour = self.digits(2)?;
        self.byte(b':')?;
        let minute = self.digits(2)?;
        let (mut second, mut millis) = (0, 0);
        if self.0.first() == Some(&b':') {
            self.byte(b':')?;
            second = self.digits(2)?;
            if self.0.first() == Some(&b'.') {
                self.byte(b'.')?;
                millis = self.fraction()?;
            }
        }
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let offset = self.zone()?;
        Some((hour * 3600 + minute * 60 + second - offset, millis))
    }

    fn fraction(&mut self) -> Option<i64> {
        let count = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        let kept = self.digits(count.min(3))?;
        self.0 = self.0.get(count.saturating_sub(3)..)?;
        Some(kept * [100, 10, 1].get(count.min(3) - 1)?)
    }

    /// Seconds east of Greenwich. A time without a zone is taken as UTC.
    fn zone(&mut self) -> Option<i64> {
        let sign = match self.0.first() {
            None => return Some(0),
            Some(b'Z') => {
                self.byte(b'Z')?;
                return self.is_done().then_some(0);
            }
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return None,
        };
        self.0 = self.0.get(1..)?;
        let hours = self.digits(2)?;
        if self.0.first() == Some(&b':') {
            self.byte(b':')?;
        }
        let minutes = self.digits(2)?;
        (self.is_done() && hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the Gregorian calendar, by counting from March so that a leap day ends its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn all_profiles_are_read() {
        let new_year = Some(1_767_225_600_000);
        for text in [
            "2026",
            "2026-01",
            "2026-01-01",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.000Z",
            "2026-01-01T01:00:00+01:00",
            "2025-12-31T19:00:00-0500",
            "1767225600",
        ] {
            assert_eq!(parse(text), new_year, "{text}");
        }
        assert_eq!(parse("2026-01-01T00:00:00.5Z"), Some(1_767_225_600_500));
        assert_eq!(parse("2026-01-01T00:00:00.123456Z"), Some(1_767_225_600_123));
        assert_eq!(parse("2024-02-29"), Some(1_709_164_800_000));
    }

    #[test]
    fn rubbish_is_no_date() {
        for text in [
            "",
            "notadate",
            "2026-13-01",
            "2026-02-29",
            "2026-00-01",
            "2026-01-01T",
            "2026-01-01T24:00Z",
            "2026-01-01 ",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1",
            "99999999999999999999",
            "-",
            "2026-1-1",
            "é026",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn written_dates_read_back() {
        for millis in [0, 1_767_225_600_000, 951_782_399_123, -1, 4_102_444_800_000] {
            assert_eq!(parse(&format(millis)), Some(millis));
        }
        assert_eq!(format(1_767_225_600_000), "2026-01-01T00:00:00Z");
    }
}
