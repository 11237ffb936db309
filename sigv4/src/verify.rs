//! The signature itself.

use crate::algorithm::Algorithm;
use crate::canonical::{CanonicalRequest, PathStyle, Sink};
use crate::check::Checked;
use crate::chunked::{ChunkLimits, ChunkedDecoder};
use crate::error::SignatureError;
use crate::hex;
use crate::key::SigningKey;
use crate::payload::{CONTENT_SHA256, Payload, PayloadCheck, PayloadHash};
use crate::presented::{Kind, Presented, Signature};
use crate::request::Request;
use crate::scope::Scope;
use crate::sha256::Sha256Digest;
use crate::time::Timestamp;

/// A request that was signed with the key; its body may still have to prove itself ([`Verified::payload`]).
#[derive(Debug)]
pub struct Verified<'p, 'a> {
    presented: &'p Presented<'a>,
    payload: Payload,
}

/// Computes the signature over the request as it came, and compares in constant time.
///
/// # Errors
/// [`SignatureError::Mismatch`], or, with [`PayloadHash::AsDeclared`], a fault of `x-amz-content-sha256`.
pub fn verify<'p, 'a>(
    request: &Request<'_>,
    checked: &Checked<'p, 'a>,
    key: &SigningKey,
    body: PayloadHash,
) -> Result<Verified<'p, 'a>, SignatureError> {
    let presented = checked.presented();
    let payload = presented.payload_of(request, body)?;
    let canonical = presented.canonical_request(request, payload);
    let text = string_to_sign(presented.algorithm(), presented.time(), presented.scope(), canonical.sha256());
    match key.accepts(text.bytes(), &presented.signature) {
        true => Ok(Verified { presented, payload }),
        false => Err(SignatureError::Mismatch),
    }
}

impl<'p, 'a> Verified<'p, 'a> {
    /// Who signed, when, and for what.
    pub fn presented(&self) -> &'p Presented<'a> {
        self.presented
    }

    /// What the body must turn out to be.
    pub fn payload(&self) -> Payload {
        self.payload
    }

    /// The check that the body needs while it is read; none if it was hashed before, is unsigned, or comes in chunks.
    pub fn payload_check(&self) -> Option<PayloadCheck> {
        match self.payload {
            Payload::Sha256(hash) => Some(PayloadCheck::new(hash)),
            _ => None,
        }
    }

    /// The decoder for a body in chunks; none if it is not.
    ///
    /// # Errors
    /// A fault in `x-amz-decoded-content-length` or `x-amz-trailer`.
    pub fn chunked_decoder(
        &self,
        request: &Request<'_>,
        key: &SigningKey,
        limits: ChunkLimits,
    ) -> Result<Option<ChunkedDecoder>, SignatureError> {
        ChunkedDecoder::of(self, request, key, limits)
    }

    /// The signature from which the chunks' signatures are chained; none in SigV4A.
    pub(crate) fn signature(&self) -> Option<[u8; 32]> {
        match self.presented.signature {
            Signature::Tag(tag) => Some(tag),
            Signature::Der(_) | Signature::Unreadable => None,
        }
    }
}

impl Presented<'_> {
    /// The canonical request that this claim is about, for people who look for the difference.
    ///
    /// # Errors
    /// With [`PayloadHash::AsDeclared`], a fault of `x-amz-content-sha256`.
    pub fn canonical_text(&self, request: &Request<'_>, body: PayloadHash) -> Result<String, SignatureError> {
        Ok(self.canonical_request(request, self.payload_of(request, body)?).text())
    }

    /// The string to sign that belongs to [`Presented::canonical_text`].
    ///
    /// # Errors
    /// As there.
    pub fn string_to_sign(&self, request: &Request<'_>, body: PayloadHash) -> Result<String, SignatureError> {
        let canonical = self.canonical_request(request, self.payload_of(request, body)?).sha256();
        Ok(String::from_utf8_lossy(
            string_to_sign(self.algorithm, self.time, self.scope(), canonical).bytes(),
        )
        .into_owned())
    }

    fn canonical_request<'r>(&'r self, request: &'r Request<'r>, payload: Payload) -> CanonicalRequest<'r> {
        CanonicalRequest {
            request,
            signed: &self.signed_headers,
            style: PathStyle::of(self.scope().service),
            payload: payload.line(),
            presigned: self.kind == Kind::Query,
        }
    }

    /// A header speaks for itself; a presigned request leaves its body unsigned unless it covers a word about it.
    fn payload_of(&self, request: &Request<'_>, body: PayloadHash) -> Result<Payload, SignatureError> {
        match (body, self.kind, self.payload) {
            (PayloadHash::Sha256(hash), _, _) => Ok(Payload::Checked(hash)),
            (_, Kind::Query, Some(payload)) => Ok(payload),
            (_, Kind::Query, None) if !self.signed_headers.contains(CONTENT_SHA256) => Ok(Payload::Unsigned),
            _ => Payload::of_header(request),
        }
    }
}

/// A string to sign: on the stack unless a Region or service of absurd length was sent.
pub(crate) struct StringToSign {
    buffer: [u8; 256],
    used: usize,
    long: Vec<u8>,
}

impl StringToSign {
    pub(crate) fn new() -> Self {
        Self { buffer: [0; 256], used: 0, long: Vec::new() }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self.long.is_empty() {
            true => self.buffer.get(..self.used).unwrap_or_default(),
            false => &self.long,
        }
    }

    pub(crate) fn put_scope(&mut self, scope: Scope<'_>) {
        for part in [scope.date, scope.region, scope.service] {
            if !part.is_empty() {
                self.put(part.as_bytes());
                self.put(b"/");
            }
        }
        self.put(crate::TERMINATOR.as_bytes());
    }
}

impl Sink for StringToSign {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.used + bytes.len();
        match self.buffer.get_mut(self.used..end) {
            Some(place) if self.long.is_empty() => {
                place.copy_from_slice(bytes);
                self.used = end;
            }
            _ => {
                if self.long.is_empty() {
                    self.long.extend_from_slice(self.buffer.get(..self.used).unwrap_or_default());
                }
                self.long.extend_from_slice(bytes);
            }
        }
    }
}

/// Algorithm, time, scope and the hash of the canonical request, a line each.
pub(crate) fn string_to_sign(
    algorithm: Algorithm,
    time: Timestamp,
    scope: Scope<'_>,
    canonical: Sha256Digest,
) -> StringToSign {
    let mut text = StringToSign::new();
    text.put(algorithm.name().as_bytes());
    text.put(b"\n");
    text.put(&time.basic());
    text.put(b"\n");
    text.put_scope(scope);
    text.put(b"\n");
    text.put(&hex::encode(&canonical));
    text
}
