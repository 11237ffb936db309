//! The published form of an operation and of its paginator.

use crate::models::reduced::{Checksum, Namespace, Operation, Pages};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// An operation as published.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SourceOperation {
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
    pub(super) fn reduce(self, key: &str, pages: Option<&Paginator>) -> Operation {
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

/// How clients page through an operation, as published.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paginator {
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
