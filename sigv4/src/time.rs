//! Seconds of UTC and the two ways in which requests write them.

/// A moment in whole seconds since 1970-01-01T00:00:00Z; signatures know nothing finer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAY: i64 = 86_400;

/// 9999-12-31T23:59:59Z, the last moment that four digits of year can say.
const LAST: i64 = 253_402_300_799;

impl Timestamp {
    /// The moment `seconds` after the epoch, held to the years 1970 to 9999 that the wire forms can say.
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds.clamp(0, LAST))
    }

    /// Seconds since the epoch.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// This moment moved by seconds, within the same bounds as [`Timestamp::from_unix`].
    pub fn plus(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_add(seconds))
    }

    /// Reads `20150830T123600Z` (ISO 8601 basic format), nothing else.
    pub fn parse_basic(text: &[u8]) -> Option<Self> {
        match text {
            [date @ .., b'T', h1, h2, m1, m2, s1, s2, b'Z'] if date.len() == 8 => {
                let (year, month, day) =
                    (number(date.get(..4)?)?, number(date.get(4..6)?)?, number(date.get(6..)?)?);
                Self::civil(
                    year,
                    month,
                    day,
                    number(&[*h1, *h2])?,
                    number(&[*m1, *m2])?,
                    number(&[*s1, *s2])?,
                )
            }
            _ => None,
        }
    }

    /// Reads a `Date` header: the basic format, or `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110, section 5.6.7).
    pub fn parse_date_header(text: &[u8]) -> Option<Self> {
        if let Some(time) = Self::parse_basic(text) {
            return Some(time);
        }
        let mut words = std::str::from_utf8(text).ok()?.split(' ');
        let mut next = || words.next();
        let (_weekday, day, month, year) = (next()?.strip_suffix(',')?, next()?, next()?, next()?);
        let (clock, zone) = (next()?.as_bytes(), next()?);
        let [h1, h2, b':', m1, m2, b':', s1, s2] = *clock else { return None };
        if zone != "GMT" || next().is_some() || year.len() != 4 || day.len() != 2 {
            return None;
        }
        let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
        let (year, day) = (number(year.as_bytes())?, number(day.as_bytes())?);
        Self::civil(year, month, day, number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?)
    }

    /// `20150830T123600Z`, as the string to sign carries it.
    pub fn basic(self) -> [u8; 16] {
        let (year, month, day) = self.date_parts();
        let second = self.0.rem_euclid(DAY);
        let mut text = *b"00000000T000000Z";
        write(&mut text[0..4], year);
        write(&mut text[4..6], month);
        write(&mut text[6..8], day);
        write(&mut text[9..11], second / 3600);
        write(&mut text[11..13], second / 60 % 60);
        write(&mut text[13..15], second % 60);
        text
    }

    /// [`Timestamp::basic`] as text.
    pub fn to_basic(self) -> String {
        self.basic().iter().copied().map(char::from).collect()
    }

    /// `20150830`, the date of a credential scope.
    pub fn date(self) -> [u8; 8] {
        let mut date = [0; 8];
        date.copy_from_slice(&self.basic()[..8]);
        date
    }

    /// `2015-08-30T12:36:00Z`, as S3 writes times into its errors.
    pub fn to_extended(self) -> String {
        let (year, month, day) = self.date_parts();
        let second = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// `Sun, 30 Aug 2015 12:36:00 GMT`, the form of a `Date` header.
    pub fn to_http_date(self) -> String {
        let (year, month, day) = self.date_parts();
        let second = self.0.rem_euclid(DAY);
        // 1970-01-01 was a Thursday. Both indices are remainders, within their tables.
        let weekday = DAYS[(self.0.div_euclid(DAY) + 4).rem_euclid(7) as usize];
        let month = MONTHS[(month - 1).rem_euclid(12) as usize];
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
    }

    fn civil(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        if year < 1970 || !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(Self(days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second))
    }

    /// Year, month and day in the Gregorian calendar: days counted from 0000-03-01, so that leap days end their years.
    fn date_parts(self) -> (i64, i64, i64) {
        let days = self.0.div_euclid(DAY) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        (era * 400 + year + i64::from(month <= 2), month, day)
    }
}

/// Days from the epoch to a date; the inverse of `date_parts`.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, digit| match digit {
        b'0'..=b'9' => Some(value * 10 + i64::from(digit - b'0')),
        _ => None,
    })
}

fn write(places: &mut [u8], mut value: i64) {
    for place in places.iter_mut().rev() {
        *place = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same_moment() {
        let time = Timestamp::parse_basic(b"20150830T123600Z").unwrap();
        assert_eq!(time.unix(), 1_440_938_160);
        assert_eq!(time.to_basic(), "20150830T123600Z");
        assert_eq!(&time.date(), b"20150830");
        assert_eq!(time.to_extended(), "2015-08-30T12:36:00Z");
        assert_eq!(time.to_http_date(), "Sun, 30 Aug 2015 12:36:00 GMT");
        assert_eq!(Timestamp::parse_date_header(b"Sun, 30 Aug 2015 12:36:00 GMT"), Some(time));
        assert_eq!(Timestamp::parse_date_header(b"20150830T123600Z"), Some(time));
    }

    #[test]
    fn every_day_for_four_centuries_reads_back() {
        for day in 0..146_097 {
            let time = Timestamp::from_unix(day * DAY + 86_399);
            assert_eq!(Timestamp::parse_basic(&time.basic()), Some(time));
            assert_eq!(Timestamp::parse_date_header(time.to_http_date().as_bytes()), Some(time));
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2015",
            "20150830T123600",
            "20150830T123600z",
            "20150830T126000Z",
            "20150230T000000Z",
            "20151301T000000Z",
            "20150800T000000Z",
            "2015-08-30T12:36:00Z",
            "19691231T235959Z",
            "99999999999999999",
            "20150830T240000Z",
            "20150830T123660Z",
            "+2150830T123600Z",
        ] {
            assert_eq!(Timestamp::parse_basic(text.as_bytes()), None, "{text}");
        }
        for text in [
            "Sun, 30 Aug 2015 12:36:00 UTC",
            "Sun 30 Aug 2015 12:36:00 GMT",
            "Sun, 30 aug 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 12:36:00 GMT ",
            "Sun, 30 Aug 15 12:36:00 GMT",
        ] {
            assert_eq!(Timestamp::parse_date_header(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn moving_stays_within_what_can_be_written() {
        assert_eq!(Timestamp::from_unix(i64::MAX).to_basic(), "99991231T235959Z");
        assert_eq!(Timestamp::from_unix(5).plus(i64::MIN).unix(), 0);
    }
}
