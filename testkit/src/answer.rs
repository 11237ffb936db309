use std::fmt;

use alcazar_codec::Response;
use serde_json::Value;

/// An answer as a client reads it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The request's id, by which its record is found.
    pub request_id: String,
    /// The body, as text.
    pub body: String,
}

impl Answer {
    pub(crate) fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let request_id =
            head.headers.get("x-amzn-requestid").or_else(|| head.headers.get("x-amz-request-id"));
        Self {
            status: head.status.as_u16(),
            request_id: request_id.and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned(),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// The answer of a call that must have succeeded.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.body);
        self
    }

    /// The body as JSON; XML bodies are not.
    ///
    /// # Panics
    /// When it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// A text of the body by JSON pointer (`/KeyMetadata/KeyId`), or, in XML, of the first element of the pointer's last name.
    ///
    /// # Panics
    /// When there is none.
    pub fn text(&self, pointer: &str) -> String {
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let found = if self.body.starts_with('<') {
            let from = self.body.split_once(&format!("<{name}>"));
            from.and_then(|(_, rest)| rest.split_once("</")).map(|(value, _)| unescaped(value))
        } else {
            self.json()
                .pointer(pointer)
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        found.unwrap_or_else(|| panic!("no {pointer} in {}", self.body))
    }
}

/// The status and the body, indented.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.body.is_empty() {
            return write!(f, "{}", self.status);
        }
        let body =
            if self.body.starts_with('<') { lines(&self.body) } else { indented(self.body.as_bytes()) };
        write!(f, "{}\n{body}", self.status)
    }
}

pub(crate) fn indented(json: &[u8]) -> String {
    let value: Value =
        serde_json::from_slice(json).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(json)));
    serde_json::to_string_pretty(&value).expect("a value can be written")
}

/// XML with each element that holds elements on a line of its own.
fn lines(xml: &str) -> String {
    xml.replace("><", ">\n<")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
