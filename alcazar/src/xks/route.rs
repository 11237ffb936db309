use alcazar_corridor::Arrival;
use http::Method;

use super::fault::{GateFault, ProxyRefusal};

/// What a request asks for; of which key, by its id.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    Health,
    Metadata(&'a str),
    Encrypt(&'a str),
    Decrypt(&'a str),
}

pub(super) fn route<'a>(base: &str, arrival: &'a Arrival) -> Result<Asked<'a>, ProxyRefusal> {
    let path = arrival.path.strip_prefix(base).and_then(|path| path.strip_prefix('/'));
    let parts: Vec<&str> = path.unwrap_or_default().split('/').collect();
    let asked = match parts.as_slice() {
        ["health"] => Asked::Health,
        ["keys", key, operation] if is_key_id(key) => match *operation {
            "metadata" => Asked::Metadata(key),
            "encrypt" => Asked::Encrypt(key),
            "decrypt" => Asked::Decrypt(key),
            _ => return Err(GateFault::InvalidUriPath.plain()),
        },
        _ => return Err(GateFault::InvalidUriPath.plain()),
    };
    match arrival.method {
        Method::POST => Ok(asked),
        _ => Err(GateFault::MethodNotAllowed.plain()),
    }
}

fn is_key_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}
