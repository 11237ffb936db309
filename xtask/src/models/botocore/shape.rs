//! The published form of a shape, its members and references.

use super::Ordered;
use crate::models::reduced::{Error, Kind, Member, Namespace, Reference, Shape};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Number;

/// A shape as published.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SourceShape {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    members: Ordered<SourceMember>,
    member: Option<SourceReference>,
    key: Option<SourceReference>,
    value: Option<SourceReference>,
    min: Option<Number>,
    max: Option<Number>,
    pattern: Option<String>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
    #[serde(default)]
    sensitive: bool,
    timestamp_format: Option<String>,
    #[serde(default, rename = "box")]
    boxed: bool,
    #[serde(default)]
    flattened: bool,
    location_name: Option<String>,
    xml_namespace: Option<Namespace>,
    #[serde(default)]
    xml_order: Vec<String>,
    payload: Option<String>,
    #[serde(default)]
    union: bool,
    #[serde(default)]
    document: bool,
    #[serde(default)]
    streaming: bool,
    #[serde(default)]
    eventstream: bool,
    #[serde(default)]
    event: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    exception: bool,
    #[serde(default)]
    fault: bool,
    error: Option<SourceError>,
    retryable: Option<Retryable>,
    #[serde(rename = "documentation")]
    _documentation: Option<IgnoredAny>,
    #[serde(rename = "deprecatedMessage")]
    _deprecated_message: Option<IgnoredAny>,
    #[serde(rename = "deprecatedSince")]
    _deprecated_since: Option<IgnoredAny>,
    /// The shape was made by the tool that wrote the model.
    #[serde(rename = "synthetic")]
    _synthetic: Option<IgnoredAny>,
    /// Of older generators; no client reads it.
    #[serde(rename = "wrapper")]
    _wrapper: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceError {
    code: Option<String>,
    http_status_code: Option<u16>,
    #[serde(default)]
    sender_fault: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retryable {
    #[serde(default)]
    throttling: bool,
}

impl SourceShape {
    pub(super) fn reduce(self) -> Shape {
        let error = (self.exception || self.error.is_some()).then(|| Error {
            fault: self.fault,
            retryable: self.retryable.is_some(),
            throttling: self.retryable.is_some_and(|retryable| retryable.throttling),
            ..self.error.map(SourceError::reduce).unwrap_or_default()
        });
        let members = self.members.0.into_iter();
        Shape {
            kind: self.kind,
            members: members.map(|(name, member)| member.reduce(name, &self.required)).collect(),
            member: self.member.map(SourceReference::reduce),
            key: self.key.map(SourceReference::reduce),
            value: self.value.map(SourceReference::reduce),
            min: self.min,
            max: self.max,
            pattern: self.pattern,
            values: self.values,
            sensitive: self.sensitive,
            timestamp_format: self.timestamp_format,
            boxed: self.boxed,
            flattened: self.flattened,
            location_name: self.location_name,
            xml_namespace: self.xml_namespace,
            xml_order: self.xml_order,
            payload: self.payload,
            union: self.union,
            document: self.document,
            streaming: self.streaming,
            eventstream: self.eventstream,
            event: self.event,
            deprecated: self.deprecated,
            error,
        }
    }
}

impl SourceError {
    fn reduce(self) -> Error {
        Error {
            code: self.code,
            status: self.http_status_code,
            sender_fault: self.sender_fault,
            ..Error::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceMember {
    shape: String,
    location: Option<String>,
    location_name: Option<String>,
    query_name: Option<String>,
    xml_namespace: Option<Namespace>,
    #[serde(default)]
    xml_attribute: bool,
    #[serde(default)]
    flattened: bool,
    #[serde(default)]
    streaming: bool,
    #[serde(default, rename = "box")]
    boxed: bool,
    #[serde(default)]
    idempotency_token: bool,
    #[serde(default)]
    host_label: bool,
    #[serde(default)]
    jsonvalue: bool,
    #[serde(default)]
    eventheader: bool,
    #[serde(default)]
    eventpayload: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(rename = "documentation")]
    _documentation: Option<IgnoredAny>,
    #[serde(rename = "deprecatedMessage")]
    _deprecated_message: Option<IgnoredAny>,
    #[serde(rename = "deprecatedSince")]
    _deprecated_since: Option<IgnoredAny>,
    #[serde(rename = "contextParam")]
    _context: Option<IgnoredAny>,
    /// Twice in API Gateway v2, on members whose shape is any string; no client honours it.
    #[serde(rename = "enum")]
    _values: Option<IgnoredAny>,
}

impl SourceMember {
    fn reduce(self, name: String, required: &[String]) -> Member {
        Member {
            required: required.contains(&name),
            location_name: self.location_name.filter(|wire| *wire != name),
            name,
            shape: self.shape,
            location: self.location,
            query_name: self.query_name,
            xml_namespace: self.xml_namespace,
            xml_attribute: self.xml_attribute,
            flattened: self.flattened,
            streaming: self.streaming,
            boxed: self.boxed,
            idempotency_token: self.idempotency_token,
            host_label: self.host_label,
            json_value: self.jsonvalue,
            event_header: self.eventheader,
            event_payload: self.eventpayload,
            deprecated: self.deprecated,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceReference {
    shape: String,
    location_name: Option<String>,
    #[serde(rename = "documentation")]
    _documentation: Option<IgnoredAny>,
}

impl SourceReference {
    fn reduce(self) -> Reference {
        Reference { shape: self.shape, location_name: self.location_name }
    }
}
