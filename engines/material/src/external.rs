//! The ciphertext of a key in an external key store: encrypted twice, first by KMS's own material, then by a key outside.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | version, 2 |
//! | 50 | the header of the inner ciphertext: which key, which material |
//! | 1 | length of the initialization vector, 12 or 16 |
//! | 1 | length of the metadata, up to 20 |
//! | | initialization vector, metadata |
//! | 16 | tag |
//! | | the inner ciphertext, as the key outside encrypted it |
//!
//! What the key outside authenticates is a digest of header and encryption context ([`ExternalCiphertext::authenticated`]), so that its keeper
//! learns neither and a context of any length fits. The inner ciphertext is bound to both by itself.
//! Source: External Key Store Proxy API Specification, Encrypt and Appendix C.

use aws_lc_rs::digest;

use crate::blob::{HEADER_LEN, NONCE_LEN, SALT_LEN, TAG_LEN};
use crate::{Ciphertext, EncryptionContext, Error, Header, PLAINTEXT_LIMIT, Result};

const VERSION: u8 = 2;
const METADATA_LIMIT: usize = 20;

/// The longest inner ciphertext.
const INNER_LIMIT: usize = HEADER_LEN + SALT_LEN + NONCE_LEN + PLAINTEXT_LIMIT + TAG_LEN;

const LABEL: &[u8] = b"alcazar/external-key-store/1";

/// What the key outside made of an inner ciphertext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalCiphertext {
    /// Which key, and which of KMS's own materials is inside.
    pub header: Header,
    /// 12 or 16 bytes.
    pub initialization_vector: Vec<u8>,
    /// What the keeper of the key outside adds for himself: at most 20 bytes.
    pub metadata: Vec<u8>,
    /// 16 bytes.
    pub tag: Vec<u8>,
    /// As long as the inner ciphertext.
    pub sealed: Vec<u8>,
}

impl ExternalCiphertext {
    /// Whether its parts are of lengths that may be.
    pub fn is_well_formed(&self) -> bool {
        matches!(self.initialization_vector.len(), 12 | 16)
            && self.metadata.len() <= METADATA_LIMIT
            && self.tag.len() == TAG_LEN
            && self.sealed.len() <= INNER_LIMIT
    }

    /// The bytes that the key outside is to authenticate beside the inner ciphertext.
    pub fn authenticated(header: Header, context: &EncryptionContext) -> Vec<u8> {
        digest_of(&[LABEL, &header.to_bytes(), context.as_bytes()])
    }

    /// The value by which the keeper shows that nothing was corrupted on the way: a SHA-256 digest of all parts.
    pub fn integrity(&self, authenticated: &[u8]) -> Vec<u8> {
        digest_of(&[authenticated, &self.metadata, &self.initialization_vector, &self.sealed, &self.tag])
    }

    /// The ciphertext as callers keep it. [`Error::Failed`] when it is not well formed.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let length = |part: &[u8]| u8::try_from(part.len()).map_err(|_| Error::Failed);
        if !self.is_well_formed() {
            return Err(Error::Failed);
        }
        let lengths = [length(&self.initialization_vector)?, length(&self.metadata)?];
        let parts: [&[u8]; 7] = [
            &[VERSION],
            &self.header.to_bytes(),
            &lengths,
            &self.initialization_vector,
            &self.metadata,
            &self.tag,
            &self.sealed,
        ];
        Ok(parts.concat())
    }

    /// Reads any bytes; what is no ciphertext of this format is [`Error::InvalidCiphertext`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::split(bytes).filter(Self::is_well_formed).ok_or(Error::InvalidCiphertext)
    }

    fn split(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[VERSION])?;
        let (header, rest) = rest.split_first_chunk()?;
        let ([vector, metadata], rest) = rest.split_first_chunk()?;
        let (vector, rest) = rest.split_at_checked(usize::from(*vector))?;
        let (metadata, rest) = rest.split_at_checked(usize::from(*metadata))?;
        let (tag, sealed) = rest.split_at_checked(TAG_LEN)?;
        Some(Self {
            header: Header::from_bytes(header).ok()?,
            initialization_vector: vector.to_vec(),
            metadata: metadata.to_vec(),
            tag: tag.to_vec(),
            sealed: sealed.to_vec(),
        })
    }
}

impl Header {
    /// What a ciphertext says of its key, of whichever format it is; other bytes are [`Error::InvalidCiphertext`].
    pub fn of(bytes: &[u8]) -> Result<Self> {
        match Ciphertext::parse(bytes) {
            Ok(ciphertext) => Ok(ciphertext.header),
            Err(_) => ExternalCiphertext::parse(bytes).map(|ciphertext| ciphertext.header),
        }
    }
}

fn digest_of(parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| digest.update(part));
    digest.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyId, MaterialId};

    fn ciphertext() -> ExternalCiphertext {
        let key = KeyId::from_text("1234abcd-12ab-34cd-56ef-1234567890ab").unwrap();
        ExternalCiphertext {
            header: Header { key, material: MaterialId::from([9; 32]) },
            initialization_vector: vec![1; 12],
            metadata: b"key_version=1".to_vec(),
            tag: vec![2; 16],
            sealed: vec![3; 40],
        }
    }

    #[test]
    fn it_reads_back_and_nothing_else_does() {
        let whole = ciphertext();
        let bytes = whole.to_bytes().unwrap();
        assert_eq!(ExternalCiphertext::parse(&bytes), Ok(whole.clone()));
        assert_eq!(Header::of(&bytes), Ok(whole.header));
        assert!(Ciphertext::parse(&bytes).is_err(), "the formats are told apart");
        for end in 0..51 + 2 + 12 + 13 + 16 {
            assert!(ExternalCiphertext::parse(&bytes[..end]).is_err(), "{end} bytes");
        }
        let misfits: [fn(&mut ExternalCiphertext); 4] = [
            |wrong| wrong.initialization_vector = vec![1; 13],
            |wrong| wrong.metadata = vec![1; 21],
            |wrong| wrong.tag = vec![1; 15],
            |wrong| wrong.sealed = vec![1; INNER_LIMIT + 1],
        ];
        for misfit in misfits {
            let mut wrong = whole.clone();
            misfit(&mut wrong);
            assert_eq!(wrong.to_bytes(), Err(Error::Failed));
        }
    }

    #[test]
    fn key_and_context_are_authenticated() {
        let whole = ciphertext();
        let context = EncryptionContext::new([("a", "b")]).unwrap();
        let told = |header, context: &EncryptionContext| ExternalCiphertext::authenticated(header, context);
        let other = Header { material: MaterialId::from([8; 32]), ..whole.header };
        assert_ne!(told(whole.header, &context), told(whole.header, &EncryptionContext::empty()));
        assert_ne!(told(whole.header, &context), told(other, &context));
    }

    /// The example of Appendix C.
    #[test]
    fn the_integrity_value_is_that_of_the_specification() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
        };
        let whole = ExternalCiphertext {
            initialization_vector: hex("1ccae5470f39700254779031"),
            sealed: hex("821c642b5b71783367deaf18"),
            tag: hex("bc1c4dda7707d6812447c5955e99b261"),
            ..ciphertext()
        };
        let digest = "a8703f2260bd8791ec2d15ea0b23e65a0631eedcf2a13a65cc82db3f47cf5ec7";
        assert_eq!(whole.integrity(b"project=nile,department=marketing"), hex(digest));
    }
}
