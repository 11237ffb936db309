//! LookupEvents: the management events of the last 90 days in this account and Region, newest first, the previous call's included.
//!
//! At most one lookup attribute; 50 events a page unless fewer are asked for.
//! Source: CloudTrail API reference, `LookupEvents`.

use std::borrow::Cow;
use std::time::Duration;

use alcazar_core::Timestamp;
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use alcazar_store::{Attribute, Key, KeyWriter, Position, RecordClass, RecordCursor, RecordQuery};
use wire_cloudtrail as wire;
use wire_cloudtrail::enums::{EventCategory, LookupAttributeKey};

use crate::model::event;

pub(crate) struct LookupEvents;

/// How far back the event history goes.
const HISTORY: Duration = Duration::from_secs(90 * 24 * 3600);

const PAGE: i32 = 50;

impl Operation for LookupEvents {
    type Shape = wire::LookupEvents;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let history = Guard::any(view.account());
        Ok(Located::new(()).need(wire::actions::LOOKUP_EVENTS, history, alcazar_core::NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let query = query(&call)?;
        let page = call.view().records(&query).await?;
        let next_token = match page.records.last() {
            Some((cursor, _)) if page.more => {
                Some(call.page_token(&filters(call.input()), &cursor_key(*cursor))?)
            }
            _ => None,
        };
        let events = page.records.iter().map(|(_, record)| event(record)).collect();
        call.answer(wire::LookupEventsResponse { events: Some(events), next_token }).await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"MaxResults": 1}"# }
    }
}

fn query(call: &Call<LookupEvents>) -> Result<RecordQuery, Refusal<wire::LookupEvents>> {
    let input = call.input();
    if let (Some(from), Some(to)) = (input.start_time, input.end_time)
        && from > to
    {
        let message = "The start time must be before the end time.";
        return Err(wire::InvalidTimeRangeException::new(message).into());
    }
    let after = match &input.next_token {
        None => None,
        Some(token) => Some(
            call.page_after(&filters(input), token)
                .and_then(|key| cursor_of(&key))
                .ok_or_else(|| wire::InvalidNextTokenException::new("The NextToken is invalid."))?,
        ),
    };
    let insight = input.event_category == Some(EventCategory::Insight);
    Ok(RecordQuery {
        class: if insight { RecordClass::Insight } else { RecordClass::Management },
        account: call.account(),
        region: Some(call.region()),
        from: Some(input.start_time.unwrap_or_default().max(call.now().minus(HISTORY))),
        to: input.end_time,
        attribute: attribute(input)?,
        after,
        limit: input.max_results.unwrap_or(PAGE).clamp(1, PAGE) as usize,
    })
}

fn attribute(
    input: &wire::LookupEventsRequest,
) -> Result<Option<(Attribute, Cow<'static, str>)>, Refusal<wire::LookupEvents>> {
    match input.lookup_attributes.as_deref().unwrap_or_default() {
        [] => Ok(None),
        [one] => Ok(Some((kind(one.attribute_key), one.attribute_value.clone().into()))),
        _ => {
            let message = "You can specify only one lookup attribute.";
            Err(wire::InvalidLookupAttributesException::new(message).into())
        }
    }
}

fn kind(key: LookupAttributeKey) -> Attribute {
    match key {
        LookupAttributeKey::EventId => Attribute::EventId,
        LookupAttributeKey::EventName => Attribute::EventName,
        LookupAttributeKey::ReadOnly => Attribute::ReadOnly,
        LookupAttributeKey::Username => Attribute::Username,
        LookupAttributeKey::ResourceType => Attribute::ResourceType,
        LookupAttributeKey::ResourceName => Attribute::ResourceName,
        LookupAttributeKey::EventSource => Attribute::EventSource,
        LookupAttributeKey::AccessKeyId => Attribute::AccessKeyId,
    }
}

/// What the next page's call must repeat.
fn filters(input: &wire::LookupEventsRequest) -> String {
    let time = |time: Option<Timestamp>| time.map(Timestamp::millis);
    let (attributes, category) = (&input.lookup_attributes, input.event_category);
    format!("{attributes:?}/{category:?}/{:?}/{:?}", time(input.start_time), time(input.end_time))
}

fn cursor_key(RecordCursor(Position(position), index): RecordCursor) -> Key {
    KeyWriter::new().part(&position.to_be_bytes()).part(&index.to_be_bytes()).finish()
}

fn cursor_of(key: &Key) -> Option<RecordCursor> {
    let parts = key.parts()?;
    let [position, index] = parts.as_slice() else { return None };
    let position = u64::from_be_bytes(position.as_slice().try_into().ok()?);
    Some(RecordCursor(Position(position), u32::from_be_bytes(index.as_slice().try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn the_previous_call_is_in_the_history_and_pages_go_on_where_they_ended() {
        let world = World::of(&[crate::SERVICE]).await;
        for _ in 0..3 {
            let _ = world.call("cloudtrail:LookupEvents", r#"{"MaxResults": 1}"#).await.ok();
        }
        let first = world.call("cloudtrail:LookupEvents", r#"{"MaxResults": 2}"#).await.ok();
        assert_eq!(first.json()["Events"].as_array().map(Vec::len), Some(2));
        let token = first.text("/NextToken");
        let next = format!(r#"{{"MaxResults": 2, "NextToken": "{token}"}}"#);
        let second = world.call("cloudtrail:LookupEvents", &next).await.ok();
        assert_eq!(
            second.json()["Events"].as_array().map(Vec::len),
            Some(1),
            "the page began at the first call's place"
        );
        assert!(second.json().get("NextToken").is_none());
    }

    #[tokio::test]
    async fn a_token_of_another_filter_is_refused() {
        let world = World::of(&[crate::SERVICE]).await;
        let _ = world.call("cloudtrail:LookupEvents", "{}").await.ok();
        let _ = world.call("cloudtrail:LookupEvents", "{}").await.ok();
        let token =
            world.call("cloudtrail:LookupEvents", r#"{"MaxResults": 1}"#).await.ok().text("/NextToken");
        let attribute = r#"[{"AttributeKey": "EventName", "AttributeValue": "Encrypt"}]"#;
        let input = format!(r#"{{"NextToken": "{token}", "LookupAttributes": {attribute}}}"#);
        let answer = world.call("cloudtrail:LookupEvents", &input).await;
        assert_eq!((answer.status, answer.text("/__type")), (400, "InvalidNextTokenException".to_owned()));
    }

    #[tokio::test]
    async fn two_lookup_attributes_are_refused() {
        let world = World::of(&[crate::SERVICE]).await;
        let one = r#"{"AttributeKey": "EventName", "AttributeValue": "Encrypt"}"#;
        let input = format!(r#"{{"LookupAttributes": [{one}, {one}]}}"#);
        let answer = world.call("cloudtrail:LookupEvents", &input).await;
        assert_eq!(
            (answer.status, answer.text("/__type")),
            (400, "InvalidLookupAttributesException".to_owned())
        );
    }
}
