use std::fmt;

use alcazar_core::{Arn, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event of an account's bus without what the bus adds: its id, and the version of its form.
/// Source: Amazon EventBridge Events Reference, "Event structure".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusEvent {
    /// `aws.ssm`.
    pub source: String,
    /// `Parameter Store Change`.
    pub detail_type: String,
    /// Whose bus.
    pub account: String,
    /// In which Region.
    pub region: String,
    /// When it happened, on the services' clock.
    pub time: Timestamp,
    /// What it is about.
    pub resources: Vec<Arn>,
    /// A JSON object.
    pub detail: String,
}

/// A fact's body that is no event of the bus.
#[derive(Debug)]
pub struct Unreadable(Box<dyn std::error::Error + Send + Sync>);

impl BusEvent {
    /// What a service tells of something that belongs to an account in a Region: its ARN says to which.
    pub fn of(
        source: &'static str,
        detail_type: &'static str,
        resource: &Arn,
        time: Timestamp,
        detail: &Value,
    ) -> Self {
        Self {
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            account: resource.account().to_owned(),
            region: resource.region().to_owned(),
            time,
            resources: vec![resource.clone()],
            detail: detail.to_string(),
        }
    }

    /// As the body of a fact: MessagePack with field names. The fact is named as the event's type.
    ///
    /// # Errors
    /// When it cannot be written, which no event brings about.
    pub fn body(&self) -> Result<Vec<u8>, Unreadable> {
        rmp_serde::to_vec_named(self).map_err(|error| Unreadable(error.into()))
    }

    /// Reads the body of a fact.
    ///
    /// # Errors
    /// When it is another fact's.
    pub fn read(body: &[u8]) -> Result<Self, Unreadable> {
        rmp_serde::from_slice(body).map_err(|error| Unreadable(error.into()))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event of the bus: {}", self.0)
    }
}

impl std::error::Error for Unreadable {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_written() {
        let arn: Arn = "arn:aws:ssm:eu-west-1:111122223333:parameter/a".parse().unwrap();
        let time = Timestamp::from_seconds(1_795_348_800);
        let event = BusEvent::of("aws.ssm", "Parameter Store Change", &arn, time, &json!({"name": "/a"}));
        assert_eq!((event.account.as_str(), event.region.as_str()), ("111122223333", "eu-west-1"));
        assert_eq!(BusEvent::read(&event.body().unwrap()).unwrap(), event);
        assert!(BusEvent::read(b"another").unwrap_err().to_string().starts_with("an event of the bus: "));
    }
}
