//! ML-KEM. Source: FIPS 203; RFC 9935 for the encodings.
//!
//! A key is kept as its seed of 64 bytes, which is also the one form that GenerateDataKeyPair gives away (KMS API
//! Reference, GenerateDataKeyPair). aws-lc encapsulates and decapsulates, but aws-lc-rs neither takes nor gives a seed,
//! and what it reads from an expanded key has lost the public half. So the `ml-kem` crate expands the seed (FIPS 203,
//! section 7.1); the public half is a part of what comes out.

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::kem::{self, DecapsulationKey, EncapsulationKey};
use ml_kem::{MlKem512, MlKem768, MlKem1024, Seed, TryKeyInit};
use zeroize::{Zeroize, Zeroizing};

use crate::{Entropy, Error, KeySpec, Result};

const SEED_LEN: usize = 64;
/// What ends an expanded key, after the public one: a digest of that and the seed of implicit rejection.
const TAIL_LEN: usize = 64;

/// What Encapsulate gives.
#[derive(Debug, Clone)]
pub struct Encapsulation {
    /// The secret that both sides will share, 32 bytes.
    pub shared_secret: SecretBytes,
    /// Its encapsulated form: 768 bytes for ML_KEM_512, 1088 for ML_KEM_768, 1568 for ML_KEM_1024.
    pub ciphertext: Vec<u8>,
}

/// A private key for decapsulating.
pub(crate) struct MlKemKey {
    ciphertext_len: usize,
    key: DecapsulationKey,
}

/// A public key for encapsulating.
pub(crate) struct MlKemPublicKey(EncapsulationKey);

struct Parameters {
    algorithm: &'static kem::Algorithm,
    public_len: usize,
    ciphertext_len: usize,
    /// Everything before the public key in a SubjectPublicKeyInfo: lengths, the algorithm's OID, no unused bits.
    spki_head: [u8; 22],
    /// Everything before the seed in a PrivateKeyInfo: version 0, the algorithm's OID, the seed's choice.
    pkcs8_head: [u8; 22],
}

/// Source: FIPS 203, section 8, table 3. The last number of the OID tells the three apart (NIST, Computer Security
/// Objects Register, 2.16.840.1.101.3.4.4).
fn parameters(spec: KeySpec) -> Result<Parameters> {
    let (algorithm, public_len, ciphertext_len, oid) = match spec {
        KeySpec::MlKem512 => (&kem::ML_KEM_512, 800_u16, 768, 1),
        KeySpec::MlKem768 => (&kem::ML_KEM_768, 1184, 1088, 2),
        KeySpec::MlKem1024 => (&kem::ML_KEM_1024, 1568, 1568, 3),
        _ => return Err(Error::Unsupported(spec.text())),
    };
    let [whole, whole_low] = (public_len + 18).to_be_bytes();
    let [bits, bits_low] = (public_len + 1).to_be_bytes();
    Ok(Parameters {
        algorithm,
        public_len: usize::from(public_len),
        ciphertext_len,
        #[rustfmt::skip]
        spki_head: [
            0x30, 0x82, whole, whole_low,
            0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, oid,
            0x03, 0x82, bits, bits_low, 0x00,
        ],
        #[rustfmt::skip]
        pkcs8_head: [
            0x30, 0x54, 0x02, 0x01, 0x00,
            0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, oid,
            0x04, 0x42, 0x80, 0x40,
        ],
    })
}

/// A fresh private key as PKCS#8, and its public half.
pub(crate) fn generate(spec: KeySpec, entropy: Entropy<'_>) -> Result<(SecretBytes, Vec<u8>)> {
    let parameters = parameters(spec)?;
    let mut seed = Zeroizing::new([0; SEED_LEN]);
    entropy(seed.as_mut_slice());
    let expanded = expand(spec, &seed)?;
    let pkcs8 = [parameters.pkcs8_head.as_slice(), seed.as_slice()].concat();
    Ok((SecretBytes::new(pkcs8), parameters.spki(&expanded)?))
}

impl Parameters {
    /// The public half of an expanded key. Source: FIPS 203, section 7.1, algorithm 16.
    fn spki(&self, expanded: &[u8]) -> Result<Vec<u8>> {
        let end = expanded.len().checked_sub(TAIL_LEN).ok_or(Error::Failed)?;
        let start = end.checked_sub(self.public_len).ok_or(Error::Failed)?;
        let public = expanded.get(start..end).ok_or(Error::Failed)?;
        Ok([&self.spki_head, public].concat())
    }
}

impl MlKemKey {
    /// Reads PKCS#8 with the key as a seed; gives the key and its public half.
    pub(crate) fn from_pkcs8(spec: KeySpec, pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        let parameters = parameters(spec)?;
        let seed = pkcs8.strip_prefix(&parameters.pkcs8_head).ok_or(Error::InvalidMaterial)?;
        let expanded = expand(spec, seed.try_into().map_err(|_| Error::InvalidMaterial)?)?;
        let key = DecapsulationKey::new(parameters.algorithm, &expanded).map_err(|_| Error::Failed)?;
        let spki = parameters.spki(&expanded)?;
        Ok((Self { ciphertext_len: parameters.ciphertext_len, key }, spki))
    }

    pub(crate) fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes> {
        if ciphertext.len() != self.ciphertext_len {
            return Err(Error::InvalidCiphertext);
        }
        let secret = self.key.decapsulate(ciphertext.into()).map_err(|_| Error::Failed)?;
        Ok(SecretBytes::new(secret.as_ref().to_vec()))
    }
}

impl MlKemPublicKey {
    pub(crate) fn from_spki(spec: KeySpec, spki: &[u8]) -> Result<Self> {
        let parameters = parameters(spec)?;
        let public = spki.strip_prefix(&parameters.spki_head).ok_or(Error::InvalidPublicKey)?;
        check(spec, public)?;
        let key = EncapsulationKey::new(parameters.algorithm, public).map_err(|_| Error::InvalidPublicKey)?;
        Ok(Self(key))
    }

    /// The library draws the randomness.
    pub(crate) fn encapsulate(&self) -> Result<Encapsulation> {
        let (ciphertext, secret) = self.0.encapsulate().map_err(|_| Error::Failed)?;
        Ok(Encapsulation {
            shared_secret: SecretBytes::new(secret.as_ref().to_vec()),
            ciphertext: ciphertext.as_ref().to_vec(),
        })
    }
}

/// The expanded private key. Source: FIPS 203, section 7.1, algorithm 16.
fn expand(spec: KeySpec, seed: &[u8; SEED_LEN]) -> Result<Zeroizing<Vec<u8>>> {
    let mut seed = Seed::from(*seed);
    let expanded = match spec {
        KeySpec::MlKem512 => Ok(to_expanded(&ml_kem::DecapsulationKey::<MlKem512>::from_seed(seed))),
        KeySpec::MlKem768 => Ok(to_expanded(&ml_kem::DecapsulationKey::<MlKem768>::from_seed(seed))),
        KeySpec::MlKem1024 => Ok(to_expanded(&ml_kem::DecapsulationKey::<MlKem1024>::from_seed(seed))),
        _ => Err(Error::Unsupported(spec.text())),
    };
    seed.as_mut_slice().zeroize();
    expanded
}

#[expect(deprecated, reason = "not to be stored, and here it is not: it goes from one library to the other")]
fn to_expanded<K: ml_kem::ExpandedKeyEncoding>(key: &K) -> Zeroizing<Vec<u8>> {
    let mut expanded = key.to_expanded_bytes();
    let bytes = Zeroizing::new(expanded.to_vec());
    expanded.as_mut_slice().zeroize();
    bytes
}

/// Length and modulus, which aws-lc would find wrong only when the key is used. Source: FIPS 203, section 7.2.
fn check(spec: KeySpec, public: &[u8]) -> Result<()> {
    let valid = match spec {
        KeySpec::MlKem512 => ml_kem::EncapsulationKey::<MlKem512>::new_from_slice(public).is_ok(),
        KeySpec::MlKem768 => ml_kem::EncapsulationKey::<MlKem768>::new_from_slice(public).is_ok(),
        KeySpec::MlKem1024 => ml_kem::EncapsulationKey::<MlKem1024>::new_from_slice(public).is_ok(),
        _ => return Err(Error::Unsupported(spec.text())),
    };
    if valid { Ok(()) } else { Err(Error::InvalidPublicKey) }
}
