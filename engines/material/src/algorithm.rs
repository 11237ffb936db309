//! The algorithms of the KMS model.

/// How Encrypt and Decrypt work. Source: KMS API Reference, `EncryptionAlgorithmSpec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EncryptionAlgorithm {
    /// AES-256-GCM under a key derived for each message.
    SymmetricDefault,
    /// RSAES-OAEP with SHA-1 for hash and mask (RFC 8017, section 7.1).
    RsaesOaepSha1,
    /// RSAES-OAEP with SHA-256 for hash and mask.
    RsaesOaepSha256,
    /// SM2 public key encryption (GM/T 0003.4), the ciphertext in DER (GM/T 0009).
    Sm2Pke,
}

/// How Sign and Verify work. Source: KMS API Reference, `SigningAlgorithmSpec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// RSASSA-PSS, SHA-256 for hash and mask, salt as long as the digest (RFC 8017, section 8.1).
    RsassaPssSha256,
    /// The same with SHA-384.
    RsassaPssSha384,
    /// The same with SHA-512.
    RsassaPssSha512,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2).
    RsassaPkcs1V15Sha256,
    /// The same with SHA-384.
    RsassaPkcs1V15Sha384,
    /// The same with SHA-512.
    RsassaPkcs1V15Sha512,
    /// ECDSA with SHA-256: P-256 and secp256k1. Signatures are DER (RFC 3279, section 2.2.3).
    EcdsaSha256,
    /// ECDSA with SHA-384: P-384.
    EcdsaSha384,
    /// ECDSA with SHA-512: P-521.
    EcdsaSha512,
    /// SM2 signatures with SM3 and the distinguishing identifier 1234567812345678 (GM/T 0003.2), in DER.
    Sm2Dsa,
    /// ML-DSA, pure, with an empty context (FIPS 204, section 5).
    MlDsaShake256,
    /// Ed25519 (RFC 8032, section 5.1).
    Ed25519Sha512,
    /// Ed25519ph of a digest that the caller has made with SHA-512, which is so hashed once more (RFC 8032, section 5.1;
    /// FIPS 186-5, section 7.8).
    Ed25519PhSha512,
}

/// How GenerateMac and VerifyMac work. Source: KMS API Reference, `MacAlgorithmSpec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MacAlgorithm {
    /// HMAC with SHA-224 (FIPS 198-1); 28 bytes.
    HmacSha224,
    /// HMAC with SHA-256; 32 bytes.
    HmacSha256,
    /// HMAC with SHA-384; 48 bytes.
    HmacSha384,
    /// HMAC with SHA-512; 64 bytes.
    HmacSha512,
}

/// How Encapsulate and Decapsulate work. Source: KMS API Reference, `EncapsulationAlgorithmSpec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EncapsulationAlgorithm {
    /// ML-KEM with the parameters of the key's spec (FIPS 203).
    MlKem,
}

impl EncryptionAlgorithm {
    /// All of them, in the model's order.
    pub const ALL: [Self; 4] =
        [Self::SymmetricDefault, Self::RsaesOaepSha1, Self::RsaesOaepSha256, Self::Sm2Pke];

    /// AWS's name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::SymmetricDefault => "SYMMETRIC_DEFAULT",
            Self::RsaesOaepSha1 => "RSAES_OAEP_SHA_1",
            Self::RsaesOaepSha256 => "RSAES_OAEP_SHA_256",
            Self::Sm2Pke => "SM2PKE",
        }
    }

    /// The algorithm of AWS's name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.text() == text)
    }
}

impl SigningAlgorithm {
    /// All of them, in the model's order.
    pub const ALL: [Self; 13] = [
        Self::RsassaPssSha256,
        Self::RsassaPssSha384,
        Self::RsassaPssSha512,
        Self::RsassaPkcs1V15Sha256,
        Self::RsassaPkcs1V15Sha384,
        Self::RsassaPkcs1V15Sha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::Sm2Dsa,
        Self::MlDsaShake256,
        Self::Ed25519Sha512,
        Self::Ed25519PhSha512,
    ];

    /// AWS's name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::RsassaPssSha256 => "RSASSA_PSS_SHA_256",
            Self::RsassaPssSha384 => "RSASSA_PSS_SHA_384",
            Self::RsassaPssSha512 => "RSASSA_PSS_SHA_512",
            Self::RsassaPkcs1V15Sha256 => "RSASSA_PKCS1_V1_5_SHA_256",
            Self::RsassaPkcs1V15Sha384 => "RSASSA_PKCS1_V1_5_SHA_384",
            Self::RsassaPkcs1V15Sha512 => "RSASSA_PKCS1_V1_5_SHA_512",
            Self::EcdsaSha256 => "ECDSA_SHA_256",
            Self::EcdsaSha384 => "ECDSA_SHA_384",
            Self::EcdsaSha512 => "ECDSA_SHA_512",
            Self::Sm2Dsa => "SM2DSA",
            Self::MlDsaShake256 => "ML_DSA_SHAKE_256",
            Self::Ed25519Sha512 => "ED25519_SHA_512",
            Self::Ed25519PhSha512 => "ED25519_PH_SHA_512",
        }
    }

    /// The algorithm of AWS's name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.text() == text)
    }
}

impl MacAlgorithm {
    /// All of them, in the model's order.
    pub const ALL: [Self; 4] = [Self::HmacSha224, Self::HmacSha256, Self::HmacSha384, Self::HmacSha512];

    /// AWS's name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::HmacSha224 => "HMAC_SHA_224",
            Self::HmacSha256 => "HMAC_SHA_256",
            Self::HmacSha384 => "HMAC_SHA_384",
            Self::HmacSha512 => "HMAC_SHA_512",
        }
    }

    /// The algorithm of AWS's name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.text() == text)
    }
}

impl EncapsulationAlgorithm {
    /// All of them, in the model's order.
    pub const ALL: [Self; 1] = [Self::MlKem];

    /// AWS's name.
    pub const fn text(self) -> &'static str {
        match self {
            Self::MlKem => "ML_KEM",
        }
    }

    /// The algorithm of AWS's name.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.text() == text)
    }
}
