//! SYMMETRIC_DEFAULT: AES-256-GCM, each message under a key of its own.
//!
//! The message's key is derived from the material over a random salt of 128 bits (NIST SP 800-108), and the nonce is
//! random besides. So the limits of one GCM key never come near: after 2^40 messages the odds that two share a key are
//! 2^-49, and even they would differ in the nonce. AWS derives a key for each message too (KMS Cryptographic Details,
//! "Encrypt").
//!
//! GCM alone does not commit to its key. Here the authenticated header names the material by an id that is derived
//! from it, so no ciphertext opens under two materials that are looked up by that name.

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::blob::{HEADER_LEN, NONCE_LEN, SALT_LEN, TAG_LEN};
use crate::kdf::{self, Label};
use crate::{Ciphertext, EncryptionContext, Entropy, Error, Header, Result};

/// The most bytes that a symmetric key encrypts at once. KMS's Encrypt takes 4096, which its model sees to; another KMS, whose key is
/// backed by this one, sends its own ciphertexts, of up to 4300 bytes. Source: External Key Store Proxy API Specification, Encrypt.
pub const PLAINTEXT_LIMIT: usize = 4300;

/// The material of a symmetric key, ready to derive from.
pub(crate) struct SymmetricKey(hmac::Key);

impl SymmetricKey {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    pub(crate) fn encrypt(
        &self,
        header: Header,
        context: &EncryptionContext,
        plaintext: &[u8],
        entropy: Entropy<'_>,
    ) -> Result<Vec<u8>> {
        if plaintext.len() > PLAINTEXT_LIMIT {
            return Err(Error::TooLong { limit: PLAINTEXT_LIMIT });
        }
        let header = header.to_bytes();
        let mut random = [0; SALT_LEN + NONCE_LEN];
        entropy(&mut random);
        let (salt, nonce) = random.split_first_chunk::<SALT_LEN>().ok_or(Error::Failed)?;
        let nonce = nonce.first_chunk::<NONCE_LEN>().ok_or(Error::Failed)?;
        let key = self.message_key(salt)?;

        let start = HEADER_LEN + random.len();
        let mut blob = Vec::with_capacity(start + plaintext.len() + TAG_LEN);
        blob.extend(header);
        blob.extend(random);
        blob.extend(plaintext);
        let body = blob.get_mut(start..).ok_or(Error::Failed)?;
        let tag = key
            .seal_in_place_separate_tag(Nonce::from(nonce), authenticated(&header, context), body)
            .map_err(|_| Error::Failed)?;
        blob.extend(tag.as_ref());
        Ok(blob)
    }

    pub(crate) fn decrypt(
        &self,
        ciphertext: &Ciphertext<'_>,
        context: &EncryptionContext,
    ) -> Result<SecretBytes> {
        let key = self.message_key(ciphertext.salt)?;
        let mut plaintext = Zeroizing::new(vec![0; ciphertext.sealed.len()]);
        key.open_separate_gather(
            Nonce::from(ciphertext.nonce),
            authenticated(ciphertext.header_bytes, context),
            ciphertext.sealed,
            ciphertext.tag,
            &mut plaintext,
        )
        .map_err(|_| Error::InvalidCiphertext)?;
        Ok(SecretBytes::new(std::mem::take(&mut *plaintext)))
    }

    fn message_key(&self, salt: &[u8; SALT_LEN]) -> Result<LessSafeKey> {
        let key = kdf::derive(&self.0, Label::Message, salt)?;
        let key = UnboundKey::new(&AES_256_GCM, key.as_slice()).map_err(|_| Error::Failed)?;
        Ok(LessSafeKey::new(key))
    }
}

/// What is authenticated beside the message: the header, of fixed length, then the context. Salt and nonce need not
/// be there: another salt is another key, and GCM binds its nonce.
fn authenticated(header: &[u8; HEADER_LEN], context: &EncryptionContext) -> Aad<Vec<u8>> {
    Aad::from([header.as_slice(), context.as_bytes()].concat())
}
