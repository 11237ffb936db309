use std::fmt;
use std::sync::Arc;

use alcazar_core::{AccountId, Region};
use smallvec::SmallVec;

/// The key of a row: bytes whose order is the order of rows. Made by [`KeyWriter`]; cloning shares the bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<[u8]>);

/// Keys from `start` (included) to `end` (excluded).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// First key of the range.
    pub start: Key,
    /// First key after it.
    pub end: Key,
}

/// Whose row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The whole installation.
    Installation,
    /// One account, all Regions.
    Account(AccountId),
    /// One account in one Region.
    Region(AccountId, Region),
}

/// What scope the rows of a table have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// The whole installation.
    Installation,
    /// One account, all Regions.
    Account,
    /// One account in one Region.
    Region,
}

/// Writes a key part by part so that bytes sort as the parts do: each part is escaped (`00` becomes `00 ff`) and ended by
/// `00 01`, so no part is the prefix of another key's.
#[derive(Debug, Default)]
pub struct KeyWriter(SmallVec<[u8; 128]>);

impl Scope {
    /// Its kind.
    pub fn kind(self) -> ScopeKind {
        match self {
            Self::Installation => ScopeKind::Installation,
            Self::Account(_) => ScopeKind::Account,
            Self::Region(..) => ScopeKind::Region,
        }
    }
}

impl KeyWriter {
    /// An empty key.
    pub fn new() -> Self {
        Self(SmallVec::new())
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, bytes: &[u8]) -> Self {
        self.push(bytes);
        self
    }

    /// Adds a part.
    pub fn push(&mut self, bytes: &[u8]) {
        // Nearly all parts are text, which is copied as it is.
        if !bytes.contains(&0) {
            self.0.extend_from_slice(bytes);
        } else {
            for &byte in bytes {
                self.0.push(byte);
                if byte == 0 {
                    self.0.push(0xff);
                }
            }
        }
        self.0.extend_from_slice(&[0, 1]);
    }

    /// Adds the parts of a scope.
    #[must_use]
    pub fn scope(self, scope: Scope) -> Self {
        match scope {
            Scope::Installation => self,
            Scope::Account(account) => self.part(account.as_str().as_bytes()),
            Scope::Region(account, region) => {
                self.part(account.as_str().as_bytes()).part(region.name().as_bytes())
            }
        }
    }

    /// The key.
    pub fn finish(self) -> Key {
        Key(self.0.as_slice().into())
    }

    /// Every key that has the parts written so far and then one that begins with that text, which holds no zero byte.
    pub fn beginning(mut self, text: &str) -> KeyRange {
        debug_assert!(!text.bytes().any(|byte| byte == 0), "a text");
        self.0.extend_from_slice(text.as_bytes());
        self.range()
    }

    /// Every key that begins with the parts written so far and has more.
    pub fn range(self) -> KeyRange {
        let mut end = self.0.clone();
        // A part never begins with ff ff: 00 is escaped as 00 ff and parts are text or fixed-width numbers.
        end.extend_from_slice(&[0xff; 9]);
        KeyRange { start: Key(self.0.as_slice().into()), end: Key(end.as_slice().into()) }
    }
}

impl Key {
    /// From bytes that an engine stored.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first key after this one: where the next page of a scan begins.
    #[must_use]
    pub fn successor(&self) -> Self {
        Self(self.0.iter().copied().chain([0]).collect())
    }

    /// The parts, unescaped; `None` when the bytes were not made by a [`KeyWriter`].
    pub fn parts(&self) -> Option<Vec<Vec<u8>>> {
        let mut parts = Vec::new();
        let mut part = Vec::new();
        let mut bytes = self.0.iter();
        while let Some(&byte) = bytes.next() {
            match (byte, if byte == 0 { bytes.next() } else { None }) {
                (0, Some(0xff)) => part.push(0),
                (0, Some(1)) => parts.push(std::mem::take(&mut part)),
                (0, _) => return None,
                (byte, _) => part.push(byte),
            }
        }
        part.is_empty().then_some(parts)
    }
}

impl KeyRange {
    /// Whether the key lies in it.
    pub fn contains(&self, key: &Key) -> bool {
        self.start <= *key && *key < self.end
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            Some(parts) => f.write_str(
                &parts
                    .iter()
                    .map(|part| String::from_utf8_lossy(part).into_owned())
                    .collect::<Vec<_>>()
                    .join("/"),
            ),
            None => write!(f, "{:?}", &self.0),
        }
    }
}

impl std::borrow::Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_parts_do_and_give_them_back() {
        let key = |parts: &[&[u8]]| parts.iter().fold(KeyWriter::new(), |k, p| k.part(p)).finish();
        assert!(key(&[b"a", b"z"]) < key(&[b"aa", b"a"]));
        assert!(key(&[b"a\0", b"b"]) > key(&[b"a", b"b"]));
        assert_eq!(key(&[b"a\0b", b""]).parts(), Some(vec![b"a\0b".to_vec(), vec![]]));
    }

    #[test]
    fn a_range_holds_what_begins_with_its_parts_and_nothing_else() {
        let range = KeyWriter::new().part(b"user").range();
        assert!(range.contains(&KeyWriter::new().part(b"user").part(b"bob").finish()));
        assert!(!range.contains(&KeyWriter::new().part(b"users").part(b"bob").finish()));
        assert!(!range.contains(&KeyWriter::new().part(b"use").part(b"r").finish()));
    }

    #[test]
    fn a_range_of_beginnings_holds_every_part_that_begins_so() {
        let range = KeyWriter::new().part(b"names").beginning("/a/");
        for inside in ["/a/", "/a/b", "/a/b/c", "/a/~"] {
            assert!(
                range.contains(&KeyWriter::new().part(b"names").part(inside.as_bytes()).finish()),
                "{inside}"
            );
        }
        for outside in ["/a", "/a0", "/b/a/", ""] {
            assert!(
                !range.contains(&KeyWriter::new().part(b"names").part(outside.as_bytes()).finish()),
                "{outside}"
            );
        }
    }
}
