//! Fresh pairs of keys: the material of asymmetric keys, and what GenerateDataKeyPair gives away.

use alcazar_core::secret::SecretBytes;

use crate::{Entropy, Error, KeySpec, Result, ecdsa, ed25519, ml_dsa, ml_kem, rsa, secp256k1, sm2};

/// A private key and its public half, as bytes.
#[derive(Debug, Clone)]
pub struct KeyPair {
    /// The spec.
    pub spec: KeySpec,
    /// PKCS#8 `PrivateKeyInfo`, DER (RFC 5958).
    pub private_key: SecretBytes,
    /// X.509 `SubjectPublicKeyInfo`, DER (RFC 5280, section 4.1).
    pub public_key: Vec<u8>,
}

impl KeyPair {
    /// Makes a pair of any asymmetric spec. RSA takes from tens of milliseconds to seconds (see [`crate::RsaPool`]) and
    /// draws from the library's own generator; the others take microseconds and are a function of `entropy`.
    pub fn generate(spec: KeySpec, entropy: Entropy<'_>) -> Result<Self> {
        let (private_key, public_key) = match spec {
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => rsa::generate(spec),
            KeySpec::EccNistP256 | KeySpec::EccNistP384 | KeySpec::EccNistP521 => {
                ecdsa::generate(spec, entropy)
            }
            KeySpec::EccSecgP256k1 => secp256k1::generate(entropy),
            KeySpec::EccNistEdwards25519 => ed25519::generate(entropy),
            KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => ml_dsa::generate(spec, entropy),
            KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => ml_kem::generate(spec, entropy),
            KeySpec::Sm2 => sm2::generate(entropy),
            _ => Err(Error::Unsupported(spec.text())),
        }?;
        Ok(Self { spec, private_key, public_key })
    }
}

/// Draws until `accept` takes what came: candidates outside a curve's order are drawn again (FIPS 186-5, section A.2.2).
/// The odds of a second draw are under 2^-31 on every curve here, so a source that never fits is broken.
pub(crate) fn draw<const N: usize, T>(
    entropy: Entropy<'_>,
    accept: impl Fn(&mut [u8; N]) -> Option<T>,
) -> Result<T> {
    let mut candidate = zeroize::Zeroizing::new([0; N]);
    for _ in 0..64 {
        entropy(candidate.as_mut_slice());
        if let Some(key) = accept(&mut candidate) {
            return Ok(key);
        }
    }
    Err(Error::Failed)
}
