//! What Sign and Verify take.

use aws_lc_rs::digest::{self, Digest};

use crate::{Error, Result, SigningAlgorithm};

/// The most bytes of a message that Sign, Verify, GenerateMac and VerifyMac take. Source: KMS API Reference, Sign.
pub const MESSAGE_LIMIT: usize = 4096;

/// A message to sign or verify, by its `MessageType`.
#[derive(Debug, Clone, Copy)]
pub enum Message<'a> {
    /// The message itself; the algorithm hashes it.
    Raw(&'a [u8]),
    /// A digest that the caller has made with the algorithm's hash.
    Digest(&'a [u8]),
    /// ML-DSA's representative of a message, 64 bytes (FIPS 204, section 6.2).
    ExternalMu(&'a [u8]),
}

/// What one algorithm takes: the lengths of a digest and of a representative, where it takes them at all.
struct Takes {
    raw: bool,
    digest: Option<usize>,
    external_mu: bool,
}

impl Message<'_> {
    /// Whether the algorithm takes this type of message, of this length.
    pub(crate) fn check(&self, algorithm: SigningAlgorithm) -> Result<()> {
        let takes = takes(algorithm);
        let name = algorithm.text();
        let exactly = |bytes: &[u8], expected| {
            if bytes.len() == expected {
                Ok(())
            } else {
                Err(Error::DigestLength { algorithm: name, expected })
            }
        };
        match self {
            Self::Raw(bytes) if takes.raw => within_limit(bytes),
            Self::ExternalMu(bytes) if takes.external_mu => exactly(bytes, 64),
            Self::Digest(bytes) => match takes.digest {
                Some(expected) => exactly(bytes, expected),
                None => Err(Error::MessageTypeNotAllowed { algorithm: name }),
            },
            _ => Err(Error::MessageTypeNotAllowed { algorithm: name }),
        }
    }

    /// The digest to sign: made here from a raw message, or taken as it is.
    pub(crate) fn digest(&self, algorithm: &'static digest::Algorithm) -> Result<Digest> {
        match self {
            Self::Raw(bytes) => Ok(digest::digest(algorithm, bytes)),
            Self::Digest(bytes) | Self::ExternalMu(bytes) => {
                Digest::import_less_safe(bytes, algorithm).map_err(|_| Error::Failed)
            }
        }
    }
}

/// Refuses what is longer than KMS takes.
pub(crate) fn within_limit(message: &[u8]) -> Result<()> {
    if message.len() <= MESSAGE_LIMIT { Ok(()) } else { Err(Error::TooLong { limit: MESSAGE_LIMIT }) }
}

/// Source: KMS API Reference, Sign, `MessageType`.
fn takes(algorithm: SigningAlgorithm) -> Takes {
    let hashed = |len| Takes { raw: true, digest: Some(len), external_mu: false };
    match algorithm {
        SigningAlgorithm::RsassaPssSha256
        | SigningAlgorithm::RsassaPkcs1V15Sha256
        | SigningAlgorithm::EcdsaSha256
        | SigningAlgorithm::Sm2Dsa => hashed(32),
        SigningAlgorithm::RsassaPssSha384
        | SigningAlgorithm::RsassaPkcs1V15Sha384
        | SigningAlgorithm::EcdsaSha384 => hashed(48),
        SigningAlgorithm::RsassaPssSha512
        | SigningAlgorithm::RsassaPkcs1V15Sha512
        | SigningAlgorithm::EcdsaSha512 => hashed(64),
        SigningAlgorithm::Ed25519Sha512 => Takes { raw: true, digest: None, external_mu: false },
        SigningAlgorithm::Ed25519PhSha512 => Takes { raw: false, digest: Some(64), external_mu: false },
        SigningAlgorithm::MlDsaShake256 => Takes { raw: true, digest: None, external_mu: true },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_algorithm_takes_its_own_message_types() {
        let check = |algorithm, message: Message<'_>| message.check(algorithm);
        assert_eq!(check(SigningAlgorithm::EcdsaSha256, Message::Digest(&[0; 32])), Ok(()));
        assert_eq!(
            check(SigningAlgorithm::EcdsaSha384, Message::Digest(&[0; 32])),
            Err(Error::DigestLength { algorithm: "ECDSA_SHA_384", expected: 48 })
        );
        assert_eq!(check(SigningAlgorithm::EcdsaSha256, Message::Raw(&[0; 4096])), Ok(()));
        assert_eq!(
            check(SigningAlgorithm::EcdsaSha256, Message::Raw(&[0; 4097])),
            Err(Error::TooLong { limit: 4096 })
        );
        for (algorithm, message) in [
            (SigningAlgorithm::Ed25519Sha512, Message::Digest(&[0; 64])),
            (SigningAlgorithm::Ed25519PhSha512, Message::Raw(&[0; 64])),
            (SigningAlgorithm::MlDsaShake256, Message::Digest(&[0; 64])),
            (SigningAlgorithm::RsassaPssSha256, Message::ExternalMu(&[0; 64])),
        ] {
            assert_eq!(
                check(algorithm, message),
                Err(Error::MessageTypeNotAllowed { algorithm: algorithm.text() })
            );
        }
    }
}
