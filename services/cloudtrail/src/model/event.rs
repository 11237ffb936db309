use alcazar_core::Timestamp;
use alcazar_core::time::TimestampFormat;
use serde_json::Value;
use wire_cloudtrail::shapes::{Event, Resource};

/// A stored record as LookupEvents tells it: the record itself as text, and what it can be looked up by beside it.
/// A record that is no JSON is told as text alone; the corridor never writes one.
pub(crate) fn event(record: &[u8]) -> Event {
    let record_text = String::from_utf8_lossy(record).into_owned();
    let parsed: Value = serde_json::from_slice(record).unwrap_or_default();
    let text = |pointer: &str| parsed.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let time = text("/eventTime").and_then(|time| Timestamp::parse(&time, TimestampFormat::DateTime).ok());
    Event {
        event_id: text("/eventID"),
        event_name: text("/eventName"),
        read_only: parsed.get("readOnly").and_then(Value::as_bool).map(|read_only| read_only.to_string()),
        access_key_id: text("/userIdentity/accessKeyId"),
        event_time: time,
        event_source: text("/eventSource"),
        username: user_name(&parsed),
        resources: Some(resources(&parsed)),
        cloud_trail_event: Some(record_text),
    }
}

/// The user's name, the session's, or `root`. Source: CloudTrail User Guide, "Viewing recent management events", User name.
fn user_name(record: &Value) -> Option<String> {
    let identity = record.get("userIdentity")?;
    let text = |name: &str| identity.get(name).and_then(Value::as_str);
    match text("type")? {
        "Root" => Some("root".to_owned()),
        "IAMUser" => text("userName").map(str::to_owned),
        // The principal's id ends in the session's name: `AROA...:session`.
        _ => text("principalId")?.split_once(':').map(|(_, session)| session.to_owned()),
    }
}

fn resources(record: &Value) -> Vec<Resource> {
    let listed = record.get("resources").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |resource: &Value, name: &str| resource.get(name).and_then(Value::as_str).map(str::to_owned);
    listed
        .iter()
        .map(|resource| Resource {
            resource_type: text(resource, "type"),
            resource_name: text(resource, "ARN"),
        })
        .collect()
}
