//! Refusals of the listener itself: requests that no service ever sees.

use alcazar_core::id;
use alcazar_ports::{Entropy, array};
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::body::Unread;

/// Why a request got no further than the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// As metrics name it.
    pub(crate) kind: &'static str,
    json_code: &'static str,
    xml_code: &'static str,
    message: &'static str,
    /// The rest of the body may still be on its way, so the connection ends.
    closes: bool,
}

/// In which form a request wants its refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON's error, of the JSON protocols.
    Json,
    /// The query protocol's, for all others.
    Xml,
}

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge => Self {
                status: StatusCode::PAYLOAD_TOO_LARGE,
                kind: "body_too_large",
                json_code: "RequestEntityTooLargeException",
                xml_code: "RequestEntityTooLarge",
                message: "The request body is larger than the service accepts.",
                closes: true,
            },
            Unread::TooSlow => Self {
                status: StatusCode::REQUEST_TIMEOUT,
                kind: "body_too_slow",
                json_code: "RequestTimeoutException",
                xml_code: "RequestTimeout",
                message: "The request body did not arrive within the timeout period.",
                closes: true,
            },
            Unread::Broken => Self {
                status: StatusCode::BAD_REQUEST,
                kind: "body_broken",
                json_code: "IncompleteBodyException",
                xml_code: "IncompleteBody",
                message: "The request body ended before its announced end, or its framing is wrong.",
                closes: true,
            },
            Unread::NoMemory => Self {
                status: StatusCode::SERVICE_UNAVAILABLE,
                kind: "bodies_too_many",
                json_code: "ServiceUnavailable",
                xml_code: "ServiceUnavailable",
                message: "Too many large requests at a time. Try again.",
                closes: true,
            },
        }
    }
}

impl Refusal {
    /// A call that panicked: a fault of the program, which is logged under the answer's request id.
    pub(crate) const PANICKED: Self = Self {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        kind: "call_panicked",
        json_code: "InternalFailure",
        xml_code: "InternalFailure",
        message: "The request processing has failed because of an unknown error, exception or failure.",
        closes: false,
    };

    /// The answer in that form, with a request id of its own.
    pub(crate) fn answer(&self, form: Form, entropy: &dyn Entropy) -> Response<Bytes> {
        self.answer_under(&id::uuid_v4(array(entropy)), form)
    }

    /// The answer in that form and under that request id.
    pub(crate) fn answer_under(&self, request_id: &str, form: Form) -> Response<Bytes> {
        let (content_type, body) = match form {
            Form::Json => {
                let text = format!(r#"{{"__type":"{}","message":"{}"}}"#, self.json_code, self.message);
                ("application/x-amz-json-1.1", text)
            }
            Form::Xml => {
                let at_fault = if self.status.is_server_error() { "Receiver" } else { "Sender" };
                let text = format!(
                    "<ErrorResponse><Error><Type>{at_fault}</Type><Code>{}</Code><Message>{}</Message></Error>\
                     <RequestId>{request_id}</RequestId></ErrorResponse>",
                    self.xml_code, self.message
                );
                ("text/xml", text)
            }
        };
        let mut answer = Response::new(Bytes::from(body));
        *answer.status_mut() = self.status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert("x-amzn-requestid", value);
        }
        answer
    }
}

impl Form {
    /// What the request's own headers suggest.
    pub(crate) fn of(request: &HeaderMap) -> Self {
        let content_type =
            request.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let json = request.contains_key("x-amz-target")
            || content_type.starts_with("application/x-amz-json")
            || content_type == "application/json";
        if json { Self::Json } else { Self::Xml }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_ports::SeededEntropy;

    use super::*;

    #[test]
    fn the_form_follows_the_request() {
        let refusal = Refusal::from(Unread::TooLarge);
        let entropy = SeededEntropy::new(1);
        let mut json = HeaderMap::new();
        json.insert("x-amz-target", HeaderValue::from_static("TrentService.Encrypt"));
        let told = |headers: &HeaderMap| {
            String::from_utf8(refusal.answer(Form::of(headers), &entropy).into_body().into()).unwrap()
        };
        assert!(told(&json).starts_with(r#"{"__type":"RequestEntityTooLargeException","#));
        assert!(told(&HeaderMap::new()).contains("<Code>RequestEntityTooLarge</Code>"));
        assert_eq!(refusal.answer(Form::Json, &entropy).headers()["connection"], "close");
    }
}
