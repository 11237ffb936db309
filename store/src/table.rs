use std::marker::PhantomData;

use alcazar_core::{AccountId, Region, Timestamp};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Key, KeyRange, KeyWriter, Scope, ScopeKind};

/// A typed layer over keys: rows of one type under keys of one type, in one scope. Declared as a constant by the service that
/// owns it.
pub struct Table<K: ?Sized, R> {
    name: &'static str,
    scope: ScopeKind,
    _types: PhantomData<fn(&K) -> R>,
}

/// A type that is stored as a row: self-describing (MessagePack with field names), so that a newer program reads older rows.
/// New fields carry `#[serde(default)]`; a change of meaning raises `VERSION` and is handled in `upgrade`.
pub trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The version of its stored form.
    const VERSION: u16 = 1;

    /// Reads a row of an older version. Called for versions below [`Record::VERSION`]; the default knows none.
    ///
    /// # Errors
    /// When the version is not known.
    fn upgrade(version: u16, _stored: &[u8]) -> Result<Self, TableError> {
        Err(TableError(format!("stored version {version} is not known").into()))
    }
}

/// A part of a key.
pub trait KeyPart {
    /// Adds its parts, whose bytes sort as the values do.
    fn write(&self, key: &mut KeyWriter);
}

/// A row that cannot be read or written in its type.
#[derive(Debug)]
pub struct TableError(pub Box<dyn std::error::Error + Send + Sync>);

impl<K: KeyPart + ?Sized, R: Record> Table<K, R> {
    /// A table of that name, `service/things`; names are unique in the program (a test sees to it).
    pub const fn new(name: &'static str, scope: ScopeKind) -> Self {
        Self { name, scope, _types: PhantomData }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The stored key of a row. The scope must be of the table's kind: rows of another kind are apart and never found.
    pub fn key(&self, scope: Scope, key: &K) -> Key {
        debug_assert_eq!(scope.kind(), self.scope, "scope of table {}", self.name);
        let mut stored = KeyWriter::new().part(self.name.as_bytes()).scope(scope);
        key.write(&mut stored);
        stored.finish()
    }

    /// All rows of a scope.
    pub fn range(&self, scope: Scope) -> KeyRange {
        debug_assert_eq!(scope.kind(), self.scope, "scope of table {}", self.name);
        KeyWriter::new().part(self.name.as_bytes()).scope(scope).range()
    }

    /// The rows of a scope whose key begins with that: for a table under pairs, all of one first part.
    pub fn range_under<P: KeyPart + ?Sized>(&self, scope: Scope, prefix: &P) -> KeyRange {
        debug_assert_eq!(scope.kind(), self.scope, "scope of table {}", self.name);
        let mut stored = KeyWriter::new().part(self.name.as_bytes()).scope(scope);
        prefix.write(&mut stored);
        stored.range()
    }

    /// The rows of a scope whose next part, after that of the prefix (`&()` is none), begins with that text.
    pub fn range_beginning<P: KeyPart + ?Sized>(&self, scope: Scope, prefix: &P, text: &str) -> KeyRange {
        debug_assert_eq!(scope.kind(), self.scope, "scope of table {}", self.name);
        let mut stored = KeyWriter::new().part(self.name.as_bytes()).scope(scope);
        prefix.write(&mut stored);
        stored.beginning(text)
    }

    /// All rows of all scopes.
    pub fn everywhere(&self) -> KeyRange {
        KeyWriter::new().part(self.name.as_bytes()).range()
    }

    /// The stored form: the version in two bytes, then MessagePack with field names.
    ///
    /// # Errors
    /// When the type refuses to be serialised.
    pub fn encode(&self, record: &R) -> Result<Bytes, TableError> {
        let mut stored = R::VERSION.to_be_bytes().to_vec();
        rmp_serde::encode::write_named(&mut stored, record).map_err(|e| TableError(e.into()))?;
        Ok(stored.into())
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the bytes are damaged, or were written by a newer program in a form this one does not know.
    pub fn decode(&self, stored: &[u8]) -> Result<R, TableError> {
        let Some((version, body)) = stored.split_first_chunk::<2>() else {
            return Err(TableError(format!("a row of {} is truncated", self.name).into()));
        };
        match u16::from_be_bytes(*version) {
            version if version == R::VERSION => rmp_serde::from_slice(body).map_err(|e| TableError(e.into())),
            version if version < R::VERSION => R::upgrade(version, body),
            version => Err(TableError(
                format!("a row of {} has version {version}; this program knows {}", self.name, R::VERSION)
                    .into(),
            )),
        }
    }
}

impl<K: ?Sized, R> std::fmt::Debug for Table<K, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table({})", self.name)
    }
}

impl std::fmt::Display for TableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row: {}", self.0)
    }
}

impl std::error::Error for TableError {}

impl KeyPart for () {
    fn write(&self, _key: &mut KeyWriter) {}
}

impl KeyPart for str {
    fn write(&self, key: &mut KeyWriter) {
        key.push(self.as_bytes());
    }
}

impl KeyPart for String {
    fn write(&self, key: &mut KeyWriter) {
        key.push(self.as_bytes());
    }
}

impl KeyPart for AccountId {
    fn write(&self, key: &mut KeyWriter) {
        key.push(self.as_str().as_bytes());
    }
}

impl KeyPart for Region {
    fn write(&self, key: &mut KeyWriter) {
        key.push(self.name().as_bytes());
    }
}

impl KeyPart for Timestamp {
    fn write(&self, key: &mut KeyWriter) {
        // Flipping the sign bit makes big-endian bytes sort as signed numbers do.
        key.push(&(self.millis() as u64 ^ (1 << 63)).to_be_bytes());
    }
}

impl KeyPart for u64 {
    fn write(&self, key: &mut KeyWriter) {
        key.push(&self.to_be_bytes());
    }
}

impl<T: KeyPart + ?Sized> KeyPart for &T {
    fn write(&self, key: &mut KeyWriter) {
        (**self).write(key);
    }
}

/// Ordered by the first, then the second.
impl<A: KeyPart, B: KeyPart> KeyPart for (A, B) {
    fn write(&self, key: &mut KeyWriter) {
        self.0.write(key);
        self.1.write(key);
    }
}
