use std::fmt;

use alcazar_core::{AccountId, Timestamp};
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};

/// A long-term access key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA...`.
    pub id: String,
    /// The account it belongs to.
    pub account: AccountId,
    /// Whose it is.
    pub owner: KeyOwner,
    /// The secret access key, sealed with the row's key as context.
    pub secret: Sealed,
    /// Inactive keys do not sign.
    pub active: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// The signing name of the gate that it was made for: it signs there and nowhere else. `None` for a key of the API.
    #[serde(default)]
    pub gate: Option<String>,
}

/// Whose an access key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyOwner {
    /// The account's root user.
    Root,
    /// An IAM user, by name and unique id: a user made anew under an old name does not inherit keys.
    User {
        /// The name.
        name: String,
        /// `AIDA...`.
        id: String,
    },
}

/// A secret as it is stored: sealed under the installation's root key, with its place as context.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(#[serde(with = "bytes_as_bin")] pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl Record for AccessKey {}

/// The long-term access keys, by id.
pub static ACCESS_KEYS: Table<str, AccessKey> = Table::new("directory/access-keys", ScopeKind::Installation);

/// MessagePack's binary form instead of a list of numbers.
mod bytes_as_bin {
    use serde::de::{Error, SeqAccess, Visitor};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_byte_buf(Bytes)
    }

    struct Bytes;

    impl<'de> Visitor<'de> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<u8>, A::Error> {
            let mut bytes = Vec::new();
            while let Some(byte) = seq.next_element()? {
                bytes.push(byte);
            }
            Ok(bytes)
        }
    }
}
