//! KMS's ciphertext in the parts that the specification knows, and back.
//!
//! | part | bytes | what |
//! | --- | --- | --- |
//! | initializationVector | 16 | the salt of the message's key |
//! | ciphertextMetadata | 20 | version, 1; the first 7 bytes of the material's id; the nonce of 12 bytes |
//! | authenticationTag | 16 | the tag |
//! | ciphertext | as the plaintext | the ciphertext |
//!
//! The key is known by the request's path, and the rest of the material's id is looked up. All of it is authenticated by KMS, metadata included.

use alcazar_material::{Ciphertext, ExternalCiphertext, Header, KeyId, MaterialId};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// How much of a material's id a ciphertext carries.
pub(super) const PREFIX: usize = 7;
const VERSION: u8 = 1;

/// What Encrypt made.
pub(super) struct Parts {
    pub(super) material: MaterialId,
    made: ExternalCiphertext,
}

/// What Decrypt is given.
pub(super) struct SealedParts {
    pub(super) prefix: [u8; PREFIX],
    salt: [u8; 16],
    nonce: [u8; 12],
    tag: [u8; 16],
    sealed: Vec<u8>,
}

/// The part of a material's id that a ciphertext carries.
pub(super) fn prefix(material: MaterialId) -> [u8; PREFIX] {
    material.as_bytes().first_chunk().copied().unwrap_or_default()
}

impl Parts {
    pub(super) fn of(blob: &[u8]) -> Option<Self> {
        let ciphertext = Ciphertext::parse(blob).ok()?;
        let (salt, nonce, sealed, tag) = ciphertext.parts();
        let header = ciphertext.header;
        let metadata = [&[VERSION], prefix(header.material).as_slice(), nonce].concat();
        let made = ExternalCiphertext {
            header,
            initialization_vector: salt.to_vec(),
            metadata,
            tag: tag.to_vec(),
            sealed: sealed.to_vec(),
        };
        Some(Self { material: header.material, made })
    }

    /// As the answer tells it; with the integrity value over what was to be authenticated, if that is wanted.
    pub(super) fn told(&self, integrity_with: Option<&[u8]>) -> Value {
        let made = &self.made;
        let mut told = json!({
            "ciphertext": STANDARD.encode(&made.sealed),
            "ciphertextMetadata": STANDARD.encode(&made.metadata),
            "initializationVector": STANDARD.encode(&made.initialization_vector),
            "authenticationTag": STANDARD.encode(&made.tag),
        });
        if let (Some(authenticated), Some(told)) = (integrity_with, told.as_object_mut()) {
            let value = STANDARD.encode(made.integrity(authenticated));
            told.insert("ciphertextDataIntegrityValue".to_owned(), value.into());
        }
        told
    }
}

impl SealedParts {
    pub(super) fn of(vector: &[u8], metadata: &[u8], tag: &[u8], sealed: Vec<u8>) -> Option<Self> {
        let rest = metadata.strip_prefix(&[VERSION])?;
        let (prefix, nonce) = rest.split_first_chunk::<PREFIX>()?;
        Some(Self {
            prefix: *prefix,
            salt: vector.try_into().ok()?,
            nonce: nonce.try_into().ok()?,
            tag: tag.try_into().ok()?,
            sealed,
        })
    }

    /// KMS's ciphertext again; `None` when the key's id is of no form that KMS makes.
    pub(super) fn blob(&self, key: &str, material: MaterialId) -> Option<Vec<u8>> {
        let header = Header { key: KeyId::from_text(key)?, material };
        Some(Ciphertext::join(header, &self.salt, &self.nonce, &self.sealed, &self.tag))
    }
}
