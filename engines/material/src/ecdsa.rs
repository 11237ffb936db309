//! ECDSA on the NIST curves, and their key generation. Source: FIPS 186-5, section 6. Signatures are DER.

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::agreement::{self, PrivateKey};
use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair, ParsedPublicKey,
};

use crate::key_pair::draw;
use crate::{Entropy, Error, KeySpec, Message, Result};

/// A curve with the one hash that KMS pairs it with.
pub(crate) struct Curve {
    pub(crate) agreement: &'static agreement::Algorithm,
    signing: &'static EcdsaSigningAlgorithm,
    verification: &'static EcdsaVerificationAlgorithm,
    digest: &'static digest::Algorithm,
}

/// A private key for signing.
pub(crate) struct EcdsaKey {
    pair: EcdsaKeyPair,
    digest: &'static digest::Algorithm,
}

impl Curve {
    pub(crate) fn of(spec: KeySpec) -> Result<Self> {
        match spec {
            KeySpec::EccNistP256 => Ok(Self {
                agreement: &agreement::ECDH_P256,
                signing: &ECDSA_P256_SHA256_ASN1_SIGNING,
                verification: &ECDSA_P256_SHA256_ASN1,
                digest: &digest::SHA256,
            }),
            KeySpec::EccNistP384 => Ok(Self {
                agreement: &agreement::ECDH_P384,
                signing: &ECDSA_P384_SHA384_ASN1_SIGNING,
                verification: &ECDSA_P384_SHA384_ASN1,
                digest: &digest::SHA384,
            }),
            KeySpec::EccNistP521 => Ok(Self {
                agreement: &agreement::ECDH_P521,
                signing: &ECDSA_P521_SHA512_ASN1_SIGNING,
                verification: &ECDSA_P521_SHA512_ASN1,
                digest: &digest::SHA512,
            }),
            _ => Err(Error::Unsupported(spec.text())),
        }
    }
}

/// A fresh private key as PKCS#8, and its public half.
pub(crate) fn generate(spec: KeySpec, entropy: Entropy<'_>) -> Result<(SecretBytes, Vec<u8>)> {
    let curve = Curve::of(spec)?;
    let key = match spec {
        KeySpec::EccNistP256 => draw::<32, _>(entropy, |secret| scalar(&curve, secret)),
        KeySpec::EccNistP384 => draw::<48, _>(entropy, |secret| scalar(&curve, secret)),
        _ => draw::<66, _>(entropy, |secret| {
            // The order of P-521 has 521 bits: the top seven of 66 bytes are always zero.
            secret[0] &= 1;
            scalar(&curve, secret)
        }),
    }?;
    let pair = pair(&curve, &key)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| Error::Failed)?;
    Ok((SecretBytes::new(pkcs8.as_ref().to_vec()), spki(&pair)?))
}

/// The same private key in the one encoding that a fresh one has: the library would write a public half back as it
/// came, or not at all.
pub(crate) fn canonical(spec: KeySpec, pkcs8: &[u8]) -> Result<SecretBytes> {
    // The signing reader takes PKCS#8 alone, the other one RFC 5915 too.
    EcdsaKey::from_pkcs8(spec, pkcs8)?;
    let curve = Curve::of(spec)?;
    let key = PrivateKey::from_private_key_der(curve.agreement, pkcs8).map_err(|_| Error::InvalidMaterial)?;
    let pkcs8 = pair(&curve, &key)?.to_pkcs8v1().map_err(|_| Error::Failed)?;
    Ok(SecretBytes::new(pkcs8.as_ref().to_vec()))
}

/// The key of this secret, or none where it is zero or not below the order.
fn scalar(curve: &Curve, secret: &[u8]) -> Option<PrivateKey> {
    PrivateKey::from_private_key(curve.agreement, secret).ok()
}

fn pair(curve: &Curve, key: &PrivateKey) -> Result<EcdsaKeyPair> {
    let secret: EcPrivateKeyBin<'_> = key.as_be_bytes().map_err(|_| Error::Failed)?;
    let public = key.compute_public_key().map_err(|_| Error::Failed)?;
    EcdsaKeyPair::from_private_key_and_public_key(curve.signing, secret.as_ref(), public.as_ref())
        .map_err(|_| Error::Failed)
}

fn spki(pair: &EcdsaKeyPair) -> Result<Vec<u8>> {
    Ok(pair.public_key().as_der().map_err(|_| Error::Failed)?.as_ref().to_vec())
}

impl EcdsaKey {
    /// Reads PKCS#8; gives the key and its public half.
    pub(crate) fn from_pkcs8(spec: KeySpec, pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        let curve = Curve::of(spec)?;
        let pair = EcdsaKeyPair::from_pkcs8(curve.signing, pkcs8).map_err(|_| Error::InvalidMaterial)?;
        let spki = spki(&pair)?;
        Ok((Self { pair, digest: curve.digest }, spki))
    }

    pub(crate) fn sign(&self, message: &Message<'_>) -> Result<Vec<u8>> {
        let signature = self.pair.sign_digest(&message.digest(self.digest)?).map_err(|_| Error::Failed)?;
        Ok(signature.as_ref().to_vec())
    }
}

/// The public half for verifying.
pub(crate) fn verifying_key(
    spec: KeySpec,
    spki: &[u8],
) -> Result<(ParsedPublicKey, &'static digest::Algorithm)> {
    let curve = Curve::of(spec)?;
    let key = ParsedPublicKey::new(curve.verification, spki).map_err(|_| Error::InvalidPublicKey)?;
    Ok((key, curve.digest))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// All ones is above the order of each curve, zero is no key: both are drawn again.
    #[test]
    fn candidates_outside_the_order_are_drawn_again() {
        for spec in [KeySpec::EccNistP256, KeySpec::EccNistP384, KeySpec::EccNistP521] {
            let drawn = Cell::new(0);
            let entropy = |bytes: &mut [u8]| {
                drawn.set(drawn.get() + 1);
                bytes.fill([0xff, 0, 0x11][drawn.get().min(3) - 1]);
            };
            let first = generate(spec, &entropy).unwrap();
            assert_eq!(drawn.get(), 3, "{}", spec.text());
            let second = generate(spec, &|bytes: &mut [u8]| bytes.fill(0x11)).unwrap();
            assert_eq!(first.0.expose(), second.0.expose());
            assert_eq!(generate(spec, &|bytes: &mut [u8]| bytes.fill(0)).err(), Some(Error::Failed));
        }
    }
}
