use alcazar_core::SecretText;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::upstream::{CallError, SecretValue};

/// A status and a body, as the agent has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Refusal {
    /// One of the agent's own, in plain words.
    pub(super) fn plain(status: u16, words: &str) -> Self {
        Self { status, body: words.to_owned() }
    }

    /// What the service said, or why it said nothing.
    pub(super) fn of(error: &CallError) -> Self {
        match error {
            CallError::Refused { status, code, message } if !code.is_empty() && !message.is_empty() => {
                Self::json(*status, code, message)
            }
            CallError::Refused { .. } => Self::json(500, "InternalFailure", ""),
            CallError::TimedOut => Self::json(504, "TimeoutError", "Timeout"),
            CallError::Unreachable(_) => Self::json(502, "ConnectionError", "Read Error"),
            CallError::Malformed => Self::json(502, "ConnectionError", "Response Error"),
        }
    }

    fn json(status: u16, code: &str, message: &str) -> Self {
        let body = if message.is_empty() {
            serde_json::json!({ "__type": code })
        } else {
            serde_json::json!({ "__type": code, "message": message })
        };
        Self { status, body: body.to_string() }
    }
}

/// GetSecretValue's answer in the agent's form: the time of creation is a text there.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    #[serde(rename = "ARN")]
    arn: Option<&'a str>,
    name: Option<&'a str>,
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_string: Option<&'a SecretText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_binary: Option<&'a SecretText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_stages: Option<&'a [String]>,
    created_date: Option<String>,
}

/// The body of a good answer. It has its full length from the beginning: what grows leaves copies of the secret behind.
pub(super) fn body(value: &SecretValue) -> Zeroizing<Vec<u8>> {
    let secrets = [&value.secret_string, &value.secret_binary].into_iter().flatten();
    // Of one letter JSON makes six at most.
    let longest = secrets.map(|text| 6 * text.expose().len()).sum::<usize>();
    let body = Body {
        arn: value.arn.as_deref(),
        name: value.name.as_deref(),
        version_id: value.version_id.as_deref(),
        secret_string: value.secret_string.as_ref(),
        secret_binary: value.secret_binary.as_ref(),
        version_stages: value.version_stages.as_deref(),
        created_date: value.created_date.map(|seconds| seconds.to_string()),
    };
    let mut written = Zeroizing::new(Vec::with_capacity(longest + 16 * 1024));
    // Texts and lists of texts always become JSON, and memory always takes it.
    let _ = serde_json::to_writer(&mut *written, &body);
    written
}
