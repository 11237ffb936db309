//! AWS's cron of six fields, as far as rotation takes it: minute 0, whole hours four apart or more, every year, and one of the two day fields `?`.
//! Source: Secrets Manager User Guide, "Rotation schedules", cron expressions.

use alcazar_core::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// How far ahead a day is looked for: the 29th of February comes within eight years.
const HORIZON: i32 = 8 * 366;

/// A cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cron {
    /// In order.
    hours: Vec<i64>,
    months: Vec<i64>,
    day: Day,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Day {
    /// Of the month.
    OfMonth(Vec<i64>),
    /// The last of the month.
    Last,
    /// The last from Monday to Friday.
    LastWorkday,
    /// The day from Monday to Friday that is nearest to this one, in the same month.
    NearestWorkday(i64),
    /// Of the week, 1 is Sunday.
    OfWeek(Vec<i64>),
    /// The last such day of the week in the month.
    LastOfWeek(i64),
    /// The so manieth such day of the week in the month.
    Nth(i64, i64),
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Cron {
    /// Reads what stands between the parentheses.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split(' ').collect();
        let &["0", hours, day_of_month, months, day_of_week, "*"] = fields.as_slice() else { return None };
        let hours = values(hours, 0, 23, &[])?;
        let months = values(months, 1, 12, &MONTHS)?;
        let day = match (day_of_month, day_of_week) {
            ("?", "?") => return None,
            (day, "?") => of_month(day)?,
            ("?", day) => of_week(day)?,
            _ => return None,
        };
        let cron = Self { hours, months, day };
        (cron.least_between() >= 4 && cron.next(Timestamp::from_seconds(0)).is_some()).then_some(cron)
    }

    /// Whether it comes more than once a day.
    pub(crate) fn is_in_hours(&self) -> bool {
        self.hours.len() > 1
    }

    /// The fewest hours between two times of a day.
    pub(crate) fn least_between(&self) -> i64 {
        let pairs = self.hours.iter().zip(self.hours.iter().skip(1));
        pairs.map(|(one, next)| next - one).min().unwrap_or(24)
    }

    /// The last hour of a day.
    pub(crate) fn last_hour(&self) -> i64 {
        self.hours.last().copied().unwrap_or_default()
    }

    /// The first time after that moment.
    pub(crate) fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let start = jiff::Timestamp::from_second(after.seconds()).ok()?.to_zoned(TimeZone::UTC).date();
        (0..HORIZON)
            .filter_map(|ahead| start.checked_add(ahead.days()).ok())
            .filter(|date| self.months.contains(&i64::from(date.month())) && self.day.is(*date))
            .find_map(|date| {
                let midnight = date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
                let mut times = self.hours.iter().map(|hour| Timestamp::from_seconds(midnight + hour * 3600));
                times.find(|time| *time > after)
            })
    }
}

impl Day {
    fn is(&self, date: Date) -> bool {
        let (day, last) = (i64::from(date.day()), i64::from(date.days_in_month()));
        let weekday = i64::from(date.weekday().to_sunday_one_offset());
        match self {
            Self::OfMonth(days) => days.contains(&day),
            Self::Last => day == last,
            Self::LastWorkday => nearest_workday(date, last) == day,
            Self::NearestWorkday(wanted) => *wanted <= last && nearest_workday(date, *wanted) == day,
            Self::OfWeek(days) => days.contains(&weekday),
            Self::LastOfWeek(wanted) => weekday == *wanted && day + 7 > last,
            Self::Nth(wanted, number) => weekday == *wanted && (day - 1) / 7 + 1 == *number,
        }
    }
}

/// The day of that date's month, Monday to Friday, that is nearest to the wanted one.
fn nearest_workday(date: Date, wanted: i64) -> i64 {
    let last = i64::from(date.days_in_month());
    let there = i8::try_from(wanted).ok().and_then(|day| Date::new(date.year(), date.month(), day).ok());
    match there.map(Date::weekday) {
        Some(Weekday::Saturday) if wanted == 1 => 3,
        Some(Weekday::Saturday) => wanted - 1,
        Some(Weekday::Sunday) if wanted == last => wanted - 2,
        Some(Weekday::Sunday) => wanted + 1,
        _ => wanted,
    }
}

fn of_month(field: &str) -> Option<Day> {
    match field {
        "L" => Some(Day::Last),
        "LW" => Some(Day::LastWorkday),
        _ => match field.strip_suffix('W') {
            Some(day) => value(day, 1, 31, &[]).map(Day::NearestWorkday),
            None => values(field, 1, 31, &[]).map(Day::OfMonth),
        },
    }
}

fn of_week(field: &str) -> Option<Day> {
    let day = |text: &str| value(text, 1, 7, &WEEKDAYS);
    if let Some((weekday, number)) = field.split_once('#') {
        return Some(Day::Nth(day(weekday)?, value(number, 1, 5, &[])?));
    }
    match field.strip_suffix('L') {
        Some("") => Some(Day::OfWeek(vec![7])),
        Some(weekday) => day(weekday).map(Day::LastOfWeek),
        None => values(field, 1, 7, &WEEKDAYS).map(Day::OfWeek),
    }
}

/// The values of a field, in order: numbers or names, ranges, steps, and several of them.
fn values(field: &str, least: i64, most: i64, names: &[&str]) -> Option<Vec<i64>> {
    let mut all = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(value(step, 1, most, &[])?)),
            None => (part, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((first, last)) => (value(first, least, most, names)?, value(last, least, most, names)?),
            None => {
                let first = value(range, least, most, names)?;
                (first, if step.is_some() { most } else { first })
            }
        };
        all.extend((first..=last).step_by(usize::try_from(step.unwrap_or(1)).ok()?));
    }
    all.sort_unstable();
    all.dedup();
    (!all.is_empty()).then_some(all)
}

fn value(text: &str, least: i64, most: i64, names: &[&str]) -> Option<i64> {
    if let Some(at) = names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return Some(least + i64::try_from(at).ok()?);
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits)?;
    (least..=most).contains(&number).then_some(number)
}
