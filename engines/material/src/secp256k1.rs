//! ECDSA on secp256k1, by k256: seven times faster than aws-lc on this curve. Nonces follow RFC 6979; signatures are DER
//! with the lower of the two values of s.

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::digest::SHA256;
use k256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use k256::ecdsa::{Signature, SigningKey, VerifyingKey};
use k256::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use k256::{PublicKey, SecretKey};

use crate::key_pair::draw;
use crate::{Entropy, Error, Message, Result};

/// A private key for signing.
pub(crate) struct Secp256k1Key(SigningKey);

/// A fresh private key as PKCS#8, and its public half.
pub(crate) fn generate(entropy: Entropy<'_>) -> Result<(SecretBytes, Vec<u8>)> {
    let key = draw::<32, _>(entropy, |secret| SecretKey::from_slice(secret.as_slice()).ok())?;
    Ok((encoded(&key)?, spki(&key)?))
}

/// The same private key in the one encoding that a fresh one has.
pub(crate) fn canonical(pkcs8: &[u8]) -> Result<SecretBytes> {
    encoded(&SecretKey::from_pkcs8_der(pkcs8).map_err(|_| Error::InvalidMaterial)?)
}

fn encoded(key: &SecretKey) -> Result<SecretBytes> {
    let pkcs8 = key.to_pkcs8_der().map_err(|_| Error::Failed)?;
    Ok(SecretBytes::new(pkcs8.as_bytes().to_vec()))
}

fn spki(key: &SecretKey) -> Result<Vec<u8>> {
    Ok(key.public_key().to_public_key_der().map_err(|_| Error::Failed)?.as_bytes().to_vec())
}

impl Secp256k1Key {
    /// Reads PKCS#8; gives the key and its public half.
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        let key = SecretKey::from_pkcs8_der(pkcs8).map_err(|_| Error::InvalidMaterial)?;
        let spki = spki(&key)?;
        Ok((Self(SigningKey::from(key)), spki))
    }

    pub(crate) fn sign(&self, message: &Message<'_>) -> Result<Vec<u8>> {
        let digest = message.digest(&SHA256)?;
        let signature: Signature = self.0.sign_prehash(digest.as_ref()).map_err(|_| Error::Failed)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

/// The public half for verifying: a canonical SubjectPublicKeyInfo with an uncompressed point.
pub(crate) fn verifying_key(spki: &[u8]) -> Result<VerifyingKey> {
    let key = PublicKey::from_public_key_der(spki).map_err(|_| Error::InvalidPublicKey)?;
    let again = key.to_public_key_der().map_err(|_| Error::Failed)?;
    if again.as_bytes() == spki { Ok(VerifyingKey::from(key)) } else { Err(Error::InvalidPublicKey) }
}

/// Both values of s are valid in ECDSA (FIPS 186-5, section 6.4.2) and other signers use either; k256 takes the lower
/// one alone, so the signature is brought to it.
pub(crate) fn verify(key: &VerifyingKey, message: &Message<'_>, signature: &[u8]) -> Result<()> {
    let digest = message.digest(&SHA256)?;
    let signature = Signature::from_der(signature).map_err(|_| Error::InvalidSignature)?;
    let signature = signature.normalize_s().unwrap_or(signature);
    key.verify_prehash(digest.as_ref(), &signature).map_err(|_| Error::InvalidSignature)
}
