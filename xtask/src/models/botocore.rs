//! The published botocore model of a service, and its reduction to facts.
//!
//! Every trait is named here, those that are dropped too: a trait that nobody has looked at stops the run, so that a
//! newer package cannot lose a fact in silence. Documentation is never kept. The `sdk-extras` files are not read: they
//! change what a client's own code offers, not what travels.

use super::manifest::Chosen;
use super::reduced::{Checksum, Error, Kind, Member, Model, Namespace, Operation, Pages, Reference, Service, Shape};
use crate::Outcome;
use flate2::read::GzDecoder;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::Deserialize;
use serde_json::Number;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// Reduces one service of an unpacked botocore.
pub(super) fn reduce(package: &Path, id: &str, chosen: &Chosen) -> Outcome<Model> {
    let folder = newest(&package.join("botocore/data").join(id))?;
    let source: Source = read(&folder.join("service-2.json"))?;
    let pagination: Pagination = read(&folder.join("paginators-1.json"))?;
    let mut operations = BTreeMap::new();
    for (name, operation) in source.operations.0 {
        let pages = pagination.pagination.get(&name);
        operations.insert(name.clone(), operation.reduce(&name, pages));
    }
    let shapes = source.shapes.0.into_iter().map(|(name, shape)| (name, shape.reduce())).collect();
    Ok(Model { service: source.metadata.reduce(id, chosen), operations, shapes })
}

/// The folder of the latest API version: they are dates.
fn newest(folder: &Path) -> Outcome<PathBuf> {
    let entries = std::fs::read_dir(folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
    let versions: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    versions?.into_iter().max().ok_or_else(|| format!("{}: no version", folder.display()).into())
}

/// Reads a file that the package holds plain or gzipped.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Outcome<T> {
    let packed = path.with_extension("json.gz");
    let mut json = String::new();
    let outcome = match packed.exists() {
        true => File::open(&packed).and_then(|file| GzDecoder::new(file).read_to_string(&mut json)),
        false => File::open(path).and_then(|mut file| file.read_to_string(&mut json)),
    };
    outcome.map_err(|cause| format!("{}: {cause}", path.display()))?;
    serde_json::from_str(&json).map_err(|cause| format!("{}: {cause}", path.display()).into())
}

/// An object whose order is kept: the order of members is the order on the wire.
struct Ordered<T>(Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    metadata: Metadata,
    operations: Ordered<SourceOperation>,
    shapes: Ordered<SourceShape>,
    #[serde(rename = "version")]
    _version: Option<IgnoredAny>,
    #[serde(rename = "documentation")]
    _documentation: Option<IgnoredAny>,
    /// Settings of a client.
    #[serde(rename = "clientContextParams")]
    _client_context: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Metadata {
    api_version: String,
    endpoint_prefix: String,
    signing_name: Option<String>,
    signature_version: String,
    #[serde(default)]
    auth: Vec<String>,
    protocol: String,
    #[serde(default)]
    protocols: Vec<String>,
    service_id: String,
    json_version: Option<String>,
    target_prefix: Option<String>,
    global_endpoint: Option<String>,
    xml_namespace: Option<String>,
    aws_query_compatible: Option<IgnoredAny>,
    checksum_format: Option<String>,
    #[serde(rename = "serviceAbbreviation")]
    _abbreviation: Option<IgnoredAny>,
    #[serde(rename = "serviceFullName")]
    _full_name: Option<IgnoredAny>,
    #[serde(rename = "uid")]
    _uid: Option<IgnoredAny>,
}

impl Metadata {
    fn reduce(self, id: &str, chosen: &Chosen) -> Service {
        let signing_name = self.signing_name.unwrap_or_else(|| self.endpoint_prefix.clone());
        Service {
            id: id.into(),
            service_id: self.service_id,
            api_version: self.api_version,
            iam_prefix: chosen.iam.clone().unwrap_or_else(|| signing_name.clone()),
            signing_name,
            endpoint_prefix: self.endpoint_prefix,
            signature_version: self.signature_version,
            auth: self.auth,
            protocols: if self.protocols.is_empty() { vec![self.protocol] } else { self.protocols },
            json_version: self.json_version,
            target_prefix: self.target_prefix,
            global_endpoint: self.global_endpoint,
            xml_namespace: self.xml_namespace,
            aws_query_compatible: self.aws_query_compatible.is_some(),
            checksum_format: self.checksum_format,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceOperation {
    name: String,
    http: Http,
    input: Option<Endpoint>,
    output: Option<Endpoint>,
    #[serde(default)]
    errors: Vec<Endpoint>,
    #[serde(default)]
    auth: Vec<String>,
    authtype: Option<String>,
    #[serde(default)]
    unsigned_payload: bool,
    endpoint: Option<Host>,
    #[serde(default)]
    readonly: bool,
    #[serde(default)]
    idempotent: bool,
    #[serde(default)]
    deprecated: bool,
    http_checksum: Option<Checksum>,
    #[serde(default)]
    http_checksum_required: bool,
    requestcompression: Option<Compression>,
    #[serde(rename = "documentation")]
    _documentation: Option<IgnoredAny>,
    #[serde(rename = "deprecatedMessage")]
    _deprecated_message: Option<IgnoredAny>,
    #[serde(rename = "deprecatedSince")]
    _deprecated_since: Option<IgnoredAny>,
    /// How a client finds its endpoint.
    #[serde(rename = "staticContextParams")]
    _static_context: Option<IgnoredAny>,
    #[serde(rename = "operationContextParams")]
    _operation_context: Option<IgnoredAny>,
    #[serde(rename = "endpointdiscovery")]
    _endpoint_discovery: Option<IgnoredAny>,
    #[serde(rename = "endpointoperation")]
    _endpoint_operation: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Http {
    method: String,
    request_uri: String,
    response_code: Option<u16>,
}

/// What an operation takes, answers or fails with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Endpoint {
    shape: String,
    location_name: Option<String>,
    xml_namespace: Option<Namespace>,
    result_wrapper: Option<String>,
    #[serde(rename = "documentation")]
    _documentation: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Host {
    host_prefix: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Compression {
    encodings: Vec<String>,
}

impl SourceOperation {
    fn reduce(self, key: &str, pages: Option<&Paginator>) -> Operation {
        let mut errors: Vec<String> = self.errors.into_iter().map(|error| error.shape).collect();
        errors.sort();
        errors.dedup();
        let (input, input_element, input_namespace) = match self.input {
            Some(input) => (Some(input.shape), input.location_name, input.xml_namespace),
            None => (None, None, None),
        };
        let (output, result_wrapper) = match self.output {
            Some(output) => (Some(output.shape), output.result_wrapper),
            None => (None, None),
        };
        Operation {
            wire_name: (self.name != key).then_some(self.name),
            method: self.http.method,
            uri: self.http.request_uri,
            status: self.http.response_code.filter(|status| *status != 200),
            input,
            input_element,
            input_namespace,
            output,
            result_wrapper,
            errors,
            unsigned: self.authtype.as_deref() == Some("none"),
            unsigned_payload: self.unsigned_payload,
            auth: self.auth,
            host_prefix: self.endpoint.map(|endpoint| endpoint.host_prefix),
            readonly: self.readonly,
            idempotent: self.idempotent,
            deprecated: self.deprecated,
            checksum: self.http_checksum,
            checksum_required: self.http_checksum_required,
            request_compression: self.requestcompression.map(|c| c.encodings).unwrap_or_default(),
            pages: pages.map(Paginator::reduce),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceShape {
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
    fn reduce(self) -> Shape {
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

#[derive(Deserialize)]
struct Pagination {
    #[serde(default)]
    pagination: BTreeMap<String, Paginator>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paginator {
    input_token: Names,
    output_token: Names,
    limit_key: Option<String>,
    more_results: Option<String>,
    result_key: Option<Names>,
    /// What a client keeps from the first page only.
    #[serde(rename = "non_aggregate_keys")]
    _non_aggregate: Option<IgnoredAny>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

impl Names {
    fn list(&self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name.clone()],
            Self::Many(names) => names.clone(),
        }
    }
}

impl Paginator {
    fn reduce(&self) -> Pages {
        Pages {
            input: self.input_token.list(),
            output: self.output_token.list(),
            limit: self.limit_key.clone(),
            more: self.more_results.clone(),
            results: self.result_key.as_ref().map(Names::list).unwrap_or_default(),
        }
    }
}
