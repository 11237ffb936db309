use std::fmt;

use alcazar_ports::HttpError;
use http::HeaderMap;
use serde_json::Value;

/// Why a call has no good answer. None of it holds a value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallError {
    /// The service's own refusal: HTTP status, code and message.
    Refused { status: u16, code: String, message: String },
    /// It did not answer in time.
    TimedOut,
    /// It cannot be reached.
    Unreachable(String),
    /// What it answered is not understood.
    Malformed,
}

impl CallError {
    /// From an answer that is no success.
    pub(super) fn of(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let header = headers.get("x-amzn-errortype").and_then(|code| code.to_str().ok()).map(str::to_owned);
        let code = text("__type").or(header).unwrap_or_default();
        // `com.amazonaws.secretsmanager#ResourceNotFoundException:http://...`
        let code =
            code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
        let message = text("message").or_else(|| text("Message")).unwrap_or_default();
        Self::Refused { status, code, message }
    }

    /// Whether it is this refusal.
    pub(crate) fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }

    /// Whether the service is out of reach or in trouble, so that a value known from before is better than none. Throttling is trouble too, and comes
    /// with a status of 400 in this protocol.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Refused { status, code, .. } => {
                *status >= 500
                    || *status == 429
                    || code.starts_with("Throttling")
                    || code.starts_with("TooManyRequests")
            }
            Self::TimedOut | Self::Unreachable(_) | Self::Malformed => true,
        }
    }
}

impl From<HttpError> for CallError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::TimedOut => Self::TimedOut,
            HttpError::Malformed(_) | HttpError::TooLarge => Self::Malformed,
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { status, code, .. } if code.is_empty() => write!(f, "HTTP status {status}"),
            Self::Refused { code, message, .. } => write!(f, "{code}: {message}"),
            Self::TimedOut => f.write_str("the service did not answer in time"),
            Self::Unreachable(why) => write!(f, "the service cannot be reached: {why}"),
            Self::Malformed => f.write_str("the service's answer is not understood"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_without_their_namespace_and_from_body_or_header() {
        let none = HeaderMap::new();
        let body = br#"{"__type":"com.amazonaws.x#ResourceNotFoundException","Message":"no"}"#;
        assert_eq!(CallError::of(400, &none, body).to_string(), "ResourceNotFoundException: no");
        let mut headers = HeaderMap::new();
        headers.insert("x-amzn-errortype", "AccessDeniedException:http://x/".parse().unwrap());
        assert!(CallError::of(400, &headers, b"").is("AccessDeniedException"));
        assert_eq!(CallError::of(418, &none, b"<html>").to_string(), "HTTP status 418");
    }

    #[test]
    fn what_passes_is_told_from_what_stays() {
        assert!(CallError::of(503, &HeaderMap::new(), b"").is_transient());
        assert!(CallError::from(HttpError::TimedOut).is_transient());
        assert!(!CallError::of(400, &HeaderMap::new(), b"").is_transient());
        let throttled = br#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;
        assert!(CallError::of(400, &HeaderMap::new(), throttled).is_transient());
    }
}
