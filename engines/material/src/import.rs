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
    /// SM2 public key encryption.
    Sm2Pke,
}

/// The private half of the key pair under which material is imported, with the algorithm that was agreed on.
pub struct ImportWrapping {
    scheme: Scheme,
    modulus_len: usize,
    key: RsaDecryptingKey,
    public_key: Vec<u8>,
}

/// What is behind the algorithm's name.
#[derive(Clone, Copy)]
struct Scheme {
    oaep: EncryptionAlgorithm,
    key_wrap: bool,
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
    /// too long for it, under the key wrap alone; the other private keys under either, but P-521 not under OAEP with
    /// RSA_2048.
    pub fn check(self, wrapping_key: KeySpec, material: KeySpec) -> Result<()> {
        let scheme = self.scheme()?;
        if !is_rsa(wrapping_key) {
            return Err(Error::Unsupported(wrapping_key.text()));
        }
        if !material.is_importable() {
            return Err(Error::Unsupported(material.text()));
        }
        let allowed = match material {
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => scheme.key_wrap,
            KeySpec::EccNistP521 => scheme.key_wrap || wrapping_key != KeySpec::Rsa2048,
            _ => material.is_asymmetric() || !scheme.key_wrap,
        };
        if allowed {
            Ok(())
        } else {
            Err(Error::WrappingNotAllowed { spec: material, algorithm: self.text() })
        }
    }

    fn scheme(self) -> Result<Scheme> {
        let (oaep, key_wrap) = match self {
            Self::RsaesOaepSha1 => (EncryptionAlgorithm::RsaesOaepSha1, false),
            Self::RsaesOaepSha256 => (EncryptionAlgorithm::RsaesOaepSha256, false),
            Self::RsaAesKeyWrapSha1 => (EncryptionAlgorithm::RsaesOaepSha1, true),
            Self::RsaAesKeyWrapSha256 => (EncryptionAlgorithm::RsaesOaepSha256, true),
            Self::RsaesPkcs1V15 | Self::Sm2Pke => return Err(Error::Unsupported(self.text())),
        };
        Ok(Scheme { oaep, key_wrap })
    }
}

impl ImportWrapping {
    /// Reads the private half, PKCS#8 as [`crate::KeyPair`] has it, of an RSA pair of the wrapping key's spec. What is no
    /// such key is [`Error::InvalidMaterial`].
    pub fn new(
        algorithm: WrappingAlgorithm,
        wrapping_key: KeySpec,
        private_key: &SecretBytes,
    ) -> Result<Self> {
        let scheme = algorithm.scheme()?;
        let modulus_len = wrapping_key.modulus_bytes().ok_or(Error::Unsupported(wrapping_key.text()))?;
        let (key, public_key) = RsaDecryptingKey::from_pkcs8(private_key.expose())?;
        RsaEncryptingKey::from_spki(wrapping_key, &public_key).map_err(|_| Error::InvalidMaterial)?;
        Ok(Self { scheme, modulus_len, key, public_key })
    }

    /// What the caller wraps under: SubjectPublicKeyInfo, DER.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The material, not yet looked at. Whatever is wrong with the wrapping, the answer is
    /// [`Error::InvalidCiphertext`].
    pub fn unwrap(&self, wrapped: &[u8]) -> Result<SecretBytes> {
        if !self.scheme.key_wrap {
            return self.key.decrypt(self.scheme.oaep, wrapped);
        }
        let (key, material) = wrapped.split_at_checked(self.modulus_len).ok_or(Error::InvalidCiphertext)?;
        let key = self.key.decrypt(self.scheme.oaep, key)?;
        let key = AesKek::new(&AES_256, key.expose()).map_err(|_| Error::InvalidCiphertext)?;
        let mut unwrapped = Zeroizing::new(vec![0; material.len()]);
        let unwrapped = key.unwrap_with_padding(material, &mut unwrapped);
        Ok(SecretBytes::new(unwrapped.map_err(|_| Error::InvalidCiphertext)?.to_vec()))
    }
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
        write!(f, "ImportWrapping({} bytes)", self.modulus_len)
    }
}
