//! What the signature says about the body.

use crate::canonical::Sink;
use crate::error::SignatureError;
use crate::hex;
use crate::request::{Request, Single};
use crate::sha256::{Running, Sha256Digest};

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const SIGNED_CHUNKS: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_CHUNKS_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

pub(crate) const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// What the caller of [`crate::verify`] knows of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadHash {
    /// The body has been read and this is its hash; nothing remains to be checked afterwards. For every service but S3 and
    /// its kin: what the client may have written into `x-amz-content-sha256` does not count.
    Sha256(Sha256Digest),
    /// The body is still to come: believe `x-amz-content-sha256` for now, and check the body by [`Payload`] while it is
    /// read. A presigned request without the header leaves its body unsigned.
    AsDeclared,
}

/// What a body must turn out to be, once the request's signature is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The caller hashed it before, and this hash was signed; nothing remains to be done.
    Checked(Sha256Digest),
    /// Any body will do.
    Unsigned,
    /// The body must have this hash: [`PayloadCheck`].
    Sha256(Sha256Digest),
    /// `aws-chunked`, each chunk signed: [`crate::ChunkedDecoder`].
    SignedChunks {
        /// Whether signed trailers follow.
        trailer: bool,
    },
    /// `aws-chunked` without signatures, with trailers: [`crate::ChunkedDecoder`].
    UnsignedTrailer,
}

impl Payload {
    /// Reads `x-amz-content-sha256`; none for a value that says nothing.
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        match std::str::from_utf8(value).ok()? {
            UNSIGNED => Some(Self::Unsigned),
            SIGNED_CHUNKS => Some(Self::SignedChunks { trailer: false }),
            SIGNED_CHUNKS_TRAILER => Some(Self::SignedChunks { trailer: true }),
            UNSIGNED_TRAILER => Some(Self::UnsignedTrailer),
            _ => hex::decode(value).map(Self::Sha256),
        }
    }

    /// What the request's own header declares.
    pub(crate) fn of_header(request: &Request<'_>) -> Result<Self, SignatureError> {
        match request.single(CONTENT_SHA256) {
            Single::Absent => Err(SignatureError::ContentSha256Missing),
            Single::Once(value) => Self::parse(value).ok_or(SignatureError::ContentSha256Invalid),
            Single::Repeated => Err(SignatureError::ContentSha256Invalid),
        }
    }

    pub(crate) fn line(self) -> PayloadLine {
        match self {
            Self::Unsigned => PayloadLine::Word(UNSIGNED),
            Self::Checked(hash) | Self::Sha256(hash) => PayloadLine::Hash(hash),
            Self::SignedChunks { trailer: false } => PayloadLine::Word(SIGNED_CHUNKS),
            Self::SignedChunks { trailer: true } => PayloadLine::Word(SIGNED_CHUNKS_TRAILER),
            Self::UnsignedTrailer => PayloadLine::Word(UNSIGNED_TRAILER),
        }
    }
}

/// The last line of the canonical request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PayloadLine {
    Word(&'static str),
    Hash(Sha256Digest),
}

impl PayloadLine {
    pub(crate) fn write<S: Sink>(&self, sink: &mut S) {
        match self {
            Self::Word(word) => sink.put(word.as_bytes()),
            Self::Hash(hash) => sink.put(&hex::encode(hash)),
        }
    }

    /// The value of `x-amz-content-sha256` that says the same.
    pub(crate) fn to_text(self) -> String {
        match self {
            Self::Word(word) => word.to_owned(),
            Self::Hash(hash) => hex::to_string(&hash),
        }
    }
}

/// Hashes a body while it is read and compares at the end.
#[derive(Debug)]
pub struct PayloadCheck {
    declared: Sha256Digest,
    running: Running,
}

impl PayloadCheck {
    /// For a body of [`Payload::Sha256`].
    pub fn new(declared: Sha256Digest) -> Self {
        Self { declared, running: Running::new() }
    }

    /// Takes the next part of the body. Nothing is proven before [`PayloadCheck::finish`].
    pub fn update(&mut self, part: &[u8]) {
        self.running.update(part);
    }

    /// Whether the body was the one that was signed.
    pub fn finish(self) -> Result<(), SignatureError> {
        let computed = self.running.finish();
        match computed == self.declared {
            true => Ok(()),
            false => Err(SignatureError::ContentSha256Mismatch { declared: self.declared, computed }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sha256::sha256;

    #[test]
    fn a_body_is_accepted_only_if_it_is_the_signed_one() {
        let hash = sha256(b"one two");
        let mut check = PayloadCheck::new(hash);
        check.update(b"one ");
        check.update(b"two");
        assert_eq!(check.finish(), Ok(()));
        let mut check = PayloadCheck::new(hash);
        check.update(b"one twO");
        let computed = sha256(b"one twO");
        assert_eq!(check.finish(), Err(SignatureError::ContentSha256Mismatch { declared: hash, computed }));
    }

    #[test]
    fn what_a_payload_writes_it_reads() {
        let all = [
            Payload::Unsigned,
            Payload::Sha256(sha256(b"x")),
            Payload::SignedChunks { trailer: false },
            Payload::SignedChunks { trailer: true },
            Payload::UnsignedTrailer,
        ];
        for payload in all {
            assert_eq!(Payload::parse(payload.line().to_text().as_bytes()), Some(payload));
        }
        assert_eq!(Payload::parse(b"unsigned-payload"), None);
        assert_eq!(Payload::parse(b"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"), None);
    }
}
