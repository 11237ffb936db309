use std::net::IpAddr;

use alcazar_core::{Region, Timestamp};
use bytes::Bytes;
use http::{HeaderMap, Method};

/// A request as the listener read it: within the limits of size and time, otherwise as it stood on the wire.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The method.
    pub method: Method,
    /// The path, raw.
    pub path: String,
    /// The query string, raw, without its question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// Where it came from, as really seen (or as a trusted proxy tells).
    pub source: IpAddr,
    /// Over TLS.
    pub secure: bool,
}

/// What is known of a call beside its caller and input.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// The request's id.
    pub request_id: String,
    /// The services' time, one for the whole call.
    pub now: Timestamp,
    /// The Region that was called.
    pub region: Region,
    /// Where it came from.
    pub source: IpAddr,
    /// What the client says it is; empty when it says nothing.
    pub user_agent: String,
    /// The host that was called.
    pub host: String,
    /// Over TLS.
    pub secure: bool,
    /// The services that called on the caller's behalf, first to last: `secretsmanager.amazonaws.com`.
    pub via: Vec<&'static str>,
}
