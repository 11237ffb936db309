//! Ed25519, by aws-lc, and Ed25519ph, by ed25519-dalek: aws-lc-rs does not offer it. Source: RFC 8032, section 5.1.
//!
//! Ed25519ph hashes what it is given, and KMS gives it the digest that the caller has made already: the message is
//! hashed twice, once by each (KMS API Reference, Sign, `MessageType`). There is no context.

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use ed25519_dalek::{Digest, Sha512, Signature, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::{Entropy, Error, Message, Result, SigningAlgorithm};

/// A private key for signing.
pub(crate) struct Ed25519Key {
    pure: Ed25519KeyPair,
    prehashing: SigningKey,
}

/// A public key for verifying.
pub(crate) struct Ed25519PublicKey {
    pure: ParsedPublicKey,
    prehashing: VerifyingKey,
}

/// A fresh private key as PKCS#8 (version 1, which every reader knows), and its public half.
pub(crate) fn generate(entropy: Entropy<'_>) -> Result<(SecretBytes, Vec<u8>)> {
    let mut seed = Zeroizing::new([0; 32]);
    entropy(seed.as_mut_slice());
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| Error::Failed)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| Error::Failed)?;
    Ok((SecretBytes::new(pkcs8.as_ref().to_vec()), spki(&pair)?))
}

fn spki(pair: &Ed25519KeyPair) -> Result<Vec<u8>> {
    Ok(pair.public_key().as_der().map_err(|_| Error::Failed)?.as_ref().to_vec())
}

impl Ed25519Key {
    /// Reads PKCS#8; gives the key and its public half.
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        let pure = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| Error::InvalidMaterial)?;
        // Version 1 ends with the seed (RFC 8410, section 7), whichever version was read.
        let again = pure.to_pkcs8v1().map_err(|_| Error::Failed)?;
        let prehashing = SigningKey::from_bytes(again.as_ref().last_chunk().ok_or(Error::Failed)?);
        let spki = spki(&pure)?;
        Ok((Self { pure, prehashing }, spki))
    }

    pub(crate) fn sign(&self, algorithm: SigningAlgorithm, message: &Message<'_>) -> Result<Vec<u8>> {
        match message {
            Message::Raw(bytes) => {
                let signature = self.pure.try_sign(bytes).map_err(|_| Error::Failed)?;
                Ok(signature.as_ref().to_vec())
            }
            Message::Digest(bytes) => sign_prehashed(&self.prehashing, bytes),
            Message::ExternalMu(_) => Err(Error::MessageTypeNotAllowed { algorithm: algorithm.text() }),
        }
    }
}

impl Ed25519PublicKey {
    pub(crate) fn from_spki(spki: &[u8]) -> Result<Self> {
        let pure = ParsedPublicKey::new(&ED25519, spki).map_err(|_| Error::InvalidPublicKey)?;
        let point = spki.last_chunk().ok_or(Error::InvalidPublicKey)?;
        let prehashing = VerifyingKey::from_bytes(point).map_err(|_| Error::InvalidPublicKey)?;
        Ok(Self { pure, prehashing })
    }

    /// The key as the library read it, to see whether it came in the one form that is taken.
    pub(crate) fn parsed(&self) -> &ParsedPublicKey {
        &self.pure
    }

    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: &Message<'_>,
        signature: &[u8],
    ) -> Result<()> {
        match message {
            Message::Raw(bytes) => {
                self.pure.verify_sig(bytes, signature).map_err(|_| Error::InvalidSignature)
            }
            Message::Digest(bytes) => verify_prehashed(&self.prehashing, bytes, signature),
            Message::ExternalMu(_) => Err(Error::MessageTypeNotAllowed { algorithm: algorithm.text() }),
        }
    }
}

fn sign_prehashed(key: &SigningKey, message: &[u8]) -> Result<Vec<u8>> {
    let signature = key.sign_prehashed(Sha512::new().chain_update(message), None);
    Ok(signature.map_err(|_| Error::Failed)?.to_bytes().to_vec())
}

/// Refuses points of small order, which the rules leave open: no signature of a key made here has one.
fn verify_prehashed(key: &VerifyingKey, message: &[u8], signature: &[u8]) -> Result<()> {
    let signature = Signature::from_slice(signature).map_err(|_| Error::InvalidSignature)?;
    key.verify_prehashed_strict(Sha512::new().chain_update(message), None, &signature)
        .map_err(|_| Error::InvalidSignature)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
    }

    /// The message of three bytes there is no digest, so the vector goes in behind the check of lengths. Source: RFC
    /// 8032, section 7.3.
    #[test]
    fn the_vector_of_the_rfc_is_signed_and_verified() {
        let secret = bytes("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
        let public = bytes("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
        let expected: [u8; 64] = bytes(concat!(
            "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41",
            "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
        ));
        let key = SigningKey::from_bytes(&secret);
        assert_eq!(key.verifying_key().to_bytes(), public);
        assert_eq!(sign_prehashed(&key, b"abc").unwrap(), expected);
        assert_eq!(verify_prehashed(&key.verifying_key(), b"abc", &expected), Ok(()));
        assert_eq!(verify_prehashed(&key.verifying_key(), b"abd", &expected), Err(Error::InvalidSignature));
    }

    /// The identity as public key and as R, with s of zero, would verify every message where points of small order
    /// are taken.
    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let key = VerifyingKey::from_bytes(&identity).unwrap();
        let signature = [identity, [0; 32]].concat();
        assert_eq!(verify_prehashed(&key, b"any", &signature), Err(Error::InvalidSignature));
    }
}
