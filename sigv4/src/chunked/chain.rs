//! The chain of chunk signatures: each covers the one before, and the first covers the request's.

use crate::canonical::Sink;
use crate::hex;
use crate::key::SigningKey;
use crate::scope::Scope;
use crate::sha256::{self, Sha256Digest};
use crate::time::Timestamp;
use crate::verify::StringToSign;

#[derive(Debug)]
pub(crate) struct Chain {
    key: SigningKey,
    time: [u8; 16],
    /// Date, Region and service.
    scope: [Box<str>; 3],
    previous: [u8; 32],
}

impl Chain {
    pub(crate) fn new(key: &SigningKey, time: Timestamp, scope: Scope<'_>, seed: [u8; 32]) -> Self {
        let scope = [scope.date.into(), scope.region.into(), scope.service.into()];
        Self { key: key.clone(), time: time.basic(), scope, previous: seed }
    }

    /// Signs the next chunk, by the hash of its data.
    pub(crate) fn sign_chunk(&mut self, data: &Sha256Digest) -> [u8; 32] {
        self.previous = self.key.sign(self.chunk_text(data).bytes());
        self.previous
    }

    /// Signs the trailers, by the hash of their lines.
    pub(crate) fn sign_trailers(&mut self, lines: &Sha256Digest) -> [u8; 32] {
        self.previous = self.key.sign(self.trailer_text(lines).bytes());
        self.previous
    }

    /// Whether this is the next chunk's signature; only then the chain goes on.
    pub(crate) fn accepts_chunk(&mut self, data: &Sha256Digest, signature: &[u8; 32]) -> bool {
        let accepted = self.key.matches(self.chunk_text(data).bytes(), signature);
        self.previous = *signature;
        accepted
    }

    /// Whether this is the trailers' signature.
    pub(crate) fn accepts_trailers(&self, lines: &Sha256Digest, signature: &[u8; 32]) -> bool {
        self.key.matches(self.trailer_text(lines).bytes(), signature)
    }

    fn chunk_text(&self, data: &Sha256Digest) -> StringToSign {
        let mut text = self.text(b"AWS4-HMAC-SHA256-PAYLOAD\n");
        text.put(&hex::encode(&sha256::EMPTY));
        text.put(b"\n");
        text.put(&hex::encode(data));
        text
    }

    fn trailer_text(&self, lines: &Sha256Digest) -> StringToSign {
        let mut text = self.text(b"AWS4-HMAC-SHA256-TRAILER\n");
        text.put(&hex::encode(lines));
        text
    }

    /// Algorithm, time, scope and the signature before, a line each.
    fn text(&self, algorithm: &[u8]) -> StringToSign {
        let [date, region, service] = &self.scope;
        let mut text = StringToSign::new();
        text.put(algorithm);
        text.put(&self.time);
        text.put(b"\n");
        text.put_scope(Scope { date, region, service });
        text.put(b"\n");
        text.put(&hex::encode(&self.previous));
        text.put(b"\n");
        text
    }
}
