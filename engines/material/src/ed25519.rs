//! Ed25519. Source: RFC 8032, section 5.1. Ed25519ph waits: aws-lc-rs does not offer it.

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use zeroize::Zeroizing;

use crate::{Entropy, Error, Message, Result, SigningAlgorithm};

/// A private key for signing.
pub(crate) struct Ed25519Key(Ed25519KeyPair);

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
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| Error::InvalidMaterial)?;
        let spki = spki(&pair)?;
        Ok((Self(pair), spki))
    }

    pub(crate) fn sign(&self, algorithm: SigningAlgorithm, message: &Message<'_>) -> Result<Vec<u8>> {
        let signature = self.0.try_sign(raw(algorithm, message)?).map_err(|_| Error::Failed)?;
        Ok(signature.as_ref().to_vec())
    }
}

/// The public half for verifying.
pub(crate) fn verifying_key(spki: &[u8]) -> Result<ParsedPublicKey> {
    ParsedPublicKey::new(&ED25519, spki).map_err(|_| Error::InvalidPublicKey)
}

pub(crate) fn verify(
    key: &ParsedPublicKey,
    algorithm: SigningAlgorithm,
    message: &Message<'_>,
    signature: &[u8],
) -> Result<()> {
    key.verify_sig(raw(algorithm, message)?, signature).map_err(|_| Error::InvalidSignature)
}

fn raw<'a>(algorithm: SigningAlgorithm, message: &Message<'a>) -> Result<&'a [u8]> {
    match message {
        Message::Raw(bytes) => Ok(bytes),
        _ => Err(Error::Unsupported(algorithm.text())),
    }
}
