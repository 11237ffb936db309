//! The ciphertext of a symmetric key.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | version, 1 |
//! | 1 | the key id's form: 0 a UUID, 1 a multi-Region id |
//! | 16 | key id |
//! | 32 | material id |
//! | 16 | salt, random: the message's key is derived from it |
//! | 12 | nonce, random |
//! | as the plaintext | ciphertext |
//! | 16 | tag |
//!
//! The first 50 bytes, in clear, tell which key and which of its materials decrypt the rest, so that Decrypt needs no
//! KeyId. Whoever sees a ciphertext thus learns that, and the plaintext's length; everything after is random to him.
//! All of it is authenticated, together with the encryption context. 94 bytes are added to the plaintext.
//!
//! Nothing names a Region or an account. A multi-Region key has one id and one material in each of its Regions, so what
//! one Region encrypts the replica in another decrypts by itself (KMS Developer Guide, "Multi-Region keys").

use crate::{Error, KeyId, MaterialId, PLAINTEXT_LIMIT, Result};

const VERSION: u8 = 1;
const UUID: u8 = 0;
const MULTI_REGION: u8 = 1;

pub(crate) const HEADER_LEN: usize = 50;
pub(crate) const SALT_LEN: usize = 16;
pub(crate) const NONCE_LEN: usize = 12;
pub(crate) const TAG_LEN: usize = 16;

/// What a ciphertext says of itself, before anything is decrypted and so before it can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The key.
    pub key: KeyId,
    /// Which of its materials.
    pub material: MaterialId,
}

/// A ciphertext, read but not yet believed: [`crate::Material::decrypt`] opens it.
#[derive(Debug, Clone, Copy)]
pub struct Ciphertext<'a> {
    /// Which key and material it claims to be of.
    pub header: Header,
    pub(crate) header_bytes: &'a [u8; HEADER_LEN],
    pub(crate) salt: &'a [u8; SALT_LEN],
    pub(crate) nonce: &'a [u8; NONCE_LEN],
    pub(crate) sealed: &'a [u8],
    pub(crate) tag: &'a [u8; TAG_LEN],
}

impl Header {
    pub(crate) fn to_bytes(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        let [version, form, ids @ ..] = &mut bytes;
        *version = VERSION;
        *form = if self.key.multi_region { MULTI_REGION } else { UUID };
        let (key, material) = ids.split_at_mut(16);
        key.copy_from_slice(&self.key.bytes);
        material.copy_from_slice(&self.material.0);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; HEADER_LEN]) -> Result<Self> {
        let [VERSION, form @ (UUID | MULTI_REGION), ids @ ..] = bytes else {
            return Err(Error::InvalidCiphertext);
        };
        let (key, material) = ids.split_first_chunk().ok_or(Error::InvalidCiphertext)?;
        let material = material.first_chunk().ok_or(Error::InvalidCiphertext)?;
        let key = KeyId { multi_region: *form == MULTI_REGION, bytes: *key };
        Ok(Self { key, material: MaterialId(*material) })
    }
}

impl<'a> Ciphertext<'a> {
    /// Reads any bytes; what is no ciphertext of this format is [`Error::InvalidCiphertext`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        Self::split(bytes).ok_or(Error::InvalidCiphertext)
    }

    /// Its parts after the header: salt, nonce, ciphertext and tag, for those who carry them apart.
    pub fn parts(&self) -> (&'a [u8; SALT_LEN], &'a [u8; NONCE_LEN], &'a [u8], &'a [u8; TAG_LEN]) {
        (self.salt, self.nonce, self.sealed, self.tag)
    }

    /// A ciphertext of parts that were carried apart. Whether they belong together shows when it is decrypted.
    pub fn join(
        header: Header,
        salt: &[u8; SALT_LEN],
        nonce: &[u8; NONCE_LEN],
        sealed: &[u8],
        tag: &[u8; TAG_LEN],
    ) -> Vec<u8> {
        [header.to_bytes().as_slice(), salt, nonce, sealed, tag].concat()
    }

    fn split(bytes: &'a [u8]) -> Option<Self> {
        let (header_bytes, rest) = bytes.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (sealed, tag) = rest.split_last_chunk()?;
        let header = Header::from_bytes(header_bytes).ok()?;
        (sealed.len() <= PLAINTEXT_LIMIT).then_some(Self { header, header_bytes, salt, nonce, sealed, tag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back() {
        for key in ["1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"] {
            let header = Header { key: KeyId::from_text(key).unwrap(), material: MaterialId([9; 32]) };
            assert_eq!(Header::from_bytes(&header.to_bytes()), Ok(header));
        }
    }

    #[test]
    fn other_versions_and_lengths_are_refused() {
        let mut bytes = vec![0; HEADER_LEN + SALT_LEN + NONCE_LEN + TAG_LEN];
        assert!(Ciphertext::parse(&bytes).is_err(), "version 0");
        bytes[0] = 1;
        assert!(Ciphertext::parse(&bytes).is_ok());
        assert!(Ciphertext::parse(&bytes[1..]).is_err(), "too short");
        bytes[1] = 2;
        assert!(Ciphertext::parse(&bytes).is_err(), "unknown form");
        bytes[1] = 1;
        bytes.resize(bytes.len() + PLAINTEXT_LIMIT, 0);
        assert!(Ciphertext::parse(&bytes).is_ok());
        bytes.push(0);
        assert!(Ciphertext::parse(&bytes).is_err(), "too long");
    }
}
