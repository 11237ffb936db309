//! Which service, protocol and operation a request is for: by model, with no name of a service in the code.

mod error;
mod template;

use std::collections::HashMap;

use alcazar_core::schema::{Operation, Protocol, Service};
use http::HeaderMap;

pub use error::RoutingError;
pub(crate) use template::Template;

use crate::{Label, RequestParts, form};

/// A service with the operations of its model.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The service.
    pub service: &'static Service,
    /// Its operations.
    pub operations: &'a [&'static Operation],
}

/// Finds what a request is for. Made once; asking it allocates next to nothing.
#[derive(Debug)]
pub struct Router {
    services: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    service: &'static Service,
    by_name: HashMap<&'static str, &'static Operation>,
    /// Of the REST protocols, the most specific first.
    templates: Vec<(Template, &'static Operation)>,
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub struct Route<'a> {
    /// The service.
    pub service: &'static Service,
    /// The protocol that the client picked.
    pub protocol: Protocol,
    /// The operation.
    pub operation: &'static Operation,
    /// What the labels of its path hold.
    pub labels: Vec<Label<'a>>,
}

impl Router {
    /// A router over these services.
    pub fn new(targets: &[Target<'_>]) -> Self {
        Self { services: targets.iter().map(Entry::new).collect() }
    }

    /// Finds the operation. `host` is the Host header; `signing_name` is that of the credential scope, absent in an
    /// unsigned request.
    ///
    /// The protocol shows in the request itself: RPC v2 by its header `smithy-protocol`, awsJson by
    /// `X-Amz-Target`, the query protocols by `Action` in a form or query string, and what is left is REST.
    ///
    /// # Errors
    /// When no operation is meant, each reason in its own variant.
    pub fn route<'a>(
        &self,
        host: &str,
        signing_name: Option<&str>,
        request: &RequestParts<'a>,
    ) -> Result<Route<'a>, RoutingError> {
        // The header decides, not the path: an object of S3 may be called `service/a/operation/b`.
        if request.headers.contains_key("smithy-protocol") {
            let unknown = RoutingError::UnknownPath { service: None };
            let (service, operation) = rpc_path(request.path).ok_or(unknown)?;
            return self.rpc(signing_name, request, service, operation);
        }
        if let Some(target) = request.headers.get("x-amz-target") {
            let target = target.to_str().unwrap_or_default();
            return self.target(signing_name, request.headers, target);
        }
        let candidates = self.candidates(host, signing_name);
        let speaks = |protocols: &[Protocol]| {
            candidates.iter().copied().filter(|entry| entry.speaks_any(protocols)).collect::<Vec<_>>()
        };
        let query = speaks(&QUERY);
        let action = parameter(request, "Action");
        let form = is_form(request.headers);
        if !query.is_empty() && (form || action.is_some()) {
            return Self::query(&query, request, action.as_deref());
        }
        let rest = speaks(&REST);
        if rest.is_empty() {
            return Err(Self::unspoken(&candidates, request));
        }
        Self::rest(&rest, request)
    }

    /// The services of that signing name, those of that host among them if any; all where neither is known.
    fn candidates(&self, host: &str, signing_name: Option<&str>) -> Vec<&Entry> {
        let signed = |entry: &&Entry| signing_name.is_none_or(|name| entry.service.signing_name == name);
        let all: Vec<&Entry> = self.services.iter().filter(signed).collect();
        let hosted: Vec<&Entry> =
            all.iter().copied().filter(|entry| is_host_of(host, entry.service)).collect();
        if hosted.is_empty() { all } else { hosted }
    }

    fn rpc<'a>(
        &self,
        signing_name: Option<&str>,
        request: &RequestParts<'a>,
        name: &str,
        operation: &str,
    ) -> Result<Route<'a>, RoutingError> {
        let protocol = Protocol::RpcV2Cbor;
        let spoken = |entry: &&Entry| entry.service.protocols.contains(&protocol) && entry.is_called(name);
        let entry = self.one(signing_name, spoken).ok_or(RoutingError::UnknownService)?;
        let named = request.headers.get("smithy-protocol").map(|value| value.as_bytes());
        let media_type = media_type(request.headers);
        // A request without a body carries no content type.
        let fits = named == Some(b"rpc-v2-cbor") && matches!(media_type, "application/cbor" | "");
        if !fits {
            return Err(RoutingError::WrongContentType { service: entry.service, protocol });
        }
        entry.operation(protocol, operation)
    }

    fn target<'a>(
        &self,
        signing_name: Option<&str>,
        headers: &HeaderMap,
        target: &str,
    ) -> Result<Route<'a>, RoutingError> {
        let version = match media_type(headers) {
            "application/x-amz-json-1.0" => Some(Protocol::AwsJson10),
            "application/x-amz-json-1.1" => Some(Protocol::AwsJson11),
            _ => None,
        };
        let unknown = || RoutingError::UnknownTarget { protocol: version.unwrap_or(Protocol::AwsJson11) };
        let (prefix, name) = target.rsplit_once('.').ok_or_else(unknown)?;
        let spoken = |entry: &&Entry| entry.service.target_prefix == prefix && entry.speaks_any(&JSON);
        let entry = self.one(signing_name, spoken).ok_or_else(unknown)?;
        let own = entry.service.protocols.iter().copied().find(|protocol| JSON.contains(protocol));
        let protocol = match (version, own) {
            (Some(asked), _) if entry.service.protocols.contains(&asked) => asked,
            // AWS takes either version of the same protocol, and answers in the service's own.
            (Some(_), Some(own)) => own,
            (None, Some(protocol)) => {
                return Err(RoutingError::WrongContentType { service: entry.service, protocol });
            }
            (_, None) => return Err(unknown()),
        };
        entry.operation(protocol, name)
    }

    /// The first that fits and has that signing name; without one among the signed, nothing.
    fn one(&self, signing_name: Option<&str>, fits: impl Fn(&&Entry) -> bool) -> Option<&Entry> {
        self.services
            .iter()
            .filter(|entry| signing_name.is_none_or(|name| entry.service.signing_name == name))
            .find(fits)
    }

    fn query<'a>(
        candidates: &[&Entry],
        request: &RequestParts<'a>,
        action: Option<&str>,
    ) -> Result<Route<'a>, RoutingError> {
        let version = parameter(request, "Version");
        let fits = |entry: &&&Entry| version.as_deref().is_none_or(|v| entry.service.api_version == v);
        let first = candidates.first().ok_or(RoutingError::UnknownService)?;
        let (service, protocol) = (first.service, first.protocol_of(&QUERY));
        let Some(action) = action.filter(|action| !action.is_empty()) else {
            return Err(RoutingError::MissingAction { service, protocol });
        };
        let named = |entry: &&&Entry| entry.by_name.contains_key(action);
        let found = candidates.iter().filter(fits).find(named);
        let Some(entry) = found else {
            let action = action.to_owned();
            let version = version.unwrap_or_default();
            return Err(RoutingError::UnknownAction { service, protocol, action, version });
        };
        entry.operation(entry.protocol_of(&QUERY), action)
    }

    fn rest<'a>(candidates: &[&Entry], request: &RequestParts<'a>) -> Result<Route<'a>, RoutingError> {
        for entry in candidates {
            for (template, operation) in &entry.templates {
                if operation.method != request.method || !template.fits_query(request.query) {
                    continue;
                }
                if let Some(labels) = template.labels(request.path) {
                    let protocol = entry.protocol_of(&REST);
                    return Ok(Route { service: entry.service, protocol, operation, labels });
                }
            }
        }
        let service = candidates.first().map(|entry| (entry.service, entry.protocol_of(&REST)));
        Err(RoutingError::UnknownPath { service })
    }

    /// The service is known, and the request is in none of its protocols.
    fn unspoken(candidates: &[&Entry], request: &RequestParts<'_>) -> RoutingError {
        match candidates {
            [only] => {
                let service = only.service;
                let protocol = service.protocols.first().copied().unwrap_or(Protocol::AwsJson11);
                // The right media type or none, and no target or action: what is asked for is not said.
                match media_type(request.headers) {
                    "" if QUERY.contains(&protocol) => RoutingError::MissingAction { service, protocol },
                    json if json.starts_with("application/x-amz-json-") => {
                        RoutingError::UnknownTarget { protocol }
                    }
                    _ => RoutingError::WrongContentType { service, protocol },
                }
            }
            _ => RoutingError::UnknownService,
        }
    }
}

const JSON: [Protocol; 2] = [Protocol::AwsJson10, Protocol::AwsJson11];
const QUERY: [Protocol; 2] = [Protocol::AwsQuery, Protocol::Ec2Query];
const REST: [Protocol; 2] = [Protocol::RestJson, Protocol::RestXml];

impl Entry {
    fn new(target: &Target<'_>) -> Self {
        let service = target.service;
        let by_name = target.operations.iter().map(|operation| (operation.name, *operation)).collect();
        let rest = service.protocols.iter().any(|protocol| REST.contains(protocol));
        let mut templates: Vec<(Template, &'static Operation)> = Vec::new();
        if rest {
            templates.extend(target.operations.iter().map(|op| (Template::parse(op.uri), *op)));
            templates.sort_by_key(|(template, _)| template.specificity());
        }
        Self { service, by_name, templates }
    }

    fn speaks_any(&self, protocols: &[Protocol]) -> bool {
        self.service.protocols.iter().any(|protocol| protocols.contains(protocol))
    }

    /// The one of these protocols that the service speaks.
    fn protocol_of(&self, protocols: &[Protocol; 2]) -> Protocol {
        let spoken = self.service.protocols.iter().copied().find(|protocol| protocols.contains(protocol));
        spoken.unwrap_or(protocols[0])
    }

    /// RPC v2 names a service as its model does: the target prefix, without the package that some have before it.
    fn is_called(&self, name: &str) -> bool {
        let prefix = self.service.target_prefix;
        prefix == name || prefix.rsplit_once('.').is_some_and(|(_, last)| last == name)
    }

    fn operation<'a>(&self, protocol: Protocol, name: &str) -> Result<Route<'a>, RoutingError> {
        let service = self.service;
        match self.by_name.get(name) {
            Some(operation) => Ok(Route { service, protocol, operation, labels: Vec::new() }),
            None => Err(RoutingError::UnknownOperation { service, protocol, name: name.to_owned() }),
        }
    }
}

/// `/service/{service}/operation/{operation}`, whatever stands before it (Smithy RPC v2, "Requests").
fn rpc_path(path: &str) -> Option<(&str, &str)> {
    let (rest, operation) = path.rsplit_once("/operation/")?;
    let (_, service) = rest.rsplit_once("/service/")?;
    let plain = |name: &str| !name.is_empty() && !name.contains('/');
    (plain(service) && plain(operation)).then_some((service, operation))
}

/// Whether the host name is one of that service: `kms.us-east-1.amazonaws.com`, `123456789012.s3-control...`.
fn is_host_of(host: &str, service: &Service) -> bool {
    let name = host.split(':').next().unwrap_or_default();
    !service.endpoint_prefix.is_empty() && name.split('.').any(|label| label == service.endpoint_prefix)
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.split(';').next()).unwrap_or_default().trim()
}

fn is_form(headers: &HeaderMap) -> bool {
    media_type(headers).eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A parameter of the form, else of the query string. Nothing is decoded but its value.
fn parameter(request: &RequestParts<'_>, name: &str) -> Option<String> {
    let body = if is_form(request.headers) { request.body } else { b"" };
    let mut parts = body.split(|byte| *byte == b'&').chain(request.query.as_bytes().split(|b| *b == b'&'));
    parts.find_map(|part| {
        let value = part.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        form::decode(value, true).ok().map(std::borrow::Cow::into_owned)
    })
}
