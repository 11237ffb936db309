//! A bill as it is printed: a table, or JSON.

use std::fmt;

use serde_json::{Value, json};

use super::prices::{AS_OF, FREE_REQUESTS, Micros, dollars};
use super::{Bill, Resource};

/// What a reader must know who compares it with a bill of AWS.
const NOT_COUNTED: [&str; 8] = [
    "calls older than ninety days: the event history forgets them",
    "calls that were refused: that AWS charges for answered ones alone is assumed",
    "rotations of keys that are gone; replicas of secrets, and advanced parameters, that are gone",
    "the size of an RSA key that is gone or another account's: the dearer price is taken",
    "a parameter's advanced time before the oldest version that is kept; its higher throughput",
    "what other Regions than US East (N. Virginia) cost more; tax, discounts, trials",
    "the hosts of custom key stores: CloudHSM, or the proxy",
    "other services than KMS, Secrets Manager and Parameter Store",
];

impl Bill {
    /// As JSON. Amounts are text, in dollars, to the millionth.
    pub(crate) fn json(&self) -> Value {
        let resources: Vec<Value> =
            self.resources.iter().map(|(name, resource)| told(name, resource)).collect();
        json!({
            "AccountId": self.account,
            "Month": self.month.name(),
            "From": self.month.from.to_string(),
            "To": self.to.to_string(),
            "Currency": "USD",
            "PricesAsOf": AS_OF,
            "Resources": resources,
            "FreeTier": dollars(self.free_tier),
            "Total": dollars(self.total),
            "FailedRequests": self.failed,
            "NotCounted": NOT_COUNTED,
        })
    }

    /// The rows of the table: resource, what, how much of it, cost.
    fn rows(&self) -> Vec<[String; 4]> {
        let mut rows = Vec::new();
        for (name, resource) in &self.resources {
            let mut name = name.clone();
            let kept = resource.kept.iter().map(|(kind, hours, cost)| (kind, format!("{hours} h"), cost));
            let asked =
                resource.operations.iter().map(|(name, (count, cost))| (name, count.to_string(), cost));
            for (what, much, cost) in kept.chain(asked) {
                rows.push([std::mem::take(&mut name), what.clone(), much, dollars(*cost)]);
            }
        }
        rows
    }
}

fn told(name: &str, resource: &Resource) -> Value {
    let line = |what: &str, key: &str, count: u64, cost: Micros| json!({ what: key, if what == "Kind" { "Hours" } else { "Requests" }: count, "Cost": dollars(cost) });
    let kept: Vec<Value> =
        resource.kept.iter().map(|(kind, hours, cost)| line("Kind", kind, *hours, *cost)).collect();
    let asked = resource.operations.iter();
    let asked: Vec<Value> =
        asked.map(|(name, (count, cost))| line("Operation", name, *count, *cost)).collect();
    json!({ "Resource": name, "Kept": kept, "Operations": asked, "Cost": dollars(resource.cost()) })
}

impl fmt::Display for Bill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (account, from, to) = (&self.account, self.month.from, self.to);
        writeln!(f, "Account {account}, {from} to {to}, in US dollars as AWS charges (prices of {AS_OF})\n")?;
        let heads = ["RESOURCE", "OPERATION OR THING KEPT", "REQUESTS OR HOURS", "COST"].map(str::to_owned);
        let mut rows = vec![heads];
        rows.extend(self.rows());
        let free = format!("first {FREE_REQUESTS} KMS requests with symmetric keys");
        rows.push(["free tier".to_owned(), free, String::new(), format!("-{}", dollars(self.free_tier))]);
        rows.push(["total".to_owned(), String::new(), String::new(), dollars(self.total)]);
        let mut widths = [0; 4];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let [first, second, third, fourth] = widths;
        for [name, what, much, cost] in &rows {
            writeln!(f, "{name:first$}  {what:second$}  {much:>third$}  {cost:>fourth$}")?;
        }
        writeln!(f, "\n{} requests were refused and cost nothing here. Not counted:", self.failed)?;
        NOT_COUNTED.iter().try_for_each(|what| writeln!(f, "- {what}"))
    }
}
