//! When a secret is rotated: every so many days, or by a `rate()` or `cron()` expression, within a window of whole hours, UTC.
//! Sources: Secrets Manager API reference, `RotationRulesType`; User Guide, "Rotation schedules". The messages are those that the service prints.

use std::time::Duration;

use alcazar_core::Timestamp;
use serde::{Deserialize, Serialize};
use wire_secretsmanager::RotationRulesType;

use super::cron::Cron;
use super::days;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The rules as they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rules {
    pub(crate) days: Option<i64>,
    pub(crate) expression: Option<String>,
    pub(crate) duration: Option<String>,
}

/// The time within which a rotation happens. It is started as soon as the window opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Window {
    pub(crate) opens: Timestamp,
    /// Its last second: what AWS tells as the next rotation date.
    pub(crate) closes: Timestamp,
}

/// The rules, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schedule {
    every: Every,
    /// The window's length in hours; without one it ends with the day, or after an hour where the schedule is in hours.
    hours: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Every {
    Days(i64),
    Hours(i64),
    Cron(Cron),
}

impl Rules {
    /// The rules of a request.
    pub(crate) fn of(given: &RotationRulesType) -> Self {
        Self {
            days: given.automatically_after_days,
            expression: given.schedule_expression.clone(),
            duration: given.duration.clone(),
        }
    }

    /// The rules as they are told. Of a rate in days, the days are told too.
    pub(crate) fn told(&self) -> RotationRulesType {
        let of_rate = || match self.schedule() {
            Ok(Some(Schedule { every: Every::Days(days), .. })) => Some(days),
            _ => None,
        };
        RotationRulesType {
            automatically_after_days: self.days.or_else(of_rate),
            duration: self.duration.clone(),
            schedule_expression: self.expression.clone(),
        }
    }

    /// What they mean; `None` when they name no time.
    pub(crate) fn schedule(&self) -> Result<Option<Schedule>, &'static str> {
        let every = match (self.days, &self.expression) {
            (Some(_), Some(_)) => {
                return Err("You cannot specify both rotation frequency and schedule expression together.");
            }
            (Some(days), None) => Every::Days(days),
            (None, Some(expression)) => every(expression)?,
            (None, None) => return Ok(None),
        };
        let hours = self.duration.as_deref().map(hours).transpose()?;
        if let Some(hours) = hours {
            fits(&every, hours)?;
        }
        Ok(Some(Schedule { every, hours }))
    }
}

impl Schedule {
    /// The first window after that moment.
    pub(crate) fn next(&self, after: Timestamp) -> Option<Window> {
        let midnight = Timestamp::from_seconds(after.seconds().div_euclid(DAY) * DAY);
        let (opens, in_hours) = match &self.every {
            Every::Days(count) => (midnight.plus(days(count.unsigned_abs())), false),
            Every::Hours(count) => {
                let hour = after.seconds().div_euclid(HOUR) * HOUR;
                (Timestamp::from_seconds(hour + count * HOUR), true)
            }
            Every::Cron(cron) => (cron.next(after)?, cron.is_in_hours()),
        };
        let to_midnight = DAY - opens.seconds().rem_euclid(DAY);
        let length = self.hours.map_or(if in_hours { HOUR } else { to_midnight }, |hours| hours * HOUR);
        let closes = opens.plus(Duration::from_secs((length - 1).unsigned_abs()));
        Some(Window { opens, closes })
    }
}

const INVALID: &str = "Invalid schedule expression.";

fn every(expression: &str) -> Result<Every, &'static str> {
    let inside = |name: &str| expression.strip_prefix(name)?.strip_suffix(')');
    if let Some(fields) = inside("cron(") {
        return Cron::read(fields).map(Every::Cron).ok_or(INVALID);
    }
    let (count, unit) = inside("rate(").and_then(|rate| rate.split_once(' ')).ok_or(INVALID)?;
    if !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(INVALID);
    }
    let count: i64 = count.parse().map_err(|_| INVALID)?;
    match unit {
        "hour" | "hours" if (4..24).contains(&count) => Ok(Every::Hours(count)),
        "hour" | "hours" => Err("Rate in hour should be least 4 and less than 24."),
        "day" | "days" if (1..=1000).contains(&count) => Ok(Every::Days(count)),
        "day" | "days" => Err("Rate in day should be greater than 0 and less than 1000."),
        _ => Err(INVALID),
    }
}

fn hours(duration: &str) -> Result<i64, &'static str> {
    let count = duration.strip_suffix('h').filter(|count| count.bytes().all(|byte| byte.is_ascii_digit()));
    let count = count.and_then(|count| count.parse().ok()).filter(|count| (1..=24).contains(count));
    count.ok_or("Duration must be at least 1 hour, at most 24 hour.")
}

/// A window reaches neither into the next one nor into the next day.
fn fits(every: &Every, hours: i64) -> Result<(), &'static str> {
    let (between, last) = match every {
        Every::Days(_) => (24, 0),
        Every::Hours(count) => (*count, 0),
        Every::Cron(cron) => (cron.least_between(), cron.last_hour()),
    };
    if hours > between {
        return Err("Duration cannot be greater than Rate in hour.");
    }
    if last + hours > 24 {
        return Err("Starting hour and duration must be within a day.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(days: Option<i64>, expression: Option<&str>, duration: Option<&str>) -> Rules {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Rules { days, expression: owned(expression), duration: owned(duration) }
    }

    /// The first windows after noon of the 22nd of November 2026, a Sunday.
    fn windows(days: Option<i64>, expression: Option<&str>, duration: Option<&str>) -> String {
        let schedule = match rules(days, expression, duration).schedule() {
            Ok(schedule) => schedule.unwrap(),
            Err(told) => return told.to_owned(),
        };
        let mut after = Timestamp::from_seconds(1_795_348_800);
        let mut told = Vec::new();
        for _ in 0..3 {
            let window = schedule.next(after).unwrap();
            told.push(format!("{} {}", window.opens.date_time_seconds(), window.closes.date_time_seconds()));
            after = window.opens;
        }
        told.join(", ").replace("2026-", "").replace(":00Z", "").replace(":59Z", "")
    }

    #[test]
    fn windows_open_when_the_rules_say() {
        let told: Vec<String> = [
            (Some(7), None, None),
            (None, Some("rate(1 day)"), Some("3h")),
            (None, Some("rate(10 hours)"), None),
            (None, Some("cron(0 8/8 * * ? *)"), None),
            (None, Some("cron(0 4 1,15 * ? *)"), Some("2h")),
            (None, Some("cron(0 16 L * ? *)"), None),
            (None, Some("cron(0 0 ? * SUN#1 *)"), None),
            (None, Some("cron(0 10 ? FEB,MAY TUE#2 *)"), None),
            (None, Some("cron(0 10 ? * 6L *)"), None),
            (None, Some("cron(0 10 15W * ? *)"), None),
        ]
        .into_iter()
        .map(|(days, expression, duration)| {
            let name = expression.map_or("7 days".to_owned(), str::to_owned);
            format!("{name}: {}", windows(days, expression, duration))
        })
        .collect();
        insta::assert_snapshot!(told.join("\n"), @"
        7 days: 11-29T00:00 11-29T23:59, 12-06T00:00 12-06T23:59, 12-13T00:00 12-13T23:59
        rate(1 day): 11-23T00:00 11-23T02:59, 11-24T00:00 11-24T02:59, 11-25T00:00 11-25T02:59
        rate(10 hours): 11-22T22:00 11-22T22:59, 11-23T08:00 11-23T08:59, 11-23T18:00 11-23T18:59
        cron(0 8/8 * * ? *): 11-22T16:00 11-22T16:59, 11-23T08:00 11-23T08:59, 11-23T16:00 11-23T16:59
        cron(0 4 1,15 * ? *): 12-01T04:00 12-01T05:59, 12-15T04:00 12-15T05:59, 2027-01-01T04:00 2027-01-01T05:59
        cron(0 16 L * ? *): 11-30T16:00 11-30T23:59, 12-31T16:00 12-31T23:59, 2027-01-31T16:00 2027-01-31T23:59
        cron(0 0 ? * SUN#1 *): 12-06T00:00 12-06T23:59, 2027-01-03T00:00 2027-01-03T23:59, 2027-02-07T00:00 2027-02-07T23:59
        cron(0 10 ? FEB,MAY TUE#2 *): 2027-02-09T10:00 2027-02-09T23:59, 2027-05-11T10:00 2027-05-11T23:59, 2028-02-08T10:00 2028-02-08T23:59
        cron(0 10 ? * 6L *): 11-27T10:00 11-27T23:59, 12-25T10:00 12-25T23:59, 2027-01-29T10:00 2027-01-29T23:59
        cron(0 10 15W * ? *): 12-15T10:00 12-15T23:59, 2027-01-15T10:00 2027-01-15T23:59, 2027-02-15T10:00 2027-02-15T23:59
        ");
    }

    #[test]
    fn rules_that_cannot_be_kept_are_refused() {
        let told: Vec<String> = [
            (Some(1), Some("rate(1 day)"), None),
            (None, Some("rate(3 hours)"), None),
            (None, Some("rate(24 hours)"), None),
            (None, Some("rate(0 days)"), None),
            (None, Some("rate(1001 days)"), None),
            (None, Some("rate(10 minutes)"), None),
            (None, Some("rate(-5 days)"), None),
            (None, Some("every day"), None),
            (None, Some("cron(0 10 * * *)"), None),
            (None, Some("cron(30 10 * * ? *)"), None),
            (None, Some("cron(0 * * * ? *)"), None),
            (None, Some("cron(0 0/3 * * ? *)"), None),
            (None, Some("cron(0 10,12 * * ? *)"), None),
            (None, Some("cron(0 10 * * ? 2027)"), None),
            (None, Some("cron(0 10 * * * *)"), None),
            (None, Some("cron(0 10 ? * ? *)"), None),
            (None, Some("cron(0 24 * * ? *)"), None),
            (None, Some("cron(0 10 30 2 ? *)"), None),
            (None, Some("cron(0 10 ? * SUN#6 *)"), None),
            (None, Some("rate(1 day)"), Some("25h")),
            (None, Some("rate(1 day)"), Some("hh")),
            (None, Some("rate(4 hours)"), Some("5h")),
            (None, Some("cron(0 20 * * ? *)"), Some("5h")),
        ]
        .into_iter()
        .map(|(days, expression, duration)| {
            let told = windows(days, expression, duration);
            format!("{} {}: {told}", expression.unwrap_or_default(), duration.unwrap_or_default())
        })
        .collect();
        insta::assert_snapshot!(told.join("\n"), @"
        rate(1 day) : You cannot specify both rotation frequency and schedule expression together.
        rate(3 hours) : Rate in hour should be least 4 and less than 24.
        rate(24 hours) : Rate in hour should be least 4 and less than 24.
        rate(0 days) : Rate in day should be greater than 0 and less than 1000.
        rate(1001 days) : Rate in day should be greater than 0 and less than 1000.
        rate(10 minutes) : Invalid schedule expression.
        rate(-5 days) : Invalid schedule expression.
        every day : Invalid schedule expression.
        cron(0 10 * * *) : Invalid schedule expression.
        cron(30 10 * * ? *) : Invalid schedule expression.
        cron(0 * * * ? *) : Invalid schedule expression.
        cron(0 0/3 * * ? *) : Invalid schedule expression.
        cron(0 10,12 * * ? *) : Invalid schedule expression.
        cron(0 10 * * ? 2027) : Invalid schedule expression.
        cron(0 10 * * * *) : Invalid schedule expression.
        cron(0 10 ? * ? *) : Invalid schedule expression.
        cron(0 24 * * ? *) : Invalid schedule expression.
        cron(0 10 30 2 ? *) : Invalid schedule expression.
        cron(0 10 ? * SUN#6 *) : Invalid schedule expression.
        rate(1 day) 25h: Duration must be at least 1 hour, at most 24 hour.
        rate(1 day) hh: Duration must be at least 1 hour, at most 24 hour.
        rate(4 hours) 5h: Duration cannot be greater than Rate in hour.
        cron(0 20 * * ? *) 5h: Starting hour and duration must be within a day.
        ");
    }
}
