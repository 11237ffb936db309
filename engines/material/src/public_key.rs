//! The public half of an asymmetric key.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::ParsedPublicKey;
use k256::ecdsa::VerifyingKey;

use crate::ed25519::Ed25519PublicKey;
use crate::ml_dsa::MlDsaPublicKey;
use crate::ml_kem::MlKemPublicKey;
use crate::rsa::{RsaEncryptingKey, RsaVerifyingKey};
use crate::sm2::Sm2PublicKey;
use crate::{
    Encapsulation, EncapsulationAlgorithm, EncryptionAlgorithm, Entropy, Error, KeySpec, KeyUsage, Message,
    Result, SigningAlgorithm, ecdsa, secp256k1,
};

/// A public key, ready for the public half of its usage: verifying, encrypting or encapsulating.
pub struct PublicKey {
    spec: KeySpec,
    usage: KeyUsage,
    spki: Vec<u8>,
    form: Form,
}

enum Form {
    RsaVerify(Box<RsaVerifyingKey>),
    RsaEncrypt(RsaEncryptingKey),
    Ecdsa(ParsedPublicKey, &'static digest::Algorithm),
    Secp256k1(Box<VerifyingKey>),
    Ed25519(Box<Ed25519PublicKey>),
    MlDsa(Box<MlDsaPublicKey>),
    MlKem(MlKemPublicKey),
    Sm2(Box<Sm2PublicKey>),
    Agreement,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER. One form is taken, the canonical one that GetPublicKey answers and openssl
    /// writes: for elliptic curves a curve by its name and an uncompressed point (RFC 5480, section 2). All else is
    /// [`Error::InvalidPublicKey`].
    pub fn from_spki(spec: KeySpec, usage: KeyUsage, spki: &[u8]) -> Result<Self> {
        spec.check_usage(usage)?;
        let form = Form::read(spec, usage, spki)?;
        Ok(Self { spec, usage, spki: spki.to_vec(), form })
    }

    /// The key as SubjectPublicKeyInfo, DER: what GetPublicKey answers.
    pub fn as_spki(&self) -> &[u8] {
        &self.spki
    }

    /// Whether the signature is the message's: `Ok`, or [`Error::InvalidSignature`]. Other errors say that the question
    /// was wrong.
    pub fn verify(&self, algorithm: SigningAlgorithm, message: Message<'_>, signature: &[u8]) -> Result<()> {
        check_signing(self.spec, self.usage, algorithm, &message)?;
        match &self.form {
            Form::RsaVerify(key) => key.verify(algorithm, &message, signature),
            Form::Ecdsa(key, digest) => key
                .verify_digest_sig(&message.digest(digest)?, signature)
                .map_err(|_| Error::InvalidSignature),
            Form::Secp256k1(key) => secp256k1::verify(key, &message, signature),
            Form::Ed25519(key) => key.verify(algorithm, &message, signature),
            Form::MlDsa(key) => key.verify(&message, signature),
            Form::Sm2(key) => key.verify(&message, signature),
            Form::RsaEncrypt(_) | Form::MlKem(_) | Form::Agreement => Err(Error::Failed),
        }
    }

    /// RSA-OAEP: raw OAEP bytes, as long as the modulus; its seed is the library's own. SM2PKE: DER, with a nonce from `entropy`; it has
    /// no ciphertext of an empty text ([`Error::Failed`]).
    pub fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
        entropy: Entropy<'_>,
    ) -> Result<Vec<u8>> {
        let limit = check_encryption(self.spec, self.usage, algorithm)?;
        if plaintext.len() > limit {
            return Err(Error::TooLong { limit });
        }
        match &self.form {
            Form::RsaEncrypt(key) => key.encrypt(algorithm, plaintext),
            Form::Sm2(key) => key.encrypt(plaintext, entropy),
            _ => Err(Error::Failed),
        }
    }

    /// A fresh secret, and the ciphertext from which only the private key gets it back.
    pub fn encapsulate(&self, algorithm: EncapsulationAlgorithm) -> Result<Encapsulation> {
        check_encapsulation(self.spec, self.usage, algorithm)?;
        let Form::MlKem(key) = &self.form else { return Err(Error::Failed) };
        key.encapsulate()
    }
}

impl Form {
    fn read(spec: KeySpec, usage: KeyUsage, spki: &[u8]) -> Result<Self> {
        match (spec, usage) {
            (KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096, KeyUsage::EncryptDecrypt) => {
                RsaEncryptingKey::from_spki(spec, spki).map(Self::RsaEncrypt)
            }
            (KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096, _) => {
                RsaVerifyingKey::from_spki(spec, spki).map(|key| Self::RsaVerify(Box::new(key)))
            }
            (KeySpec::EccNistP256 | KeySpec::EccNistP384 | KeySpec::EccNistP521, usage) => {
                let (key, digest) = ecdsa::verifying_key(spec, spki)?;
                canonical(&key, spki)?;
                Ok(if usage == KeyUsage::KeyAgreement { Self::Agreement } else { Self::Ecdsa(key, digest) })
            }
            (KeySpec::Sm2, _) => Ok(Self::Sm2(Box::new(Sm2PublicKey::from_spki(spki)?))),
            (KeySpec::EccSecgP256k1, _) => Ok(Self::Secp256k1(Box::new(secp256k1::verifying_key(spki)?))),
            (KeySpec::EccNistEdwards25519, _) => {
                let key = Ed25519PublicKey::from_spki(spki)?;
                canonical(key.parsed(), spki)?;
                Ok(Self::Ed25519(Box::new(key)))
            }
            (KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87, _) => {
                let key = MlDsaPublicKey::from_spki(spec, spki)?;
                canonical(key.parsed(), spki)?;
                Ok(Self::MlDsa(Box::new(key)))
            }
            (KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024, _) => {
                MlKemPublicKey::from_spki(spec, spki).map(Self::MlKem)
            }
            _ => Err(Error::Unsupported(spec.text())),
        }
    }
}

/// The library also reads bare keys and points; a key that does not write back as it came is not in our one form.
fn canonical(key: &ParsedPublicKey, spki: &[u8]) -> Result<()> {
    let again = key.as_der().map_err(|_| Error::Failed)?;
    if again.as_ref() == spki { Ok(()) } else { Err(Error::InvalidPublicKey) }
}

/// Whether a key of this spec and usage signs or verifies such a message by this algorithm.
pub(crate) fn check_signing(
    spec: KeySpec,
    usage: KeyUsage,
    algorithm: SigningAlgorithm,
    message: &Message<'_>,
) -> Result<()> {
    if usage != KeyUsage::SignVerify {
        return Err(Error::UsageNotAllowed { spec, usage: KeyUsage::SignVerify });
    }
    if !spec.signing_algorithms().contains(&algorithm) {
        return Err(Error::AlgorithmNotAllowed { spec, algorithm: algorithm.text() });
    }
    message.check(algorithm)
}

/// Whether a key of this spec and usage encrypts or decrypts by this algorithm, and at most how many bytes.
pub(crate) fn check_encryption(
    spec: KeySpec,
    usage: KeyUsage,
    algorithm: EncryptionAlgorithm,
) -> Result<usize> {
    if usage != KeyUsage::EncryptDecrypt {
        return Err(Error::UsageNotAllowed { spec, usage: KeyUsage::EncryptDecrypt });
    }
    spec.plaintext_limit(algorithm).ok_or(Error::AlgorithmNotAllowed { spec, algorithm: algorithm.text() })
}

/// Whether a key of this spec and usage encapsulates or decapsulates by this algorithm.
pub(crate) fn check_encapsulation(
    spec: KeySpec,
    usage: KeyUsage,
    algorithm: EncapsulationAlgorithm,
) -> Result<()> {
    if usage != KeyUsage::EncapsulateDecapsulate {
        return Err(Error::UsageNotAllowed { spec, usage: KeyUsage::EncapsulateDecapsulate });
    }
    if !spec.encapsulation_algorithms().contains(&algorithm) {
        return Err(Error::AlgorithmNotAllowed { spec, algorithm: algorithm.text() });
    }
    Ok(())
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {})", self.spec.text(), self.usage.text())
    }
}
