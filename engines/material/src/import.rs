//! Key material that comes from elsewhere: unwrapped, and brought into the one form in which material is kept.
//!
//! GetParametersForImport hands out the public half of a key pair of this use alone; the caller wraps material under it;
//! ImportKeyMaterial unwraps with [`ImportWrapping`] and reads with [`Material::import`].
//! Source: KMS Developer Guide, "Importing key material"; KMS API Reference, GetParametersForImport.

use std::fmt;

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use zeroize::Zeroizing;

use crate::rsa::{self, RsaDecryptingKey, RsaEncryptingKey};
use crate::sm2::{self, Sm2Key};
use crate::{EncryptionAlgorithm, Error, KeySpec, KeyUsage, Material, Result, der, ecdsa, secp256k1};

/// How a caller wraps the material that he imports. Source: KMS API Reference, `AlgorithmSpec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WrappingAlgorithm {
    /// RSAES-PKCS1-v1_5: refused since October 2023.
    RsaesPkcs1V15,
    /// RSAES-OAEP with SHA-1 for hash and mask (RFC 8017, section 7.1).
    RsaesOaepSha1,
    /// RSAES-OAEP with SHA-256 for hash and mask.
    RsaesOaepSha256,
    /// An AES key of 256 bits under RSAES-OAEP with SHA-1, then the material under that key by AES key wrap with padding
    /// (RFC 5649).
    RsaAesKeyWrapSha1,
    /// The same with SHA-256 for RSAES-OAEP.
    RsaAesKeyWrapSha256,
    /// SM2 public key encryption, under a wrapping key of spec SM2.
    Sm2Pke,
}

/// The private half of the key pair under which material is imported, with the algorithm that was agreed on.
pub struct ImportWrapping {
    unwrapping: Unwrapping,
    public_key: Vec<u8>,
}

enum Unwrapping {
    Oaep(RsaDecryptingKey, EncryptionAlgorithm),
    /// With the length of the modulus, behind which the wrapped material begins.
    KeyWrap(RsaDecryptingKey, EncryptionAlgorithm, usize),
    Sm2Pke(Box<Sm2Key>),
}

/// What is behind the algorithm's name.
#[derive(Clone, Copy)]
enum Scheme {
    Oaep(EncryptionAlgorithm),
    KeyWrap(EncryptionAlgorithm),
    Sm2Pke,
}

impl WrappingAlgorithm {
    /// All of them, in the model's order.
    pub const ALL: [Self; 6] = [
        Self::RsaesPkcs1V15,
        Self::RsaesOaepSha1,
        Self::RsaesOaepSha256,
        Self::RsaAesKeyWrapSha1,
        Self::RsaAesKeyWrapSha256,
        Self::Sm2Pke,
    ];

    /// AWS's name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::RsaesPkcs1V15 => "RSAES_PKCS1_V1_5",
            Self::RsaesOaepSha1 => "RSAES_OAEP_SHA_1",
            Self::RsaesOaepSha256 => "RSAES_OAEP_SHA_256",
            Self::RsaAesKeyWrapSha1 => "RSA_AES_KEY_WRAP_SHA_1",
            Self::RsaAesKeyWrapSha256 => "RSA_AES_KEY_WRAP_SHA_256",
            Self::Sm2Pke => "SM2PKE",
        }
    }

    /// The algorithm of AWS's name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.text() == text)
    }

    /// Whether material of that spec may be wrapped so, under a wrapping key of that spec: what GetParametersForImport
    /// asks. [`Error::Unsupported`] names an algorithm, a wrapping key or a spec that there is no import with;
    /// [`Error::WrappingNotAllowed`] says that each alone would do. Plain bytes go under OAEP alone; RSA keys, which are
    /// too long for it, not under OAEP; SM2 keys not under the key wrap; P-521 not under OAEP with RSA_2048. SM2PKE goes
    /// with a wrapping key of spec SM2, the others with RSA.
    /// Source: KMS Developer Guide, "Select a wrapping algorithm".
    pub fn check(self, wrapping_key: KeySpec, material: KeySpec) -> Result<()> {
        let scheme = self.scheme()?;
        let sm2 = wrapping_key == KeySpec::Sm2 && wrapping_key.is_supported();
        if !is_rsa(wrapping_key) && !sm2 {
            return Err(Error::Unsupported(wrapping_key.text()));
        }
        if !material.is_importable() {
            return Err(Error::Unsupported(material.text()));
        }
        let allowed = match scheme {
            Scheme::Oaep(_) => match material {
                KeySpec::EccNistP521 => is_rsa(wrapping_key) && wrapping_key != KeySpec::Rsa2048,
                _ => is_rsa(wrapping_key) && !is_rsa(material),
            },
            Scheme::KeyWrap(_) => {
                is_rsa(wrapping_key) && material.is_asymmetric() && material != KeySpec::Sm2
            }
            Scheme::Sm2Pke => wrapping_key == KeySpec::Sm2 && material.is_asymmetric(),
        };
        if allowed {
            Ok(())
        } else {
            Err(Error::WrappingNotAllowed { spec: material, algorithm: self.text() })
        }
    }

    fn scheme(self) -> Result<Scheme> {
        match self {
            Self::RsaesOaepSha1 => Ok(Scheme::Oaep(EncryptionAlgorithm::RsaesOaepSha1)),
            Self::RsaesOaepSha256 => Ok(Scheme::Oaep(EncryptionAlgorithm::RsaesOaepSha256)),
            Self::RsaAesKeyWrapSha1 => Ok(Scheme::KeyWrap(EncryptionAlgorithm::RsaesOaepSha1)),
            Self::RsaAesKeyWrapSha256 => Ok(Scheme::KeyWrap(EncryptionAlgorithm::RsaesOaepSha256)),
            Self::Sm2Pke if KeySpec::Sm2.is_supported() => Ok(Scheme::Sm2Pke),
            Self::RsaesPkcs1V15 | Self::Sm2Pke => Err(Error::Unsupported(self.text())),
        }
    }
}

impl ImportWrapping {
    /// Reads the private half, PKCS#8 as [`crate::KeyPair`] has it, of a pair of the wrapping key's spec. What is no such
    /// key is [`Error::InvalidMaterial`]; a spec that does not go with the algorithm is [`Error::Unsupported`].
    pub fn new(
        algorithm: WrappingAlgorithm,
        wrapping_key: KeySpec,
        private_key: &SecretBytes,
    ) -> Result<Self> {
        let (unwrapping, public_key) = match algorithm.scheme()? {
            Scheme::Oaep(oaep) => {
                let (key, public_key, _) = rsa_key(wrapping_key, private_key)?;
                (Unwrapping::Oaep(key, oaep), public_key)
            }
            Scheme::KeyWrap(oaep) => {
                let (key, public_key, modulus_len) = rsa_key(wrapping_key, private_key)?;
                (Unwrapping::KeyWrap(key, oaep, modulus_len), public_key)
            }
            Scheme::Sm2Pke if wrapping_key == KeySpec::Sm2 => {
                let (key, public_key) = Sm2Key::from_pkcs8(private_key.expose())?;
                (Unwrapping::Sm2Pke(Box::new(key)), public_key)
            }
            Scheme::Sm2Pke => return Err(Error::Unsupported(wrapping_key.text())),
        };
        Ok(Self { unwrapping, public_key })
    }

    /// What the caller wraps under: SubjectPublicKeyInfo, DER.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The material, not yet looked at. Whatever is wrong with the wrapping, the answer is
    /// [`Error::InvalidCiphertext`].
    pub fn unwrap(&self, wrapped: &[u8]) -> Result<SecretBytes> {
        let (key, oaep, modulus_len) = match &self.unwrapping {
            Unwrapping::Oaep(key, oaep) => return key.decrypt(*oaep, wrapped),
            Unwrapping::Sm2Pke(key) => return key.decrypt(wrapped),
            Unwrapping::KeyWrap(key, oaep, modulus_len) => (key, *oaep, *modulus_len),
        };
        let (outer, material) = wrapped.split_at_checked(modulus_len).ok_or(Error::InvalidCiphertext)?;
        let key = key.decrypt(oaep, outer)?;
        let key = AesKek::new(&AES_256, key.expose()).map_err(|_| Error::InvalidCiphertext)?;
        let mut unwrapped = Zeroizing::new(vec![0; material.len()]);
        let unwrapped = key.unwrap_with_padding(material, &mut unwrapped);
        Ok(SecretBytes::new(unwrapped.map_err(|_| Error::InvalidCiphertext)?.to_vec()))
    }
}

/// The RSA key with its public half and the length of its modulus.
fn rsa_key(spec: KeySpec, private_key: &SecretBytes) -> Result<(RsaDecryptingKey, Vec<u8>, usize)> {
    let modulus_len = spec.modulus_bytes().ok_or(Error::Unsupported(spec.text()))?;
    let (key, public_key) = RsaDecryptingKey::from_pkcs8(private_key.expose())?;
    RsaEncryptingKey::from_spki(spec, &public_key).map_err(|_| Error::InvalidMaterial)?;
    Ok((key, public_key, modulus_len))
}

impl Material {
    /// Reads what a caller imports. Plain bytes for SYMMETRIC_DEFAULT (32) and HMAC (as many as the spec's digest has, up
    /// to 128); for RSA and elliptic curves PKCS#8 DER, of exactly the spec, with two primes or a named curve and with
    /// the public half or without it. [`Error::InvalidMaterial`] is all else.
    ///
    /// A private key is kept in one encoding, whichever it came in, so that its [`Material::id`] is the same when it is
    /// imported again.
    /// Source: KMS Developer Guide, "Requirements for imported key material".
    pub fn import(spec: KeySpec, usage: KeyUsage, bytes: SecretBytes) -> Result<Self> {
        spec.check_usage(usage)?;
        if !spec.is_importable() {
            return Err(Error::Unsupported(spec.text()));
        }
        if !spec.is_asymmetric() {
            return Self::from_bytes(spec, usage, bytes);
        }
        let pkcs8 = bytes.expose();
        if !der::is_one_sequence(pkcs8) {
            return Err(Error::InvalidMaterial);
        }
        let canonical = match spec {
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => rsa::canonical(pkcs8),
            _ if !der::has_named_curve(pkcs8) => Err(Error::InvalidMaterial),
            KeySpec::EccSecgP256k1 => secp256k1::canonical(pkcs8),
            KeySpec::Sm2 => sm2::canonical(pkcs8),
            _ => ecdsa::canonical(spec, pkcs8),
        };
        Self::from_bytes(spec, usage, canonical?)
    }
}

fn is_rsa(spec: KeySpec) -> bool {
    spec.modulus_bytes().is_some()
}

impl fmt::Debug for ImportWrapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.unwrapping {
            Unwrapping::Oaep(..) => "OAEP",
            Unwrapping::KeyWrap(..) => "key wrap",
            Unwrapping::Sm2Pke(_) => "SM2PKE",
        };
        write!(f, "ImportWrapping({name})")
    }
}
