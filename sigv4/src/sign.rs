//! Signing: for our own calls to others, and for tests.

use crate::algorithm::Algorithm;
use crate::canonical::{CanonicalRequest, PathStyle};
use crate::chunked::ChunkSigner;
use crate::hex;
use crate::key::SigningKey;
use crate::payload::{CONTENT_SHA256, Payload};
use crate::percent::{self, Slash};
use crate::presented::{AUTHORIZATION, DATE, TOKEN};
use crate::request::Request;
use crate::scope::Scope;
use crate::signed_headers::SignedHeaders;
use crate::time::Timestamp;
use crate::verify::string_to_sign;

/// Headers that proxies and libraries change on the way, and that signers therefore leave out.
const NEVER_SIGNED: [&str; 11] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Who signs. Secret and token do not print.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// `AKIA...` or `ASIA...`.
    pub access_key_id: &'a str,
    /// The secret access key.
    pub secret: &'a str,
    /// The session token of temporary credentials.
    pub token: Option<&'a str>,
}

impl std::fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Signs requests for one service in one Region.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// Who signs.
    pub credentials: Credentials<'a>,
    /// The Region.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
}

/// What signing a request made.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The headers to add, names in lower case; `authorization` is the last.
    pub headers: Vec<(&'static str, String)>,
    key: SigningKey,
    time: Timestamp,
    scope: [String; 3],
    signature: [u8; 32],
}

impl Signed {
    /// The signer for the body's chunks, if the payload was [`Payload::SignedChunks`].
    pub fn chunks(&self) -> ChunkSigner {
        let [date, region, service] = &self.scope;
        ChunkSigner::new(&self.key, self.time, Scope { date, region, service }, self.signature)
    }
}

impl Signer<'_> {
    /// Signs by header. The request must carry `host` and must not carry `authorization` or any header that is added here:
    /// the date, the token if there is one, and for S3 (and for a payload that is no plain hash) `x-amz-content-sha256`.
    pub fn sign(&self, request: &Request<'_>, payload: Payload, time: Timestamp) -> Signed {
        let mut added = vec![(DATE, time.to_basic())];
        added.extend(self.credentials.token.map(|token| (TOKEN, token.to_owned())));
        if self.style() == PathStyle::Object || !matches!(payload, Payload::Sha256(_) | Payload::Checked(_)) {
            added.push((CONTENT_SHA256, payload.line().to_text()));
        }
        let mut headers = request.headers.to_vec();
        headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
        let request = Request { headers: &headers, ..*request };
        let signed = signed_headers(&request);
        let (key, date) = (self.key(time), date(time));
        let signature = self.signature(&request, &signed, payload, time, &key, false);
        let authorization = format!(
            "{} Credential={}/{}, SignedHeaders={}, Signature={}",
            crate::ALGORITHM,
            self.credentials.access_key_id,
            self.scope(&date),
            signed.as_str(),
            hex::to_string(&signature)
        );
        added.push((AUTHORIZATION, authorization));
        let scope = [date, self.region.to_owned(), self.service.to_owned()];
        Signed { headers: added, key, time, scope, signature }
    }

    /// Presigns for `lifetime` seconds. Returns the whole query; all headers of the request are signed and must be sent
    /// with it. S3 takes [`Payload::Unsigned`], others the hash of the body, which is empty for GET.
    pub fn presign(&self, request: &Request<'_>, payload: Payload, time: Timestamp, lifetime: u32) -> String {
        let signed = signed_headers(request);
        let date = date(time);
        let credential = format!("{}/{}", self.credentials.access_key_id, self.scope(&date));
        let mut query = request.query.to_owned();
        let mut add = |name: &str, value: &str| {
            let mut encoded = Vec::new();
            percent::encode(&mut encoded, value.as_bytes(), Slash::Encoded);
            let separator = if query.is_empty() { "" } else { "&" };
            query.push_str(separator);
            query.push_str(name);
            query.push('=');
            query.extend(encoded.iter().copied().map(char::from));
        };
        add("X-Amz-Algorithm", crate::ALGORITHM);
        add("X-Amz-Credential", &credential);
        add("X-Amz-Date", &time.to_basic());
        add("X-Amz-Expires", &lifetime.to_string());
        add("X-Amz-SignedHeaders", signed.as_str());
        if let Some(token) = self.credentials.token {
            add("X-Amz-Security-Token", token);
        }
        let with_query = Request { query: &query, ..*request };
        let signature = self.signature(&with_query, &signed, payload, time, &self.key(time), true);
        format!("{query}&X-Amz-Signature={}", hex::to_string(&signature))
    }

    fn signature(
        &self,
        request: &Request<'_>,
        signed: &SignedHeaders<'_>,
        payload: Payload,
        time: Timestamp,
        key: &SigningKey,
        presigned: bool,
    ) -> [u8; 32] {
        let canonical =
            CanonicalRequest { request, signed, style: self.style(), payload: payload.line(), presigned };
        key.sign(string_to_sign(Algorithm::Hmac, time, self.scope(&date(time)), canonical.sha256()).bytes())
    }

    fn key(&self, time: Timestamp) -> SigningKey {
        SigningKey::derive(self.credentials.secret, self.scope(&date(time)))
    }

    fn scope<'s>(&'s self, date: &'s str) -> Scope<'s> {
        Scope { date, region: self.region, service: self.service }
    }

    fn style(&self) -> PathStyle {
        PathStyle::of(self.service)
    }
}

fn date(time: Timestamp) -> String {
    time.date().iter().copied().map(char::from).collect()
}

fn signed_headers(request: &Request<'_>) -> SignedHeaders<'static> {
    let names = request.headers.iter().map(|(name, _)| *name).filter(|name| !NEVER_SIGNED.contains(name));
    SignedHeaders::of(names.collect())
}
