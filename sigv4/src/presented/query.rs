//! The presigned query (S3 API reference, "Authenticating Requests: Using Query Parameters").

use std::borrow::Cow;

use crate::algorithm::Algorithm;
use crate::canonical::{Pairs, SIGNATURE};
use crate::error::{ExpiresFault, MissingParts, SignatureError};
use crate::payload::Payload;
use crate::percent;
use crate::presented::{Credential, Kind, Presented, Signature, TOKEN, clipped, header_text};
use crate::request::Request;
use crate::signed_headers::SignedHeaders;
use crate::time::Timestamp;

const NAMES: [&str; 9] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    SIGNATURE,
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
    "X-Amz-Region-Set",
];

/// A week in seconds, the longest life of a presigned request.
const WEEK: i64 = 604_800;

/// Whether a parameter of this name (as sent) makes a request a presigned one.
pub(crate) fn marks_presigned(name: &str) -> bool {
    matches!(place_of(name), Some(0..=2))
}

pub(crate) fn read<'a>(request: &Request<'a>) -> Result<Presented<'a>, SignatureError> {
    let mut values: [Option<Cow<'a, str>>; 9] = Default::default();
    for (name, value) in Pairs::of(request.query) {
        let Some(place) = place_of(name) else { continue };
        let known = NAMES.get(place).copied().unwrap_or_default();
        let value = percent::decode(value).ok_or(SignatureError::MalformedQuery(known))?;
        match values.get_mut(place) {
            Some(empty @ None) => *empty = Some(value),
            _ => return Err(SignatureError::MalformedQuery(known)),
        }
    }
    let [name, credential, sent, signed, date, expires, token, payload, region_set] =
        values.map(|value| value.filter(|value| !value.is_empty()));
    let missing = MissingParts {
        algorithm: name.is_none(),
        credential: credential.is_none(),
        signature: sent.is_none(),
        signed_headers: signed.is_none(),
        date: date.is_none(),
        // Whether it is needed depends on the service: `Presented::check`.
        expires: false,
    };
    let (Some(name), Some(credential), Some(sent), Some(signed), Some(date)) =
        (name, credential, sent, signed, date)
    else {
        return Err(SignatureError::IncompleteQuery(missing));
    };
    let Some(algorithm) = Algorithm::parse(&name) else {
        return Err(SignatureError::UnsupportedAlgorithm(Kind::Query, clipped(&name)));
    };
    Ok(Presented {
        kind: Kind::Query,
        algorithm,
        time: Timestamp::parse_basic(date.as_bytes())
            .ok_or_else(|| SignatureError::MalformedDate(Kind::Query, clipped(&date)))?,
        credential: Credential::parse(Kind::Query, algorithm, credential)?,
        signed_headers: SignedHeaders::parse(signed)
            .ok_or(SignatureError::MalformedSignedHeaders(Kind::Query))?,
        signature: Signature::parse(algorithm, &sent),
        lifetime: expires.map(|text| lifetime(&text)).transpose()?,
        token: match token {
            Some(token) => Some(token),
            None => header_text(request, TOKEN, SignatureError::InvalidToken)?,
        },
        payload: match payload {
            Some(text) => Some(Payload::parse(text.as_bytes()).ok_or(SignatureError::ContentSha256Invalid)?),
            None => None,
        },
        region_set,
    })
}

fn place_of(name: &str) -> Option<usize> {
    // Names are nearly always plain; only then is the comparison with the name as sent enough.
    match name.contains('%') {
        false => NAMES.iter().position(|known| *known == name),
        true => {
            let name = percent::decode(name)?;
            NAMES.iter().position(|known| *known == name)
        }
    }
}

fn lifetime(text: &str) -> Result<u32, SignatureError> {
    let fault = |fault| Err(SignatureError::MalformedExpires(fault));
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return fault(ExpiresFault::NotANumber);
    }
    match text.parse::<i64>() {
        Ok(seconds) if seconds < 0 => fault(ExpiresFault::Negative),
        Ok(seconds @ 0..=WEEK) => u32::try_from(seconds).or(fault(ExpiresFault::OverAWeek)),
        Err(_) if digits.len() < text.len() => fault(ExpiresFault::Negative),
        _ => fault(ExpiresFault::OverAWeek),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20150830%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-amz-acl&X-Amz-Signature=ab";

    fn read_query(query: &str) -> Result<Presented<'_>, SignatureError> {
        Presented::read(&Request { method: "GET", path: "/", query, headers: &[] })
    }

    #[test]
    fn a_presigned_query_is_read() {
        let presented = read_query(GOOD).unwrap();
        assert_eq!(presented.kind(), Kind::Query);
        assert_eq!(presented.access_key_id(), "AKID");
        assert_eq!(presented.scope().to_string(), "20150830/us-east-1/s3/aws4_request");
        assert_eq!(presented.signed_headers().as_str(), "host;x-amz-acl");
        assert_eq!(presented.lifetime(), Some(60));
        assert_eq!(presented.token(), None);
        let with_token = format!("{GOOD}&X-Amz-Security-Token=a%2Bb");
        assert_eq!(read_query(&with_token).unwrap().token(), Some("a+b"));
    }

    #[test]
    fn each_missing_parameter_is_named() {
        for name in ["Algorithm", "Credential", "Date", "SignedHeaders", "Signature"] {
            let query = GOOD.replace(&format!("X-Amz-{name}="), "x=");
            let SignatureError::IncompleteQuery(missing) = read_query(&query).unwrap_err() else {
                panic!("{name}")
            };
            let named = [
                missing.algorithm,
                missing.credential,
                missing.date,
                missing.signed_headers,
                missing.signature,
            ];
            assert_eq!(named.iter().filter(|missing| **missing).count(), 1, "{name}");
        }
    }

    #[test]
    fn doubled_and_mixed_mechanisms_are_refused() {
        let doubled = format!("{GOOD}&X-Amz%2DCredential=x");
        assert_eq!(read_query(&doubled).err(), Some(SignatureError::MalformedQuery("X-Amz-Credential")));
        let headers = [("authorization", b"AWS4-HMAC-SHA256 x".as_slice())];
        let both = Request { method: "GET", path: "/", query: GOOD, headers: &headers };
        assert_eq!(Presented::read(&both).err(), Some(SignatureError::SeveralMechanisms));
        assert_eq!(read_query("X-Amz-Date=20150830T123600Z").err(), Some(SignatureError::Missing));
    }

    #[test]
    fn a_lifetime_is_a_number_of_seconds_up_to_a_week() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("604800", Ok(604_800)),
            ("604801", Err(ExpiresFault::OverAWeek)),
            ("99999999999999999999", Err(ExpiresFault::OverAWeek)),
            ("-1", Err(ExpiresFault::Negative)),
            ("-99999999999999999999", Err(ExpiresFault::Negative)),
            ("1.5", Err(ExpiresFault::NotANumber)),
            ("-", Err(ExpiresFault::NotANumber)),
            ("x", Err(ExpiresFault::NotANumber)),
        ] {
            assert_eq!(lifetime(text), expected.map_err(SignatureError::MalformedExpires), "{text}");
        }
    }
}
