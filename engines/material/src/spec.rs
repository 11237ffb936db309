//! Kinds of keys, and what each may be used for. Source: KMS Developer Guide, "Key spec reference".

use std::ops::RangeInclusive;

use crate::{EncapsulationAlgorithm, EncryptionAlgorithm, Error, MacAlgorithm, Result, SigningAlgorithm};

/// The kind of a KMS key: chosen when it is made, fixed for its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is AWS's name; text() gives it")]
pub enum KeySpec {
    Rsa2048,
    Rsa3072,
    Rsa4096,
    EccNistP256,
    EccNistP384,
    EccNistP521,
    EccSecgP256k1,
    SymmetricDefault,
    Hmac224,
    Hmac256,
    Hmac384,
    Hmac512,
    Sm2,
    MlDsa44,
    MlDsa65,
    MlDsa87,
    EccNistEdwards25519,
    MlKem512,
    MlKem768,
    MlKem1024,
}

/// What a KMS key is for: chosen when it is made, fixed for its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is AWS's name; text() gives it")]
pub enum KeyUsage {
    SignVerify,
    EncryptDecrypt,
    GenerateVerifyMac,
    KeyAgreement,
    EncapsulateDecapsulate,
}

impl KeyUsage {
    /// All of them, in the model's order.
    pub const ALL: [Self; 5] = [
        Self::SignVerify,
        Self::EncryptDecrypt,
        Self::GenerateVerifyMac,
        Self::KeyAgreement,
        Self::EncapsulateDecapsulate,
    ];

    /// AWS's name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::SignVerify => "SIGN_VERIFY",
            Self::EncryptDecrypt => "ENCRYPT_DECRYPT",
            Self::GenerateVerifyMac => "GENERATE_VERIFY_MAC",
            Self::KeyAgreement => "KEY_AGREEMENT",
            Self::EncapsulateDecapsulate => "ENCAPSULATE_DECAPSULATE",
        }
    }

    /// The usage of AWS's name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.text() == text)
    }
}

impl KeySpec {
    /// All of them, in the model's order.
    pub const ALL: [Self; 20] = [
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::EccNistP256,
        Self::EccNistP384,
        Self::EccNistP521,
        Self::EccSecgP256k1,
        Self::SymmetricDefault,
        Self::Hmac224,
        Self::Hmac256,
        Self::Hmac384,
        Self::Hmac512,
        Self::Sm2,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
        Self::EccNistEdwards25519,
        Self::MlKem512,
        Self::MlKem768,
        Self::MlKem1024,
    ];

    /// AWS's name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA_2048",
            Self::Rsa3072 => "RSA_3072",
            Self::Rsa4096 => "RSA_4096",
            Self::EccNistP256 => "ECC_NIST_P256",
            Self::EccNistP384 => "ECC_NIST_P384",
            Self::EccNistP521 => "ECC_NIST_P521",
            Self::EccSecgP256k1 => "ECC_SECG_P256K1",
            Self::SymmetricDefault => "SYMMETRIC_DEFAULT",
            Self::Hmac224 => "HMAC_224",
            Self::Hmac256 => "HMAC_256",
            Self::Hmac384 => "HMAC_384",
            Self::Hmac512 => "HMAC_512",
            Self::Sm2 => "SM2",
            Self::MlDsa44 => "ML_DSA_44",
            Self::MlDsa65 => "ML_DSA_65",
            Self::MlDsa87 => "ML_DSA_87",
            Self::EccNistEdwards25519 => "ECC_NIST_EDWARDS25519",
            Self::MlKem512 => "ML_KEM_512",
            Self::MlKem768 => "ML_KEM_768",
            Self::MlKem1024 => "ML_KEM_1024",
        }
    }

    /// The spec of AWS's name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|spec| spec.text() == text)
    }

    /// Whether this crate makes and uses such keys, as it was built: SM2 by the feature `sm2` alone.
    pub const fn is_supported(self) -> bool {
        cfg!(feature = "sm2") || !matches!(self, Self::Sm2)
    }

    /// Whether such keys can have imported material: all but ML-DSA, ML-KEM and Ed25519, which the page does not name.
    /// Source: KMS Developer Guide, "Requirements for imported key material".
    pub const fn is_importable(self) -> bool {
        self.is_supported()
            && !matches!(
                self,
                Self::MlDsa44
                    | Self::MlDsa65
                    | Self::MlDsa87
                    | Self::MlKem512
                    | Self::MlKem768
                    | Self::MlKem1024
                    | Self::EccNistEdwards25519
            )
    }

    /// Whether the key has a public half that GetPublicKey tells.
    pub const fn is_asymmetric(self) -> bool {
        !matches!(
            self,
            Self::SymmetricDefault | Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512
        )
    }

    /// Whether GenerateDataKeyPair makes such pairs. Source: KMS API Reference, `DataKeyPairSpec`.
    pub const fn is_data_key_pair(self) -> bool {
        self.is_asymmetric() && !matches!(self, Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87)
    }

    /// What such a key may be used for. A key has one of them; where there are several, CreateKey must be told.
    pub const fn usages(self) -> &'static [KeyUsage] {
        match self {
            Self::SymmetricDefault => &[KeyUsage::EncryptDecrypt],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[KeyUsage::GenerateVerifyMac],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => {
                &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify]
            }
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 => {
                &[KeyUsage::SignVerify, KeyUsage::KeyAgreement]
            }
            Self::Sm2 => &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify, KeyUsage::KeyAgreement],
            Self::EccSecgP256k1 | Self::EccNistEdwards25519 => &[KeyUsage::SignVerify],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[KeyUsage::SignVerify],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[KeyUsage::EncapsulateDecapsulate],
        }
    }

    /// What Encrypt and Decrypt may name for such a key with usage ENCRYPT_DECRYPT.
    pub const fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        match self {
            Self::SymmetricDefault => &[EncryptionAlgorithm::SymmetricDefault],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => {
                &[EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256]
            }
            Self::Sm2 => &[EncryptionAlgorithm::Sm2Pke],
            _ => &[],
        }
    }

    /// What Sign and Verify may name for such a key with usage SIGN_VERIFY.
    pub const fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                SigningAlgorithm::RsassaPkcs1V15Sha256,
                SigningAlgorithm::RsassaPkcs1V15Sha384,
                SigningAlgorithm::RsassaPkcs1V15Sha512,
                SigningAlgorithm::RsassaPssSha256,
                SigningAlgorithm::RsassaPssSha384,
                SigningAlgorithm::RsassaPssSha512,
            ],
            Self::EccNistP256 | Self::EccSecgP256k1 => &[SigningAlgorithm::EcdsaSha256],
            Self::EccNistP384 => &[SigningAlgorithm::EcdsaSha384],
            Self::EccNistP521 => &[SigningAlgorithm::EcdsaSha512],
            Self::EccNistEdwards25519 => {
                &[SigningAlgorithm::Ed25519Sha512, SigningAlgorithm::Ed25519PhSha512]
            }
            Self::Sm2 => &[SigningAlgorithm::Sm2Dsa],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[SigningAlgorithm::MlDsaShake256],
            _ => &[],
        }
    }

    /// What GenerateMac and VerifyMac must name for such a key.
    pub const fn mac_algorithms(self) -> &'static [MacAlgorithm] {
        match self {
            Self::Hmac224 => &[MacAlgorithm::HmacSha224],
            Self::Hmac256 => &[MacAlgorithm::HmacSha256],
            Self::Hmac384 => &[MacAlgorithm::HmacSha384],
            Self::Hmac512 => &[MacAlgorithm::HmacSha512],
            _ => &[],
        }
    }

    /// What Encapsulate and Decapsulate must name for such a key.
    pub const fn encapsulation_algorithms(self) -> &'static [EncapsulationAlgorithm] {
        match self {
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[EncapsulationAlgorithm::MlKem],
            _ => &[],
        }
    }

    /// The most bytes that one Encrypt takes, or `None` where the two do not go together. For OAEP it is the modulus
    /// less two digests and two bytes (RFC 8017, section 7.1.1).
    pub fn plaintext_limit(self, algorithm: EncryptionAlgorithm) -> Option<usize> {
        if !self.encryption_algorithms().contains(&algorithm) {
            return None;
        }
        match algorithm {
            // Less than the cryptography takes: [`crate::PLAINTEXT_LIMIT`] says for whom the rest is.
            EncryptionAlgorithm::SymmetricDefault => Some(4096),
            EncryptionAlgorithm::RsaesOaepSha1 => self.modulus_bytes().map(|bytes| bytes - 42),
            EncryptionAlgorithm::RsaesOaepSha256 => self.modulus_bytes().map(|bytes| bytes - 66),
            EncryptionAlgorithm::Sm2Pke => Some(1024),
        }
    }

    /// Length of the modulus, for RSA.
    pub(crate) const fn modulus_bytes(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(256),
            Self::Rsa3072 => Some(384),
            Self::Rsa4096 => Some(512),
            _ => None,
        }
    }

    /// Length of a fresh secret, for keys that are plain bytes.
    pub(crate) const fn secret_bytes(self) -> Option<usize> {
        match self {
            Self::SymmetricDefault | Self::Hmac256 => Some(32),
            Self::Hmac224 => Some(28),
            Self::Hmac384 => Some(48),
            Self::Hmac512 => Some(64),
            _ => None,
        }
    }

    /// Lengths that a secret may have, for keys that are plain bytes: HMAC keys may be imported with up to 1024 bits.
    pub(crate) fn secret_lengths(self) -> Option<RangeInclusive<usize>> {
        let length = self.secret_bytes()?;
        Some(length..=if self == Self::SymmetricDefault { length } else { 128 })
    }

    pub(crate) fn check_usage(self, usage: KeyUsage) -> Result<()> {
        if !self.usages().contains(&usage) {
            return Err(Error::UsageNotAllowed { spec: self, usage });
        }
        if !self.is_supported() {
            return Err(Error::Unsupported(self.text()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for spec in KeySpec::ALL {
            assert_eq!(KeySpec::from_text(spec.text()), Some(spec));
        }
        for usage in KeyUsage::ALL {
            assert_eq!(KeyUsage::from_text(usage.text()), Some(usage));
        }
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(SigningAlgorithm::from_text(algorithm.text()), Some(algorithm));
        }
        assert_eq!(KeySpec::from_text("rsa_2048"), None);
    }

    #[test]
    fn every_usage_has_its_algorithms_and_no_other() {
        for spec in KeySpec::ALL {
            let usages = spec.usages();
            assert_eq!(usages.contains(&KeyUsage::SignVerify), !spec.signing_algorithms().is_empty());
            assert_eq!(usages.contains(&KeyUsage::EncryptDecrypt), !spec.encryption_algorithms().is_empty());
            assert_eq!(usages.contains(&KeyUsage::GenerateVerifyMac), !spec.mac_algorithms().is_empty());
            let encapsulates = usages.contains(&KeyUsage::EncapsulateDecapsulate);
            assert_eq!(encapsulates, !spec.encapsulation_algorithms().is_empty());
        }
    }

    /// The numbers that the API Reference lists under Encrypt.
    #[test]
    fn plaintext_limits_are_those_of_the_reference() {
        let limit = |spec: KeySpec, algorithm| spec.plaintext_limit(algorithm);
        assert_eq!(limit(KeySpec::SymmetricDefault, EncryptionAlgorithm::SymmetricDefault), Some(4096));
        for (spec, sha1, sha256) in
            [(KeySpec::Rsa2048, 214, 190), (KeySpec::Rsa3072, 342, 318), (KeySpec::Rsa4096, 470, 446)]
        {
            assert_eq!(limit(spec, EncryptionAlgorithm::RsaesOaepSha1), Some(sha1));
            assert_eq!(limit(spec, EncryptionAlgorithm::RsaesOaepSha256), Some(sha256));
        }
        assert_eq!(limit(KeySpec::EccNistP256, EncryptionAlgorithm::RsaesOaepSha1), None);
    }
}
