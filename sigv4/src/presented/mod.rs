//! The claim that a request makes: this key, this scope, this time, these headers, this signature.

mod authorization;
mod query;

use std::borrow::Cow;

use crate::algorithm::Algorithm;
use crate::canonical::Pairs;
use crate::error::{CredentialFault, SignatureError};
use crate::hex;
use crate::payload::Payload;
use crate::request::{Request, Single};
use crate::scope::Scope;
use crate::signed_headers::SignedHeaders;
use crate::time::Timestamp;

pub(crate) const AUTHORIZATION: &str = "authorization";
pub(crate) const DATE: &str = "x-amz-date";
pub(crate) const TOKEN: &str = "x-amz-security-token";
pub(crate) const REGION_SET: &str = "x-amz-region-set";

/// Where the signature sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned request.
    Query,
}

/// A claim, read and well-formed, and not yet believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented<'a> {
    pub(crate) kind: Kind,
    pub(crate) algorithm: Algorithm,
    pub(crate) credential: Credential<'a>,
    pub(crate) signed_headers: SignedHeaders<'a>,
    pub(crate) signature: Signature,
    pub(crate) time: Timestamp,
    pub(crate) lifetime: Option<u32>,
    pub(crate) token: Option<Cow<'a, str>>,
    /// `X-Amz-Content-Sha256` of a presigned query.
    pub(crate) payload: Option<Payload>,
    /// `X-Amz-Region-Set`, which counts in SigV4A only.
    pub(crate) region_set: Option<Cow<'a, str>>,
}

/// A signature as presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// An HMAC.
    Tag([u8; 32]),
    /// An ECDSA signature (X9.62, DER).
    Der(Vec<u8>),
    /// Nothing that could be one; it matches nothing.
    Unreadable,
}

impl Signature {
    fn parse(algorithm: Algorithm, text: &str) -> Self {
        let read = match algorithm {
            Algorithm::Hmac => hex::decode(text.as_bytes()).map(Self::Tag),
            Algorithm::Ecdsa => hex::decode_up_to(text.as_bytes(), 72).map(Self::Der),
        };
        read.unwrap_or(Self::Unreadable)
    }
}

impl<'a> Presented<'a> {
    /// Reads the claim of a request.
    ///
    /// # Errors
    /// What is missing, doubled or malformed. Nothing is compared with time, endpoint or key yet.
    pub fn read(request: &Request<'a>) -> Result<Self, SignatureError> {
        let in_query = Pairs::of(request.query).any(|(name, _)| query::marks_presigned(name));
        match (request.single(AUTHORIZATION), in_query) {
            (Single::Absent, false) => Err(SignatureError::Missing),
            (Single::Absent, true) => query::read(request),
            (Single::Once(value), false) => authorization::read(request, value),
            (Single::Once(_), true) | (Single::Repeated, _) => Err(SignatureError::SeveralMechanisms),
        }
    }

    /// How the request is signed.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Where the signature sits.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The access key id, as sent; it is never empty.
    pub fn access_key_id(&self) -> &str {
        self.credential.parts().0
    }

    /// The scope of the signing key.
    pub fn scope(&self) -> Scope<'_> {
        self.credential.parts().1
    }

    /// Which headers the signature covers.
    pub fn signed_headers(&self) -> &SignedHeaders<'a> {
        &self.signed_headers
    }

    /// When the request says it was signed.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// For how many seconds a presigned request says it is good; at most a week.
    pub fn lifetime(&self) -> Option<u32> {
        self.lifetime
    }

    /// The session token, from the header or the presigned query.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

/// A session token is a secret and does not print.
impl std::fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Presented")
            .field("kind", &self.kind)
            .field("access_key_id", &self.access_key_id())
            .field("scope", &self.scope())
            .field("signed_headers", &self.signed_headers.as_str())
            .field("time", &self.time)
            .field("lifetime", &self.lifetime)
            .field("token", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

/// A credential of five parts that are all there; where they are is noted, so that reading them again costs nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credential<'a> {
    text: Cow<'a, str>,
    /// The slashes before date, region, service and terminator.
    slashes: [usize; 4],
}

impl<'a> Credential<'a> {
    /// The id may hold slashes; the last four parts may not. A slash at the end does not count.
    pub(crate) fn parse(
        kind: Kind,
        algorithm: Algorithm,
        text: Cow<'a, str>,
    ) -> Result<Self, SignatureError> {
        let fault = |fault| SignatureError::MalformedCredential(kind, fault);
        let mut end = text.trim_end_matches('/').len();
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or_default()),
            Cow::Owned(mut text) => {
                text.truncate(end);
                Cow::Owned(text)
            }
        };
        let mut slashes = [0; 4];
        for (place, slash_at) in slashes.iter_mut().enumerate().rev() {
            // Without a Region, the slash before it is the one before the service.
            if place == 1 && algorithm == Algorithm::Ecdsa {
                *slash_at = end;
                continue;
            }
            match text.get(..end).and_then(|head| head.rfind('/')) {
                Some(slash) if slash + 1 < end => (*slash_at, end) = (slash, slash),
                _ => return Err(fault(CredentialFault::Parts(clipped(&text)))),
            }
        }
        if end == 0 {
            return Err(fault(CredentialFault::Parts(clipped(&text))));
        }
        let credential = Self { text, slashes };
        let date = credential.parts().1.date;
        match date.len() == 8 && date.bytes().all(|digit| digit.is_ascii_digit()) {
            true => Ok(credential),
            false => Err(fault(CredentialFault::Date(clipped(date)))),
        }
    }

    /// Access key id, scope and terminator.
    pub(crate) fn parts(&self) -> (&str, Scope<'_>, &str) {
        let [date, region, service, terminator] = self.slashes;
        let part = |from: usize, to: usize| self.text.get(from..to).unwrap_or_default();
        let scope = Scope {
            date: part(date + 1, region),
            region: part(region + 1, service),
            service: part(service + 1, terminator),
        };
        (part(0, date), scope, part(terminator + 1, self.text.len()))
    }
}

/// A header of text that must not come twice; `fault` if it does, or is not text.
pub(crate) fn header_text<'a>(
    request: &Request<'a>,
    name: &str,
    fault: SignatureError,
) -> Result<Option<Cow<'a, str>>, SignatureError> {
    match request.single(name) {
        Single::Absent => Ok(None),
        Single::Once(value) => {
            std::str::from_utf8(value).map(|text| Some(Cow::Borrowed(text))).map_err(|_| fault)
        }
        Single::Repeated => Err(fault),
    }
}

/// What a client sent, short enough to be said back to him.
pub(crate) fn clipped(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Credential<'_>, SignatureError> {
        Credential::parse(Kind::Header, Algorithm::Hmac, Cow::Borrowed(text))
    }

    #[test]
    fn a_credential_has_five_parts() {
        let credential = parse("AKID/20150830/us-east-1/kms/aws4_request").unwrap();
        let scope = Scope { date: "20150830", region: "us-east-1", service: "kms" };
        assert_eq!(credential.parts(), ("AKID", scope, "aws4_request"));
        assert_eq!(parse("AKID/20150830/us-east-1/kms/aws4_request/").unwrap().parts(), credential.parts());
        assert_eq!(parse("A/B/20150830/us-east-1/kms/x").unwrap().parts().0, "A/B");
    }

    #[test]
    fn the_other_algorithm_has_no_region() {
        let text = "AKID/20150830/kms/aws4_request";
        let credential = Credential::parse(Kind::Header, Algorithm::Ecdsa, Cow::Borrowed(text)).unwrap();
        let scope = Scope { date: "20150830", region: "", service: "kms" };
        assert_eq!(credential.parts(), ("AKID", scope, "aws4_request"));
        assert_eq!(scope.to_string(), "20150830/kms/aws4_request");
        assert!(
            Credential::parse(Kind::Header, Algorithm::Ecdsa, Cow::Borrowed("20150830/kms/aws4_request"))
                .is_err()
        );
    }

    #[test]
    fn fewer_or_empty_parts_are_told_apart_from_a_bad_date() {
        for text in [
            "",
            "/",
            "AKID",
            "a/b/c/d",
            "/20150830/us-east-1/kms/aws4_request",
            "AKID/20150830//kms/aws4_request",
            "AKID/20150830/us-east-1//aws4_request",
            "AKID//us-east-1/kms/aws4_request",
            "////",
            "é/é/é/é",
        ] {
            let fault = CredentialFault::Parts(text.trim_end_matches('/').to_owned());
            assert_eq!(
                parse(text).err(),
                Some(SignatureError::MalformedCredential(Kind::Header, fault)),
                "{text}"
            );
        }
        let fault = CredentialFault::Date("2015083".to_owned());
        let error = SignatureError::MalformedCredential(Kind::Header, fault);
        assert_eq!(parse("AKID/2015083/us-east-1/kms/aws4_request").err(), Some(error));
    }
}
