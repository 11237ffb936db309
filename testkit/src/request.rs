use std::net::IpAddr;

use alcazar_core::schema::{Protocol, Service};
use alcazar_core::{Region, SecretText, Timestamp};
use alcazar_corridor::Arrival;
use alcazar_sigv4::{Payload, Request, Signer, sha256};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::Answer;

/// What a client signs with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// `AKIA...` or `ASIA...`.
    pub access_key_id: String,
    /// The secret access key.
    pub secret: SecretText,
    /// The session token of temporary credentials.
    pub token: Option<String>,
}

impl Credentials {
    /// The credentials that an answer of STS or IAM holds.
    ///
    /// # Panics
    /// When it holds none.
    pub fn of(answer: &Answer) -> Self {
        Self {
            access_key_id: answer.text("/AccessKeyId"),
            secret: SecretText::new(answer.text("/SecretAccessKey")),
            token: answer.body.contains("<SessionToken>").then(|| answer.text("/SessionToken")),
        }
    }
}

/// The request that a stock client would send, by the service's preferred protocol among those whose inputs are easily written.
pub(crate) fn signed(
    service: &'static Service,
    operation: &str,
    input: &Value,
    who: &Credentials,
    region: Region,
    wall: Timestamp,
    source: IpAddr,
) -> Arrival {
    let written = |protocol: &&Protocol| {
        matches!(protocol, Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::AwsQuery)
    };
    let protocol = service.protocols.iter().find(written).expect("the test kit writes JSON and query");
    let host = format!("{}.{region}.amazonaws.com", service.endpoint_prefix);
    let mut headers = vec![("host", host)];
    let body = match protocol {
        Protocol::AwsQuery => {
            headers.push(("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned()));
            form(service, operation, input)
        }
        _ => {
            let version = if *protocol == Protocol::AwsJson10 { "1.0" } else { "1.1" };
            headers.push(("content-type", format!("application/x-amz-json-{version}")));
            headers.push(("x-amz-target", format!("{}.{operation}", service.target_prefix)));
            input.to_string()
        }
    };
    headers.push(("user-agent", "test".to_owned()));
    sign(&mut headers, &body, service, who, region, wall);
    Arrival {
        method: Method::POST,
        path: "/".to_owned(),
        query: String::new(),
        headers: header_map(&headers),
        body: body.into(),
        source,
        secure: false,
    }
}

fn sign(
    headers: &mut Vec<(&'static str, String)>,
    body: &str,
    service: &Service,
    who: &Credentials,
    region: Region,
    wall: Timestamp,
) {
    let signer = Signer {
        credentials: alcazar_sigv4::Credentials {
            access_key_id: &who.access_key_id,
            secret: who.secret.expose(),
            token: who.token.as_deref(),
        },
        region: region.name(),
        service: service.signing_name,
    };
    let borrowed: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let request = Request { method: "POST", path: "/", query: "", headers: &borrowed };
    let time = alcazar_sigv4::Timestamp::from_unix(wall.seconds());
    let signed = signer.sign(&request, Payload::Sha256(sha256(body.as_bytes())), time);
    headers.extend(signed.headers);
}

fn header_map(headers: &[(&'static str, String)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, String)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header value"))
    };
    headers.iter().map(pair).collect()
}

/// `Action=...&Version=...&` and the input by the query protocol's rules.
fn form(service: &Service, operation: &str, input: &Value) -> String {
    let mut pairs = vec![
        ("Action".to_owned(), operation.to_owned()),
        ("Version".to_owned(), service.api_version.to_owned()),
    ];
    flatten("", input, &mut pairs);
    let encode = |text: &str| {
        let byte = |b: u8| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => (b as char).to_string(),
            _ => format!("%{b:02X}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect::<Vec<_>>()
        .join("&")
}

fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    let under = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| flatten(&under(key), value, pairs)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&under(&format!("member.{}", index + 1)), item, pairs);
            }
        }
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        Value::Null => {}
        other => pairs.push((name.to_owned(), other.to_string())),
    }
}
