//! The `Authorization` header.

use std::borrow::Cow;

use crate::algorithm::Algorithm;
use crate::base64;
use crate::error::{MissingParts, SignatureError};
use crate::presented::{
    Credential, DATE, Kind, Presented, REGION_SET, Signature, TOKEN, clipped, header_text,
};
use crate::request::{Request, Single};
use crate::sha256::sha256;
use crate::signed_headers::SignedHeaders;
use crate::time::Timestamp;

/// Every scheme of this version begins so; anything else is not for us.
const FAMILY: &str = "AWS4-";

pub(crate) fn read<'a>(request: &Request<'a>, value: &'a [u8]) -> Result<Presented<'a>, SignatureError> {
    let Ok(text) = std::str::from_utf8(value) else {
        return Err(SignatureError::MalformedHeader { quoted: quoted(value) });
    };
    let (name, parameters) = word(text);
    if !name.starts_with(FAMILY) {
        return Err(SignatureError::OtherScheme);
    }
    let parts =
        Parts::read(parameters).ok_or_else(|| SignatureError::MalformedHeader { quoted: quoted(value) })?;
    let time = date(request)?;
    let (Some(credential), Some(signed), Some(sent), Some(time)) =
        (parts.credential, parts.signed_headers, parts.signature, time)
    else {
        let missing = MissingParts {
            credential: parts.credential.is_none(),
            signature: parts.signature.is_none(),
            signed_headers: parts.signed_headers.is_none(),
            date: time.is_none(),
            ..MissingParts::default()
        };
        return Err(SignatureError::IncompleteHeader { missing, quoted: quoted(value) });
    };
    let Some(algorithm) = Algorithm::parse(name) else {
        return Err(SignatureError::UnsupportedAlgorithm(Kind::Header, clipped(name)));
    };
    Ok(Presented {
        kind: Kind::Header,
        algorithm,
        credential: Credential::parse(Kind::Header, algorithm, Cow::Borrowed(credential))?,
        signed_headers: SignedHeaders::parse(Cow::Borrowed(signed))
            .ok_or(SignatureError::MalformedSignedHeaders(Kind::Header))?,
        signature: Signature::parse(algorithm, sent),
        time,
        lifetime: None,
        token: header_text(request, TOKEN, SignatureError::InvalidToken)?,
        payload: None,
        region_set: match algorithm {
            Algorithm::Hmac => None,
            Algorithm::Ecdsa => header_text(request, REGION_SET, SignatureError::Mismatch)?,
        },
    })
}

/// The parameters, in any order, parted by commas, white space or both: clients send all of these, and AWS takes them.
#[derive(Default)]
struct Parts<'a> {
    credential: Option<&'a str>,
    signed_headers: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// None if something is no pair, or a key comes twice. Keys of the future are ignored.
    fn read(parameters: &'a str) -> Option<Self> {
        let mut parts = Self::default();
        let mut rest = parameters;
        while !rest.is_empty() {
            let (pair, after) = word(rest);
            rest = after;
            if pair.is_empty() {
                continue;
            }
            let (key, value) = pair.split_once('=')?;
            let place = match key {
                "Credential" => &mut parts.credential,
                "SignedHeaders" => &mut parts.signed_headers,
                "Signature" => &mut parts.signature,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return None;
            }
        }
        let given = |part: &mut Option<&str>| *part = part.filter(|value| !value.is_empty());
        given(&mut parts.credential);
        given(&mut parts.signed_headers);
        given(&mut parts.signature);
        Some(parts)
    }
}

/// What stands before the first separator, and what after it.
fn word(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| matches!(byte, b' ' | b',' | b'\t')).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default())
}

/// `X-Amz-Date`, or `Date` where there is none. Two of a kind are no date.
fn date(request: &Request<'_>) -> Result<Option<Timestamp>, SignatureError> {
    let malformed = |value: &[u8]| {
        let text = clipped(&String::from_utf8_lossy(value));
        Err(SignatureError::MalformedDate(Kind::Header, text))
    };
    let (value, time) = match (request.single(DATE), request.single("date")) {
        (Single::Repeated, _) | (Single::Absent, Single::Repeated) => return malformed(b""),
        (Single::Once(value), _) => (value, Timestamp::parse_basic(value)),
        (Single::Absent, Single::Once(value)) => (value, Timestamp::parse_date_header(value)),
        (Single::Absent, Single::Absent) => return Ok(None),
    };
    if time.is_none() {
        return malformed(value);
    }
    Ok(time)
}

fn quoted(value: &[u8]) -> String {
    base64::encode(&sha256(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    const CREDENTIAL: &str = "Credential=AKID/20150830/us-east-1/kms/aws4_request";

    fn outcome(authorization: &str, date: Option<&str>) -> Result<(String, String), SignatureError> {
        let mut headers = vec![("host", b"h".as_slice()), ("authorization", authorization.as_bytes())];
        headers.extend(date.map(|date| (DATE, date.as_bytes())));
        let request = Request { method: "GET", path: "/", query: "", headers: &headers };
        let presented = Presented::read(&request)?;
        Ok((presented.access_key_id().to_owned(), presented.signed_headers().as_str().to_owned()))
    }

    #[test]
    fn every_spacing_that_clients_use_is_read() {
        let now = Some("20150830T123600Z");
        for separator in [", ", ",", " ", "  ,  ", " , ", ",\t"] {
            let parts = [CREDENTIAL, "SignedHeaders=host", &format!("Signature={SIGNATURE}")].join(separator);
            let read = outcome(&format!("AWS4-HMAC-SHA256 {parts}"), now);
            assert_eq!(read.unwrap(), ("AKID".to_owned(), "host".to_owned()), "{separator:?}");
        }
        let backwards = format!(" AWS4-HMAC-SHA256   Signature={SIGNATURE},SignedHeaders=host,{CREDENTIAL} ");
        assert!(outcome(&backwards, now).is_ok());
    }

    #[test]
    fn all_that_is_missing_is_named_at_once() {
        let SignatureError::IncompleteHeader { missing, quoted } =
            outcome("AWS4-HMAC-SHA256 Foo=bar", None).unwrap_err()
        else {
            panic!("complete?")
        };
        assert!(missing.credential && missing.signature && missing.signed_headers && missing.date);
        assert_eq!(quoted, super::quoted(b"AWS4-HMAC-SHA256 Foo=bar"));
        let empty = format!("AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=, Signature={SIGNATURE}");
        let error = outcome(&empty, Some("20150830T123600Z")).unwrap_err();
        assert!(matches!(error, SignatureError::IncompleteHeader { missing, .. } if missing.signed_headers));
    }

    #[test]
    fn other_schemes_algorithms_and_broken_pairs_are_told_apart() {
        let now = Some("20150830T123600Z");
        assert_eq!(outcome("Bearer abc", now), Err(SignatureError::OtherScheme));
        assert_eq!(outcome("", now), Err(SignatureError::OtherScheme));
        let rest = format!("{CREDENTIAL}, SignedHeaders=host, Signature={SIGNATURE}");
        let error = SignatureError::UnsupportedAlgorithm(Kind::Header, "AWS4-HMAC-SHA512".to_owned());
        assert_eq!(outcome(&format!("AWS4-HMAC-SHA512 {rest}"), now), Err(error));
        for broken in
            [format!("AWS4-HMAC-SHA256 Credential, {rest}"), format!("AWS4-HMAC-SHA256 {rest}, {CREDENTIAL}")]
        {
            assert!(matches!(outcome(&broken, now), Err(SignatureError::MalformedHeader { .. })), "{broken}");
        }
        let error = SignatureError::MalformedDate(Kind::Header, "201".to_owned());
        assert_eq!(outcome(&format!("AWS4-HMAC-SHA256 {rest}"), Some("201")), Err(error));
    }
}
