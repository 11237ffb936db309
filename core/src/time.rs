//! Moments, to the millisecond, and the three ways AWS writes them.

use std::fmt;
use std::time::Duration;

use jiff::civil;
use serde::{Deserialize, Serialize};

/// A moment in UTC, in milliseconds since 1970-01-01T00:00:00Z. Finer fractions are cut off.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// How a timestamp stands on the wire. Source: Smithy's `timestampFormat` trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `2015-01-25T08:00:00Z`, with a fraction when there is one.
    DateTime,
    /// `Sun, 25 Jan 2015 08:00:00 GMT` (RFC 9110, IMF-fixdate).
    HttpDate,
    /// Seconds since the epoch as a number, with a fraction when there is one.
    EpochSeconds,
}

/// The text is not a moment in the format asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATimestamp;

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the epoch; saturates far outside of any calendar.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment without its fraction of a second.
    pub const fn whole_seconds(self) -> Self {
        Self::from_seconds(self.seconds())
    }

    /// That much later; saturates.
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// That much earlier; saturates.
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long from `earlier` until this moment; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    fn civil(self) -> civil::DateTime {
        let clamped = jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        jiff::tz::Offset::UTC.to_datetime(clamped)
    }

    /// `20150830T123600Z`, the form of signatures.
    pub fn basic(self) -> String {
        let t = self.civil();
        let (year, month, day) = (t.year(), t.month(), t.day());
        format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", t.hour(), t.minute(), t.second())
    }

    /// `2015-08-30T12:36:00Z`, without a fraction: the form of CloudTrail's `eventTime` and of IAM's dates.
    pub fn date_time_seconds(self) -> String {
        // Every audit record has one, so the digits are written without the formatting machinery.
        let t = self.civil();
        let year = t.year().unsigned_abs();
        if t.year() < 0 {
            return self.whole_seconds().format(TimestampFormat::DateTime);
        }
        let mut text = String::with_capacity(20);
        let mut two = |number: u16, after: Option<char>| {
            text.extend([number / 10 % 10, number % 10].map(|digit| char::from(b'0' + digit as u8)));
            text.extend(after);
        };
        two(year / 100, None);
        two(year % 100, Some('-'));
        let parts =
            [t.month(), t.day(), t.hour(), t.minute(), t.second()].map(|part| u16::from(part.unsigned_abs()));
        for (part, after) in parts.into_iter().zip(['-', 'T', ':', ':', 'Z']) {
            two(part, Some(after));
        }
        text
    }

    /// Writes it in that format; a fraction appears only when it is not zero, with trailing zeros cut.
    pub fn format(self, format: TimestampFormat) -> String {
        match format {
            TimestampFormat::DateTime => {
                let t = self.civil();
                format!(
                    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z",
                    t.year(),
                    t.month(),
                    t.day(),
                    t.hour(),
                    t.minute(),
                    t.second(),
                    self.fraction()
                )
            }
            TimestampFormat::HttpDate => http_date(self.civil(), &self.fraction()),
            TimestampFormat::EpochSeconds => self.epoch_seconds(),
        }
    }

    fn fraction(self) -> String {
        match self.0.rem_euclid(1000) {
            0 => String::new(),
            millis => format!(".{millis:03}").trim_end_matches('0').to_owned(),
        }
    }

    fn epoch_seconds(self) -> String {
        let (sign, magnitude) = if self.0 < 0 { ("-", self.0.unsigned_abs()) } else { ("", self.0 as u64) };
        match magnitude % 1000 {
            0 => format!("{sign}{}", magnitude / 1000),
            millis => format!("{sign}{}.{millis:03}", magnitude / 1000).trim_end_matches('0').to_owned(),
        }
    }

    /// Reads the format asked for.
    ///
    /// # Errors
    /// When the text does not follow it.
    pub fn parse(text: &str, format: TimestampFormat) -> Result<Self, NotATimestamp> {
        match format {
            TimestampFormat::DateTime => {
                text.parse::<jiff::Timestamp>().map(|t| Self(t.as_millisecond())).map_err(|_| NotATimestamp)
            }
            TimestampFormat::HttpDate => parse_http_date(text),
            TimestampFormat::EpochSeconds => {
                text.parse::<f64>().map_err(|_| NotATimestamp).and_then(Self::from_epoch)
            }
        }
    }

    /// From seconds since the epoch with a fraction, as JSON and CBOR carry it.
    ///
    /// # Errors
    /// When the number is not finite or lies outside of years -9999 to 9999.
    pub fn from_epoch(seconds: f64) -> Result<Self, NotATimestamp> {
        if !seconds.is_finite() || seconds.abs() > 253_402_207_200.0 {
            return Err(NotATimestamp);
        }
        Ok(Self((seconds * 1000.0).round() as i64))
    }

    /// Seconds since the epoch with the fraction, as JSON and CBOR carry it.
    pub fn as_epoch(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn http_date(t: civil::DateTime, fraction: &str) -> String {
    let day = DAYS.get(t.weekday().to_monday_zero_offset() as usize).unwrap_or(&"Mon");
    let month = MONTHS.get((t.month() - 1) as usize).unwrap_or(&"Jan");
    let (d, y, h, m, s) = (t.day(), t.year(), t.hour(), t.minute(), t.second());
    format!("{day}, {d:02} {month} {y:04} {h:02}:{m:02}:{s:02}{fraction} GMT")
}

fn parse_http_date(text: &str) -> Result<Timestamp, NotATimestamp> {
    let rest = text.split_once(", ").ok_or(NotATimestamp)?.1;
    let mut parts = rest.split(' ');
    let mut next = || parts.next().ok_or(NotATimestamp);
    let (day, month, year, clock, zone) = (next()?, next()?, next()?, next()?, next()?);
    let month = MONTHS.iter().position(|known| *known == month).ok_or(NotATimestamp)? + 1;
    if zone != "GMT" {
        return Err(NotATimestamp);
    }
    Timestamp::parse(&format!("{year}-{month:02}-{day}T{clock}Z"), TimestampFormat::DateTime)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format(TimestampFormat::DateTime))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for NotATimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a timestamp of the expected format")
    }
}

impl std::error::Error for NotATimestamp {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_reads_what_it_writes() {
        for millis in [0, 1_422_172_800_000, 1_422_172_800_120, -1_500, 253_370_764_800_000] {
            let t = Timestamp::from_millis(millis);
            for format in [TimestampFormat::DateTime, TimestampFormat::HttpDate] {
                assert_eq!(
                    Timestamp::parse(&t.format(format), format),
                    Ok(t),
                    "{format:?} {}",
                    t.format(format)
                );
            }
        }
        for millis in [0, 1_422_172_800_120, -1_500, 253_370_764_800_000, -70_000_000_000_000] {
            let t = Timestamp::from_millis(millis);
            assert_eq!(t.date_time_seconds(), t.whole_seconds().format(TimestampFormat::DateTime));
        }
        assert_eq!(Timestamp::from_epoch(1_422_172_800.12).map(Timestamp::millis), Ok(1_422_172_800_120));
    }

    #[test]
    fn the_three_formats_look_as_aws_writes_them() {
        let t = Timestamp::from_millis(1_422_172_800_120);
        assert_eq!(t.format(TimestampFormat::DateTime), "2015-01-25T08:00:00.12Z");
        assert_eq!(t.format(TimestampFormat::HttpDate), "Sun, 25 Jan 2015 08:00:00.12 GMT");
        assert_eq!(t.format(TimestampFormat::EpochSeconds), "1422172800.12");
        assert_eq!(t.basic(), "20150125T080000Z");
        assert_eq!(Timestamp::from_millis(-1_500).format(TimestampFormat::EpochSeconds), "-1.5");
    }
}
