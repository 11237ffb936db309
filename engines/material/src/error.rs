//! Why this crate refused.

use std::fmt;

use crate::{KeySpec, KeyUsage};

/// What a call of this crate gives, or why it did not.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal. Each kind names the error that KMS answers in its place; none carries a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Known to the model and not in this build (`UnsupportedOperationException`). Names what.
    Unsupported(&'static str),
    /// A key of this spec cannot have this usage (`ValidationException` when a key is made), or this key has another
    /// (`InvalidKeyUsageException`).
    UsageNotAllowed {
        /// The spec of the key.
        spec: KeySpec,
        /// What was asked of it.
        usage: KeyUsage,
    },
    /// The algorithm does not go with the key's spec (`InvalidKeyUsageException`).
    AlgorithmNotAllowed {
        /// The spec of the key.
        spec: KeySpec,
        /// AWS's name of the algorithm.
        algorithm: &'static str,
    },
    /// The algorithm does not take messages of this type (`ValidationException`).
    MessageTypeNotAllowed {
        /// AWS's name of the algorithm.
        algorithm: &'static str,
    },
    /// The digest has another length than the algorithm's (`ValidationException`).
    DigestLength {
        /// AWS's name of the algorithm.
        algorithm: &'static str,
        /// The only length that fits, in bytes.
        expected: usize,
    },
    /// Material of this spec is not imported under this wrapping, or not under a wrapping key of that length
    /// (`UnsupportedOperationException`).
    WrappingNotAllowed {
        /// The spec of the key that the material is for.
        spec: KeySpec,
        /// AWS's name of the wrapping algorithm.
        algorithm: &'static str,
    },
    /// The message or plaintext is too long (`ValidationException`).
    TooLong {
        /// The most bytes that the key and the algorithm take.
        limit: usize,
    },
    /// The encryption context names a key twice (`ValidationException`).
    DuplicateContextKey,
    /// The bytes are no key of that spec (`IncorrectKeyMaterialException` on import).
    InvalidMaterial,
    /// The peer's public key is no SubjectPublicKeyInfo of a valid point on the key's curve (`ValidationException`).
    InvalidPublicKey,
    /// Altered, truncated, of another key, or under another encryption context: never which; on import, not wrapped as
    /// was agreed (`InvalidCiphertextException`).
    InvalidCiphertext,
    /// The signature does not belong to the message and key (`KMSInvalidSignatureException`).
    InvalidSignature,
    /// The MAC does not belong to the message and key (`KMSInvalidMacException`).
    InvalidMac,
    /// The library behind failed where it should not: out of memory, or a broken source of randomness
    /// (`KMSInternalException`).
    Failed,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(what) => write!(f, "{what} is not supported yet"),
            Self::UsageNotAllowed { spec, usage } => {
                write!(f, "a {} key is not used for {}", spec.text(), usage.text())
            }
            Self::AlgorithmNotAllowed { spec, algorithm } => {
                write!(f, "algorithm {algorithm} does not go with a {} key", spec.text())
            }
            Self::MessageTypeNotAllowed { algorithm } => {
                write!(f, "algorithm {algorithm} does not take this message type")
            }
            Self::DigestLength { algorithm, expected } => {
                write!(f, "a digest for algorithm {algorithm} has {expected} bytes")
            }
            Self::WrappingNotAllowed { spec, algorithm } => {
                write!(
                    f,
                    "material of a {} key is not wrapped with {algorithm} under such a key",
                    spec.text()
                )
            }
            Self::TooLong { limit } => write!(f, "longer than {limit} bytes"),
            Self::DuplicateContextKey => f.write_str("the encryption context names a key twice"),
            Self::InvalidMaterial => f.write_str("the bytes are no key of this spec"),
            Self::InvalidPublicKey => f.write_str("the public key is not valid for this key"),
            Self::InvalidCiphertext => f.write_str("the ciphertext is not valid"),
            Self::InvalidSignature => f.write_str("the signature is not valid"),
            Self::InvalidMac => f.write_str("the mac is not valid"),
            Self::Failed => f.write_str("the cryptographic library failed"),
        }
    }
}

impl std::error::Error for Error {}
