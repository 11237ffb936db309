//! One version of a key's secret, ready for use.

use std::fmt;

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::{digest, hmac};
use zeroize::Zeroizing;

use crate::agree::AgreementKey;
use crate::ecdsa::EcdsaKey;
use crate::ed25519::Ed25519Key;
use crate::kdf::{self, Label};
use crate::mac::MacKey;
use crate::ml_dsa::MlDsaKey;
use crate::ml_kem::MlKemKey;
use crate::public_key::{check_encapsulation, check_encryption, check_signing};
use crate::rsa::{RsaDecryptingKey, RsaSigningKey};
use crate::secp256k1::Secp256k1Key;
use crate::sm2::Sm2Key;
use crate::symmetric::SymmetricKey;
use crate::{
    Ciphertext, Encapsulation, EncapsulationAlgorithm, EncryptionAlgorithm, EncryptionContext, Entropy,
    Error, Header, KeyId, KeyPair, KeySpec, KeyUsage, MacAlgorithm, MaterialId, Message, PublicKey, Result,
    SigningAlgorithm, der,
};

/// The secret of a key, parsed. Keep it in an `Arc` and use it from any thread; it is wiped when the last one goes.
///
/// Each operation refuses what does not go with the key's spec and usage, before it looks at anything else.
pub struct Material {
    spec: KeySpec,
    usage: KeyUsage,
    bytes: SecretBytes,
    key: Key,
    public: Option<PublicKey>,
}

enum Key {
    Symmetric(SymmetricKey),
    Mac(MacKey),
    RsaSign(RsaSigningKey),
    RsaDecrypt(RsaDecryptingKey),
    Ecdsa(EcdsaKey),
    Agreement(AgreementKey),
    Secp256k1(Box<Secp256k1Key>),
    Ed25519(Box<Ed25519Key>),
    MlDsa(Box<MlDsaKey>),
    MlKem(MlKemKey),
    Sm2(Box<Sm2Key>),
}

impl Material {
    /// Makes fresh material. Blocks for as long as it takes: RSA from tens of milliseconds to seconds.
    pub fn generate(spec: KeySpec, usage: KeyUsage, entropy: Entropy<'_>) -> Result<Self> {
        spec.check_usage(usage)?;
        let bytes = match spec.secret_bytes() {
            Some(length) => {
                let mut secret = Zeroizing::new(vec![0; length]);
                entropy(&mut secret);
                SecretBytes::new(std::mem::take(&mut *secret))
            }
            None => KeyPair::generate(spec, entropy)?.private_key,
        };
        Self::from_bytes(spec, usage, bytes)
    }

    /// Reads what [`Material::to_bytes`] gave: plain bytes for symmetric and HMAC keys, PKCS#8 DER for the others. What is
    /// no such key is [`Error::InvalidMaterial`]. A caller's bytes go through [`Material::import`].
    pub fn from_bytes(spec: KeySpec, usage: KeyUsage, bytes: SecretBytes) -> Result<Self> {
        spec.check_usage(usage)?;
        let (key, spki) = Key::read(spec, usage, bytes.expose())?;
        let public = spki.map(|spki| PublicKey::from_spki(spec, usage, &spki)).transpose();
        let public = public.map_err(|_| Error::InvalidMaterial)?;
        Ok(Self { spec, usage, bytes, key, public })
    }

    /// The secret, to be sealed and stored.
    pub fn to_bytes(&self) -> &SecretBytes {
        &self.bytes
    }

    /// The spec it was made for.
    pub fn spec(&self) -> KeySpec {
        self.spec
    }

    /// The usage it was made for.
    pub fn usage(&self) -> KeyUsage {
        self.usage
    }

    /// The public half, of asymmetric keys.
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.public.as_ref()
    }

    /// The id of this material in that key: the same secret in the same key has the same id, so that a re-import is
    /// known; in two keys it has two, which tell nothing of each other.
    pub fn id(&self, key: &KeyId) -> Result<MaterialId> {
        let mut context = [0; 17];
        let [form, id @ ..] = &mut context;
        *form = u8::from(key.multi_region);
        id.copy_from_slice(&key.bytes);
        let bytes = self.bytes.expose();
        if self.spec.secret_bytes().is_none_or(|length| length == bytes.len()) {
            let secret = hmac::Key::new(hmac::HMAC_SHA256, bytes);
            return Ok(MaterialId(*kdf::derive(&secret, Label::MaterialId, &context)?));
        }
        // An HMAC key of its importer's own length. HMAC takes a key for the same with zeros behind it, and a long one
        // for its digest (RFC 2104, section 2): told apart by a digest of the whole, under a label of its own.
        let digest = Zeroizing::new(digest::digest(&digest::SHA512, bytes).as_ref().to_vec());
        let secret = hmac::Key::new(hmac::HMAC_SHA256, digest.as_slice());
        Ok(MaterialId(*kdf::derive(&secret, Label::LongMaterialId, &context)?))
    }

    /// Encrypts under a symmetric key. The header names the key and this material in the ciphertext.
    pub fn encrypt(
        &self,
        header: Header,
        context: &EncryptionContext,
        plaintext: &[u8],
        entropy: Entropy<'_>,
    ) -> Result<Vec<u8>> {
        check_encryption(self.spec, self.usage, EncryptionAlgorithm::SymmetricDefault)?;
        let Key::Symmetric(key) = &self.key else { return Err(Error::Failed) };
        key.encrypt(header, context, plaintext, entropy)
    }

    /// Decrypts under a symmetric key. Whatever is wrong with the ciphertext or its context, the answer is
    /// [`Error::InvalidCiphertext`].
    pub fn decrypt(&self, ciphertext: &Ciphertext<'_>, context: &EncryptionContext) -> Result<SecretBytes> {
        check_encryption(self.spec, self.usage, EncryptionAlgorithm::SymmetricDefault)?;
        let Key::Symmetric(key) = &self.key else { return Err(Error::Failed) };
        key.decrypt(ciphertext, context)
    }

    /// Encrypts under a key pair: [`PublicKey::encrypt`]. SYMMETRIC_DEFAULT goes through [`Material::encrypt`].
    pub fn encrypt_asymmetric(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
        entropy: Entropy<'_>,
    ) -> Result<Vec<u8>> {
        check_encryption(self.spec, self.usage, algorithm)?;
        let Some(public) = &self.public else { return Err(self.not_allowed(algorithm)) };
        public.encrypt(algorithm, plaintext, entropy)
    }

    /// Decrypts what was encrypted to a key pair. Whatever is wrong with it, the answer is [`Error::InvalidCiphertext`].
    pub fn decrypt_asymmetric(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<SecretBytes> {
        check_encryption(self.spec, self.usage, algorithm)?;
        match &self.key {
            Key::RsaDecrypt(key) => key.decrypt(algorithm, ciphertext),
            Key::Sm2(key) => key.decrypt(ciphertext),
            _ => Err(self.not_allowed(algorithm)),
        }
    }

    /// Signs.
    pub fn sign(&self, algorithm: SigningAlgorithm, message: Message<'_>) -> Result<Vec<u8>> {
        check_signing(self.spec, self.usage, algorithm, &message)?;
        match &self.key {
            Key::RsaSign(key) => key.sign(algorithm, &message),
            Key::Ecdsa(key) => key.sign(&message),
            Key::Secp256k1(key) => key.sign(&message),
            Key::Ed25519(key) => key.sign(algorithm, &message),
            Key::MlDsa(key) => key.sign(&message),
            Key::Sm2(key) => key.sign(&message),
            _ => Err(Error::Failed),
        }
    }

    /// Verifies: [`PublicKey::verify`].
    pub fn verify(&self, algorithm: SigningAlgorithm, message: Message<'_>, signature: &[u8]) -> Result<()> {
        check_signing(self.spec, self.usage, algorithm, &message)?;
        self.public.as_ref().ok_or(Error::Failed)?.verify(algorithm, message, signature)
    }

    /// The MAC of a message of at most [`crate::MESSAGE_LIMIT`] bytes.
    pub fn generate_mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Result<Vec<u8>> {
        self.mac(algorithm)?.generate(message)
    }

    /// Whether the MAC is the message's, compared in constant time: `Ok`, or [`Error::InvalidMac`].
    pub fn verify_mac(&self, algorithm: MacAlgorithm, message: &[u8], mac: &[u8]) -> Result<()> {
        self.mac(algorithm)?.verify(message, mac)
    }

    /// ECDH with a peer's SubjectPublicKeyInfo: the raw shared secret, 32, 48 or 66 bytes.
    pub fn derive_shared_secret(&self, peer: &[u8]) -> Result<SecretBytes> {
        match &self.key {
            Key::Agreement(key) => key.derive(peer),
            Key::Sm2(key) if self.usage == KeyUsage::KeyAgreement => key.derive(peer),
            _ => Err(Error::UsageNotAllowed { spec: self.spec, usage: KeyUsage::KeyAgreement }),
        }
    }

    /// A fresh secret and its encapsulated form: [`PublicKey::encapsulate`].
    pub fn encapsulate(&self, algorithm: EncapsulationAlgorithm) -> Result<Encapsulation> {
        check_encapsulation(self.spec, self.usage, algorithm)?;
        self.public.as_ref().ok_or(Error::Failed)?.encapsulate(algorithm)
    }

    /// The secret of 32 bytes that was encapsulated. [`Error::InvalidCiphertext`] says that the length is not the spec's.
    /// For an altered or foreign ciphertext of that length FIPS 203 gives a pseudo-random secret, the same each time,
    /// and so does this: the two sides learn by using it that they do not agree.
    pub fn decapsulate(&self, algorithm: EncapsulationAlgorithm, ciphertext: &[u8]) -> Result<SecretBytes> {
        check_encapsulation(self.spec, self.usage, algorithm)?;
        let Key::MlKem(key) = &self.key else { return Err(Error::Failed) };
        key.decapsulate(ciphertext)
    }

    fn not_allowed(&self, algorithm: EncryptionAlgorithm) -> Error {
        Error::AlgorithmNotAllowed { spec: self.spec, algorithm: algorithm.text() }
    }

    fn mac(&self, algorithm: MacAlgorithm) -> Result<&MacKey> {
        let Key::Mac(key) = &self.key else {
            return Err(Error::UsageNotAllowed { spec: self.spec, usage: KeyUsage::GenerateVerifyMac });
        };
        if !self.spec.mac_algorithms().contains(&algorithm) {
            return Err(Error::AlgorithmNotAllowed { spec: self.spec, algorithm: algorithm.text() });
        }
        Ok(key)
    }
}

impl Key {
    /// The key, and the public half where there is one. Usage and spec go together: the caller has checked.
    fn read(spec: KeySpec, usage: KeyUsage, bytes: &[u8]) -> Result<(Self, Option<Vec<u8>>)> {
        if spec.secret_lengths().is_some_and(|lengths| !lengths.contains(&bytes.len())) {
            return Err(Error::InvalidMaterial);
        }
        if let [algorithm] = spec.mac_algorithms() {
            return Ok((Self::Mac(MacKey::new(*algorithm, bytes)), None));
        }
        if spec == KeySpec::SymmetricDefault {
            return Ok((Self::Symmetric(SymmetricKey::new(bytes)), None));
        }
        if !der::is_one_sequence(bytes) {
            return Err(Error::InvalidMaterial);
        }
        let (key, spki) = match (spec, usage) {
            (KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096, KeyUsage::EncryptDecrypt) => {
                wrap(RsaDecryptingKey::from_pkcs8(bytes)?, Self::RsaDecrypt)
            }
            (KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096, _) => {
                wrap(RsaSigningKey::from_pkcs8(bytes)?, Self::RsaSign)
            }
            (KeySpec::Sm2, _) => wrap(Sm2Key::from_pkcs8(bytes)?, |key| Self::Sm2(Box::new(key))),
            (_, KeyUsage::KeyAgreement) => wrap(AgreementKey::from_pkcs8(spec, bytes)?, Self::Agreement),
            (KeySpec::EccNistP256 | KeySpec::EccNistP384 | KeySpec::EccNistP521, _) => {
                wrap(EcdsaKey::from_pkcs8(spec, bytes)?, Self::Ecdsa)
            }
            (KeySpec::EccSecgP256k1, _) => {
                wrap(Secp256k1Key::from_pkcs8(bytes)?, |key| Self::Secp256k1(Box::new(key)))
            }
            (KeySpec::EccNistEdwards25519, _) => {
                wrap(Ed25519Key::from_pkcs8(bytes)?, |key| Self::Ed25519(Box::new(key)))
            }
            (KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87, _) => {
                wrap(MlDsaKey::from_pkcs8(spec, bytes)?, |key| Self::MlDsa(Box::new(key)))
            }
            (KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024, _) => {
                wrap(MlKemKey::from_pkcs8(spec, bytes)?, Self::MlKem)
            }
            _ => return Err(Error::Unsupported(spec.text())),
        };
        Ok((key, Some(spki)))
    }
}

fn wrap<K>((key, spki): (K, Vec<u8>), form: impl FnOnce(K) -> Key) -> (Key, Vec<u8>) {
    (form(key), spki)
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Material({}, {})", self.spec.text(), self.usage.text())
    }
}
