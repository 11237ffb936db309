//! RSA: OAEP encryption, PSS and PKCS #1 v1.5 signatures. Source: RFC 8017.

use std::sync::OnceLock;

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{self, KeyPair, ParsedPublicKey, RsaEncoding, RsaKeyPair, RsaParameters};
use zeroize::Zeroizing;

use crate::{EncryptionAlgorithm, Error, KeySpec, Message, Result, SigningAlgorithm};

/// A private key for signing.
pub(crate) struct RsaSigningKey(RsaKeyPair);

/// A private key for decrypting.
pub(crate) struct RsaDecryptingKey(OaepPrivateDecryptingKey);

/// A public key for encrypting.
pub(crate) struct RsaEncryptingKey(OaepPublicEncryptingKey);

/// A public key for verifying. aws-lc-rs binds a parsed key to one algorithm, so each is parsed when first used.
pub(crate) struct RsaVerifyingKey {
    spki: Vec<u8>,
    parsed: [OnceLock<ParsedPublicKey>; SCHEMES.len()],
}

struct Scheme {
    algorithm: SigningAlgorithm,
    digest: &'static digest::Algorithm,
    signing: &'static dyn RsaEncoding,
    verification: &'static RsaParameters,
}

static SCHEMES: [Scheme; 6] = [
    Scheme {
        algorithm: SigningAlgorithm::RsassaPssSha256,
        digest: &digest::SHA256,
        signing: &signature::RSA_PSS_SHA256,
        verification: &signature::RSA_PSS_2048_8192_SHA256,
    },
    Scheme {
        algorithm: SigningAlgorithm::RsassaPssSha384,
        digest: &digest::SHA384,
        signing: &signature::RSA_PSS_SHA384,
        verification: &signature::RSA_PSS_2048_8192_SHA384,
    },
    Scheme {
        algorithm: SigningAlgorithm::RsassaPssSha512,
        digest: &digest::SHA512,
        signing: &signature::RSA_PSS_SHA512,
        verification: &signature::RSA_PSS_2048_8192_SHA512,
    },
    Scheme {
        algorithm: SigningAlgorithm::RsassaPkcs1V15Sha256,
        digest: &digest::SHA256,
        signing: &signature::RSA_PKCS1_SHA256,
        verification: &signature::RSA_PKCS1_2048_8192_SHA256,
    },
    Scheme {
        algorithm: SigningAlgorithm::RsassaPkcs1V15Sha384,
        digest: &digest::SHA384,
        signing: &signature::RSA_PKCS1_SHA384,
        verification: &signature::RSA_PKCS1_2048_8192_SHA384,
    },
    Scheme {
        algorithm: SigningAlgorithm::RsassaPkcs1V15Sha512,
        digest: &digest::SHA512,
        signing: &signature::RSA_PKCS1_SHA512,
        verification: &signature::RSA_PKCS1_2048_8192_SHA512,
    },
];

fn scheme(algorithm: SigningAlgorithm) -> Result<(usize, &'static Scheme)> {
    let found = SCHEMES.iter().enumerate().find(|(_, scheme)| scheme.algorithm == algorithm);
    found.ok_or(Error::Unsupported(algorithm.text()))
}

fn oaep(algorithm: EncryptionAlgorithm) -> Result<&'static OaepAlgorithm> {
    match algorithm {
        EncryptionAlgorithm::RsaesOaepSha1 => Ok(&OAEP_SHA1_MGF1SHA1),
        EncryptionAlgorithm::RsaesOaepSha256 => Ok(&OAEP_SHA256_MGF1SHA256),
        _ => Err(Error::Unsupported(algorithm.text())),
    }
}

/// A fresh private key as PKCS#8, and its public half. The library draws its own randomness.
pub(crate) fn generate(spec: KeySpec) -> Result<(SecretBytes, Vec<u8>)> {
    let size = match spec {
        KeySpec::Rsa2048 => KeySize::Rsa2048,
        KeySpec::Rsa3072 => KeySize::Rsa3072,
        KeySpec::Rsa4096 => KeySize::Rsa4096,
        _ => return Err(Error::Unsupported(spec.text())),
    };
    let pair = RsaKeyPair::generate(size).map_err(|_| Error::Failed)?;
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| Error::Failed)?;
    Ok((SecretBytes::new(pkcs8.as_ref().to_vec()), spki(&pair)?))
}

fn spki(pair: &RsaKeyPair) -> Result<Vec<u8>> {
    Ok(pair.public_key().as_der().map_err(|_| Error::Failed)?.as_ref().to_vec())
}

/// The same private key in the one encoding that a fresh one has.
pub(crate) fn canonical(pkcs8: &[u8]) -> Result<SecretBytes> {
    let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| Error::InvalidMaterial)?;
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| Error::Failed)?;
    Ok(SecretBytes::new(pkcs8.as_ref().to_vec()))
}

impl RsaSigningKey {
    /// Reads PKCS#8; gives the key and its public half, whose reader checks the size.
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| Error::InvalidMaterial)?;
        let spki = spki(&pair)?;
        Ok((Self(pair), spki))
    }

    pub(crate) fn sign(&self, algorithm: SigningAlgorithm, message: &Message<'_>) -> Result<Vec<u8>> {
        let (_, scheme) = scheme(algorithm)?;
        let mut signature = vec![0; self.0.public_modulus_len()];
        // Two ways in, because the library's FIPS build allows only the one that hashes.
        match message {
            // The generator is not used: the library draws salts from its own.
            Message::Raw(bytes) => self.0.sign(scheme.signing, &SystemRandom::new(), bytes, &mut signature),
            _ => self.0.sign_digest(scheme.signing, &message.digest(scheme.digest)?, &mut signature),
        }
        .map_err(|_| Error::Failed)?;
        Ok(signature)
    }
}

impl RsaVerifyingKey {
    pub(crate) fn from_spki(spec: KeySpec, spki: &[u8]) -> Result<Self> {
        RsaEncryptingKey::from_spki(spec, spki)?;
        Ok(Self { spki: spki.to_vec(), parsed: Default::default() })
    }

    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message: &Message<'_>,
        signature: &[u8],
    ) -> Result<()> {
        let (index, scheme) = scheme(algorithm)?;
        let key = self.parsed(index, scheme)?;
        match message {
            Message::Raw(bytes) => key.verify_sig(bytes, signature),
            _ => key.verify_digest_sig(&message.digest(scheme.digest)?, signature),
        }
        .map_err(|_| Error::InvalidSignature)
    }

    fn parsed(&self, index: usize, scheme: &Scheme) -> Result<&ParsedPublicKey> {
        let cell = self.parsed.get(index).ok_or(Error::Failed)?;
        if let Some(key) = cell.get() {
            return Ok(key);
        }
        let key = ParsedPublicKey::new(scheme.verification, &self.spki).map_err(|_| Error::Failed)?;
        Ok(cell.get_or_init(|| key))
    }
}

impl RsaDecryptingKey {
    /// Reads PKCS#8; gives the key and its public half, whose reader checks the size.
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        let key = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| Error::InvalidMaterial)?;
        let spki = key.public_key().as_der().map_err(|_| Error::Failed)?.as_ref().to_vec();
        Ok((Self(OaepPrivateDecryptingKey::new(key).map_err(|_| Error::Failed)?), spki))
    }

    /// Takes raw OAEP bytes, as long as the modulus, whoever made them.
    pub(crate) fn decrypt(&self, algorithm: EncryptionAlgorithm, ciphertext: &[u8]) -> Result<SecretBytes> {
        let algorithm = oaep(algorithm)?;
        if ciphertext.len() != self.0.key_size_bytes() {
            return Err(Error::InvalidCiphertext);
        }
        let mut plaintext = Zeroizing::new(vec![0; self.0.min_output_size()]);
        let opened = self.0.decrypt(algorithm, ciphertext, &mut plaintext, None);
        Ok(SecretBytes::new(opened.map_err(|_| Error::InvalidCiphertext)?.to_vec()))
    }
}

impl RsaEncryptingKey {
    pub(crate) fn from_spki(spec: KeySpec, spki: &[u8]) -> Result<Self> {
        let key = PublicEncryptingKey::from_der(spki).map_err(|_| Error::InvalidPublicKey)?;
        let canonical = key.as_der().map_err(|_| Error::Failed)?;
        if Some(key.key_size_bits()) != spec.modulus_bytes().map(|bytes| bytes * 8)
            || canonical.as_ref() != spki
        {
            return Err(Error::InvalidPublicKey);
        }
        Ok(Self(OaepPublicEncryptingKey::new(key).map_err(|_| Error::Failed)?))
    }

    /// Gives raw OAEP bytes, as long as the modulus. The library draws the seed.
    pub(crate) fn encrypt(&self, algorithm: EncryptionAlgorithm, plaintext: &[u8]) -> Result<Vec<u8>> {
        let mut ciphertext = vec![0; self.0.ciphertext_size()];
        let sealed = self.0.encrypt(oaep(algorithm)?, plaintext, &mut ciphertext, None);
        Ok(sealed.map_err(|_| Error::Failed)?.to_vec())
    }
}
