use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

/// HTTP to others: an external key manager's proxy, a subscriber's endpoint. A request in, a response out; nothing is followed, neither
/// redirects nor proxies of the environment.
pub trait Http: Send + Sync + 'static {
    /// Sends a request to the place that its absolute URI names, and reads the whole response.
    fn send(&self, request: Request<Bytes>, bounds: HttpBounds) -> HttpPending<'_>;
}

/// The response of [`Http::send`], to be awaited.
pub type HttpPending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

/// How much of the outside world a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpBounds {
    /// For everything from looking up the name to the last byte of the body.
    pub deadline: Duration,
    /// Bytes of the response's body.
    pub body: usize,
    /// Doing it twice is as good as doing it once: it may be sent again when a connection kept from an earlier request turns out to be dead.
    pub repeatable: bool,
}

/// Why there is no response. The texts are for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// No connection came about: no such name, refused, or not in time.
    Unreachable(String),
    /// There was a connection, but no TLS: its versions, its certificate, its name.
    Tls(String),
    /// There was a connection, and the deadline passed.
    TimedOut,
    /// The connection broke off.
    Interrupted(String),
    /// What came was no HTTP.
    Malformed(String),
    /// The body is longer than the bound.
    TooLarge,
}

/// Reaches nobody: for worlds without an outside.
#[derive(Debug, Clone, Copy, Default)]
pub struct Offline;

impl Http for Offline {
    fn send(&self, _: Request<Bytes>, _: HttpBounds) -> HttpPending<'_> {
        Box::pin(std::future::ready(Err(HttpError::Unreachable("there is nothing outside".to_owned()))))
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "no connection: {why}"),
            Self::Tls(why) => write!(f, "no TLS: {why}"),
            Self::TimedOut => f.write_str("no response in time"),
            Self::Interrupted(why) => write!(f, "the connection broke off: {why}"),
            Self::Malformed(why) => write!(f, "no HTTP: {why}"),
            Self::TooLarge => f.write_str("the response is too large"),
        }
    }
}

impl std::error::Error for HttpError {}
