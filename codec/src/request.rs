use alcazar_core::schema::{Operation, Protocol};
use alcazar_core::value::Fields;
use http::HeaderMap;

use crate::limits::Budget;
use crate::{Limits, Malformed, cbor, json, query, rest};

/// A request as a codec sees it: borrowed, whole, nothing decoded.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// The path as it stands in the request line, percent-encoded.
    pub path: &'a str,
    /// The query string without its question mark, percent-encoded; empty where there is none.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
    /// What the labels of the path hold, as the router found them. Empty: the reader matches the path itself.
    pub labels: &'a [Label<'a>],
}

/// What a label of the operation's URI template holds in this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label<'a> {
    /// The label's name in the template.
    pub name: &'static str,
    /// Its value, percent-encoded.
    pub raw: &'a str,
}

/// Reads the input of that operation. Unknown members are ignored; null means absent. No constraint is checked here but
/// the types: that is [`validate`](crate::validate()).
///
/// # Errors
/// When the request does not follow the protocol's grammar, a value has another type than its member, or it is over a limit.
pub fn read_input(
    protocol: Protocol,
    operation: &'static Operation,
    request: &RequestParts<'_>,
    limits: &Limits,
) -> Result<Fields, Malformed> {
    if request.headers.len() > limits.headers {
        return Err(Malformed::too_large());
    }
    if request.body.len() > limits.body {
        return Err(Malformed::too_large());
    }
    let budget = Budget::new(limits);
    match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => json::read_body(operation.input, request.body, budget),
        Protocol::AwsQuery => query::read(operation.input, request, query::Dialect::Aws, budget),
        Protocol::Ec2Query => query::read(operation.input, request, query::Dialect::Ec2, budget),
        Protocol::RestJson => rest::read(rest::Body::Json, operation, request, budget),
        Protocol::RestXml => rest::read(rest::Body::Xml, operation, request, budget),
        Protocol::RpcV2Cbor => cbor::read_body(operation.input, request.body, budget),
    }
}
