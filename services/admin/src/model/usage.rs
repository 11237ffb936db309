//! How usage is counted: from the event history, which holds every call that was ever answered. Nothing is written for it.

use std::collections::BTreeMap;

use alcazar_core::time::TimestampFormat;
use alcazar_core::{AccountId, Timestamp};
use serde::Deserialize;
use wire_alcazar::shapes::RequestCount;

/// Calls counted by where they went, what they used and what they did.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<Line, Count>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    region: String,
    service: String,
    arn: Option<String>,
    operation: String,
    algorithm: Option<String>,
}

#[derive(Debug, Default)]
struct Count {
    answered: i64,
    failed: i64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// What is read of a record.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_type: String,
    event_name: String,
    event_source: String,
    event_time: String,
    aws_region: String,
    error_code: Option<String>,
    user_identity: Identity,
    #[serde(default)]
    resources: Vec<Resource>,
    request_parameters: Option<Parameters>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    account_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resource {
    #[serde(rename = "ARN")]
    arn: String,
    r#type: String,
}

/// The parameters that a request's price may depend on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    key_pair_spec: Option<String>,
    signing_algorithm: Option<String>,
    encryption_algorithm: Option<String>,
    source_encryption_algorithm: Option<String>,
    key_agreement_algorithm: Option<String>,
    encapsulation_algorithm: Option<String>,
}

impl Counts {
    /// Counts the call of a record, if the account made it: whoever calls pays, also for the use of another's key. What services do by
    /// themselves is no request. A record that is not one of a call is passed over.
    /// Source: AWS KMS pricing, "Key usage", note 2.
    pub(crate) fn count(&mut self, account: AccountId, record: &[u8]) {
        let Ok(event) = serde_json::from_slice::<Event>(record) else { return };
        let ours = event.user_identity.account_id.as_deref() == Some(account.as_str());
        if !ours || event.event_type != "AwsApiCall" {
            return;
        }
        let time = Timestamp::parse(&event.event_time, TimestampFormat::DateTime).ok();
        let (failed, line) = (event.error_code.is_some(), event.line());
        let count = self.0.entry(line).or_default();
        if failed {
            count.failed += 1;
            return;
        }
        count.answered += 1;
        count.first = [count.first, time].into_iter().flatten().min();
        count.last = count.last.max(time);
    }

    /// As they are told.
    pub(crate) fn told(self) -> Vec<RequestCount> {
        let told = |(line, count): (Line, Count)| RequestCount {
            region: Some(line.region),
            service: Some(line.service),
            arn: line.arn,
            operation: Some(line.operation),
            algorithm: line.algorithm,
            answered: Some(count.answered),
            failed: Some(count.failed),
            first_answered_at: count.first,
            last_answered_at: count.last,
        };
        self.0.into_iter().map(told).collect()
    }
}

impl Event {
    fn line(self) -> Line {
        let resource = |event: &Self| {
            let key = event.resources.iter().find(|resource| resource.r#type == "AWS::KMS::Key");
            key.or(event.resources.first()).map(|resource| resource.arn.clone())
        };
        Line {
            arn: resource(&self),
            region: self.aws_region,
            service: self.event_source,
            operation: self.event_name,
            algorithm: self.request_parameters.and_then(Parameters::algorithm),
        }
    }
}

impl Parameters {
    fn algorithm(self) -> Option<String> {
        self.key_pair_spec
            .or(self.signing_algorithm)
            .or(self.encryption_algorithm)
            .or(self.source_encryption_algorithm)
            .or(self.key_agreement_algorithm)
            .or(self.encapsulation_algorithm)
    }
}
