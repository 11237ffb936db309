//! Secrets at rest: every secret value is sealed for the place it is stored in, so that rows cannot be swapped.
//!
//! A sealed value is `version (1) | salt (16) | ciphertext | tag (16)`. The key of each value is derived from the installation's
//! key and its own random salt (HKDF-SHA-256, RFC 5869), so that the nonce, which is derived with it, is never used twice
//! however many values there are. AES-256-GCM authenticates the value together with its context.

use std::fmt;

use alcazar_core::SecretBytes;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const SALT: usize = 16;
const TAG: usize = 16;
/// An AES-256 key and a GCM nonce.
const DERIVED: usize = 32 + 12;

/// Seals and opens secrets under one key.
pub struct Sealer {
    prk: Prk,
}

/// A value that does not open: sealed for another place or under another key, or altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealBroken;

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Sealer {
    /// A sealer under that key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self { prk: Salt::new(HKDF_SHA256, b"alcazar/seal/1").extract(key) }
    }

    /// Seals a secret for one place. `fill` supplies randomness.
    ///
    /// # Errors
    /// When the cryptography fails, which no input can bring about.
    pub fn seal(
        &self,
        fill: &dyn Fn(&mut [u8]),
        context: &[u8],
        secret: &[u8],
    ) -> Result<Vec<u8>, SealBroken> {
        let mut salt = [0; SALT];
        fill(&mut salt);
        let mut sealed = Vec::with_capacity(1 + SALT + secret.len() + TAG);
        sealed.push(VERSION);
        sealed.extend_from_slice(&salt);
        let mut body = secret.to_vec();
        let (key, nonce) = self.derived(&salt)?;
        key.seal_in_place_append_tag(nonce, Aad::from(context), &mut body).map_err(|_| SealBroken)?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens a sealed secret.
    ///
    /// # Errors
    /// When it was sealed for another place or under another key, or was altered.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<SecretBytes, SealBroken> {
        let (&version, rest) = sealed.split_first().ok_or(SealBroken)?;
        let (salt, body) = rest.split_first_chunk::<SALT>().ok_or(SealBroken)?;
        if version != VERSION {
            return Err(SealBroken);
        }
        let mut body = Zeroizing::new(body.to_vec());
        let (key, nonce) = self.derived(salt)?;
        let plain = key.open_in_place(nonce, Aad::from(context), &mut body).map_err(|_| SealBroken)?;
        Ok(SecretBytes::new(plain.to_vec()))
    }

    fn derived(&self, salt: &[u8; SALT]) -> Result<(LessSafeKey, Nonce), SealBroken> {
        let mut derived = Zeroizing::new([0; DERIVED]);
        let info = [salt.as_slice()];
        let okm = self.prk.expand(&info, Length(DERIVED)).map_err(|_| SealBroken)?;
        okm.fill(&mut *derived).map_err(|_| SealBroken)?;
        let (key, nonce) = derived.split_at(32);
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealBroken)?);
        Ok((key, Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealBroken)?))
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl fmt::Display for SealBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sealed value does not open here")
    }
}

impl std::error::Error for SealBroken {}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(bytes: &mut [u8]) {
        bytes.fill(7);
    }

    #[test]
    fn a_value_opens_in_its_own_place_only() {
        let sealer = Sealer::new(&[1; 32]);
        let sealed = sealer.seal(&fill, b"here", b"secret").unwrap();
        assert_eq!(sealer.open(b"here", &sealed).unwrap().expose(), b"secret");
        assert_eq!(sealer.open(b"there", &sealed).unwrap_err(), SealBroken);
        assert_eq!(Sealer::new(&[2; 32]).open(b"here", &sealed).unwrap_err(), SealBroken);
    }

    #[test]
    fn no_altered_or_truncated_value_opens() {
        let sealer = Sealer::new(&[1; 32]);
        let sealed = sealer.seal(&fill, b"here", b"secret").unwrap();
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(sealer.open(b"here", &altered).is_err(), "byte {at}");
            assert!(sealer.open(b"here", &sealed[..at]).is_err(), "cut at {at}");
        }
    }
}
