//! A month's usage, and what AWS would have charged for it. All in whole millionths of a dollar.

mod month;
mod prices;
mod told;

use std::collections::BTreeMap;

use alcazar_core::Timestamp;
use serde::Deserialize;
use serde_json::{Number, Value};

pub(crate) use month::Month;
use month::begun_hours;
use prices::{Class, FREE_REQUESTS, Micros, a_month, prorated};

/// The usage of an account in a month, as the pages of GetUsage tell it.
#[derive(Debug)]
pub(crate) struct Usage {
    account: String,
    month: Month,
    /// Until when it is told: the month's end, or now.
    to: Timestamp,
    holdings: Vec<Holding>,
    requests: Vec<Requests>,
}

/// What the account pays.
#[derive(Debug)]
pub(crate) struct Bill {
    account: String,
    month: Month,
    to: Timestamp,
    /// By ARN; calls about nothing in particular by Region.
    resources: BTreeMap<String, Resource>,
    free_tier: Micros,
    total: Micros,
    failed: u64,
}

/// What one resource costs.
#[derive(Debug, Default)]
struct Resource {
    /// What is kept of it: kind, begun hours, cost.
    kept: Vec<(String, u64, Micros)>,
    /// Its requests by operation: how many, and what they cost.
    operations: BTreeMap<String, (u64, Micros)>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Holding {
    arn: String,
    kind: String,
    spec: Option<String>,
    since: Number,
    until: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Requests {
    region: String,
    service: String,
    arn: Option<String>,
    operation: String,
    algorithm: Option<String>,
    answered: u64,
    failed: u64,
    first_answered_at: Option<Number>,
    last_answered_at: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    account_id: String,
    from: Number,
    to: Number,
    holdings: Vec<Holding>,
    requests: Vec<Requests>,
}

impl Usage {
    /// Of the pages of GetUsage's answer, each as the server sent it.
    ///
    /// # Errors
    /// In words for the user, when they are not what GetUsage answers.
    pub(crate) fn of(pages: Vec<Value>) -> Result<Self, String> {
        let mut usage: Option<Self> = None;
        for page in pages {
            let page: Page = serde_json::from_value(page).map_err(|error| format!("GetUsage: {error}"))?;
            let from = moment(&page.from).ok_or("GetUsage: From is no moment")?;
            let to = moment(&page.to).ok_or("GetUsage: To is no moment")?;
            let usage = usage.get_or_insert(Self {
                account: page.account_id,
                month: Month::of(from).ok_or("GetUsage: From is in no month")?,
                to,
                holdings: Vec::new(),
                requests: Vec::new(),
            });
            usage.holdings.extend(page.holdings);
            usage.requests.extend(page.requests);
        }
        usage.ok_or_else(|| "GetUsage: no page".to_owned())
    }

    /// What AWS would have charged for it so far.
    pub(crate) fn bill(&self) -> Bill {
        let mut bill = Bill {
            account: self.account.clone(),
            month: self.month,
            to: self.to,
            resources: BTreeMap::new(),
            free_tier: 0,
            total: 0,
            failed: 0,
        };
        for held in &self.holdings {
            let until = held.until.as_ref().and_then(moment).unwrap_or(self.to);
            bill.keep(&held.arn, &held.kind, moment(&held.since).unwrap_or(self.month.from), until);
        }
        let known: BTreeMap<&str, &Holding> =
            self.holdings.iter().map(|held| (held.arn.as_str(), held)).collect();
        for (arn, (kind, since, until)) in self.gone(&known) {
            bill.keep(arn, kind, since, until);
        }
        let mut symmetric = 0;
        for requests in &self.requests {
            let held = requests.arn.as_deref().and_then(|arn| known.get(arn).copied());
            let class = requests.class(held);
            bill.failed += requests.failed;
            if class == Class::Symmetric {
                symmetric += requests.answered;
            }
            bill.ask(requests, class);
        }
        bill.free_tier = symmetric.min(FREE_REQUESTS) * Class::Symmetric.price();
        bill.total = bill.resources.values().map(Resource::cost).sum::<Micros>() - bill.free_tier;
        bill
    }

    /// The keys and secrets that no longer exist: their rows are gone, but the calls that ended their time are known, and those that began it
    /// if they were this month's. Kind, beginning and end by ARN.
    fn gone(&self, known: &BTreeMap<&str, &Holding>) -> BTreeMap<&str, (&'static str, Timestamp, Timestamp)> {
        let mut gone = BTreeMap::new();
        for requests in &self.requests {
            let kind = match requests.operation.as_str() {
                "ScheduleKeyDeletion" => "Key",
                "DeleteSecret" => "Secret",
                _ => continue,
            };
            let (Some(arn), Some(end)) = (&requests.arn, requests.last_answered_at.as_ref().and_then(moment))
            else {
                continue;
            };
            if !known.contains_key(arn.as_str()) {
                let times = gone.entry(arn.as_str()).or_insert((kind, self.month.from, end));
                times.2 = times.2.max(end);
            }
        }
        for requests in &self.requests {
            let begins = ["CreateKey", "ReplicateKey", "CreateSecret"].contains(&requests.operation.as_str());
            let first = requests.first_answered_at.as_ref().and_then(moment);
            if let (true, Some(arn), Some(first)) = (begins, requests.arn.as_deref(), first)
                && let Some(times) = gone.get_mut(arn)
            {
                times.1 = first;
            }
        }
        gone
    }
}

impl Bill {
    /// Adds what is kept, as far as it was in the month.
    fn keep(&mut self, arn: &str, kind: &str, since: Timestamp, until: Timestamp) {
        let (since, until) = (since.max(self.month.from), until.min(self.to).min(self.month.end));
        let hours = begun_hours(since, until);
        let cost = prorated(a_month(kind), hours, self.month.hours());
        if hours > 0 && a_month(kind) > 0 {
            let resource = self.resources.entry(arn.to_owned()).or_default();
            resource.kept.push((kind.to_owned(), hours, cost));
        }
    }

    fn ask(&mut self, requests: &Requests, class: Class) {
        if requests.answered == 0 {
            return;
        }
        let nothing = || format!("no resource, {}, {}", requests.service, requests.region);
        let name = requests.arn.clone().unwrap_or_else(nothing);
        let resource = self.resources.entry(name).or_default();
        let (count, cost) = resource.operations.entry(requests.operation.clone()).or_default();
        *count += requests.answered;
        *cost += requests.answered * class.price();
    }
}

impl Resource {
    fn cost(&self) -> Micros {
        let kept: Micros = self.kept.iter().map(|(_, _, cost)| cost).sum();
        kept + self.operations.values().map(|(_, cost)| cost).sum::<Micros>()
    }
}

impl Requests {
    fn class(&self, held: Option<&Holding>) -> Class {
        match self.service.as_str() {
            "kms.amazonaws.com" => {
                let spec = held.and_then(|held| held.spec.as_deref());
                Class::of_kms(&self.operation, spec, self.algorithm.as_deref())
            }
            "secretsmanager.amazonaws.com" => Class::SecretsManager,
            "ssm.amazonaws.com" if held.is_some() => Class::AdvancedParameter,
            _ => Class::Free,
        }
    }
}

/// A moment as JSON carries it.
fn moment(number: &Number) -> Option<Timestamp> {
    Timestamp::from_epoch(number.as_f64()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 2026-11-01T00:00:00Z.
    const FROM: i64 = 1_793_491_200;
    const DAY: i64 = 86_400;

    fn key(name: &str) -> String {
        format!("arn:aws:kms:us-east-1:111122223333:key/{name}")
    }

    fn request(arn: &str, operation: &str, answered: u64, first: i64, last: i64) -> Value {
        json!({
            "Region": "us-east-1", "Service": "kms.amazonaws.com", "Arn": arn, "Operation": operation,
            "Answered": answered, "Failed": 1, "FirstAnsweredAt": first, "LastAnsweredAt": last,
        })
    }

    fn bill(to: i64, holdings: &Value, requests: &Value) -> Bill {
        let page = json!({"AccountId": "111122223333", "From": FROM, "To": to, "Holdings": holdings, "Requests": requests});
        Usage::of(vec![page]).unwrap().bill()
    }

    #[test]
    fn keys_cost_by_the_hour_and_requests_beyond_the_free_ones_by_the_piece() {
        let held = json!([
            {"Arn": key("a"), "Kind": "Key", "Spec": "SYMMETRIC_DEFAULT", "Since": 5},
            {"Arn": key("a"), "Kind": "KeyRotation", "Spec": "SYMMETRIC_DEFAULT", "Since": FROM + 15 * DAY},
            {"Arn": key("b"), "Kind": "Key", "Spec": "RSA_4096", "Since": 5, "Until": FROM + 3 * DAY},
            {"Arn": key("c"), "Kind": "ManagedKey", "Spec": "SYMMETRIC_DEFAULT", "Since": 5},
            {"Arn": key("d"), "Kind": "Key", "Spec": "RSA_2048", "Since": 5, "Until": 6},
        ]);
        let requests = json!([
            request(&key("a"), "Encrypt", 25_000, FROM, FROM),
            request(&key("b"), "Sign", 2, FROM, FROM),
            request(&key("c"), "Decrypt", 1, FROM, FROM),
            request(&key("d"), "Sign", 1, FROM, FROM),
        ]);
        let bill = bill(FROM + 30 * DAY, &held, &requests);
        let cost = |name: &str| bill.resources.get(&key(name)).map(Resource::cost);
        assert_eq!(cost("a"), Some(1_000_000 + 500_000 + 75_000));
        assert_eq!(cost("b"), Some(100_000 + 30));
        assert_eq!(cost("c"), Some(3));
        assert_eq!(cost("d"), Some(3));
        assert_eq!(bill.free_tier, 60_000);
        assert_eq!(bill.total, 1_575_000 + 100_030 + 3 + 3 - 60_000);
        assert_eq!(bill.failed, 4);
    }

    #[test]
    fn a_key_that_is_gone_is_charged_for_until_its_deletion_was_asked_for() {
        let requests = json!([
            request(&key("old"), "ScheduleKeyDeletion", 1, FROM + DAY, FROM + DAY),
            request(&key("new"), "CreateKey", 1, FROM + 2 * DAY, FROM + 2 * DAY),
            request(&key("new"), "ScheduleKeyDeletion", 2, FROM + 2 * DAY, FROM + 5 * DAY),
        ]);
        let bill = bill(FROM + 29 * DAY, &json!([]), &requests);
        let hours = |name: &str| bill.resources.get(&key(name)).and_then(|it| it.kept.first()).map(|it| it.1);
        assert_eq!(hours("old"), Some(24));
        assert_eq!(hours("new"), Some(72));
    }

    #[test]
    fn a_month_that_is_not_over_is_charged_so_far() {
        let held = json!([{"Arn": key("a"), "Kind": "Key", "Spec": "SYMMETRIC_DEFAULT", "Since": 5}]);
        assert_eq!(bill(FROM + 3 * DAY, &held, &json!([])).total, 100_000);
        assert_eq!(bill(FROM + 29 * DAY + 1, &held, &json!([])).total, 968_056);
    }
}
