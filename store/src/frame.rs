use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Key, KeyRange, RecordEntry, Version};

/// The place of a frame in the log: 1 for the first, then one more each. 0 is before every frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position(pub u64);

/// What one call appends: all of it or nothing.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// [`Store::changed_at`](crate::Store::changed_at) as it was before the first row was read. If no row has changed since, the
    /// expectations hold without being looked at.
    pub read_at: Position,
    /// Rows that must still have that version; [`Version::ABSENT`] for rows that must not exist.
    pub expect: Vec<(Key, Version)>,
    /// Ranges that must hold no row.
    pub expect_empty: Vec<KeyRange>,
    /// Rows written. A key stands in `put` or `delete` once at most.
    pub put: Vec<(Key, Bytes)>,
    /// Rows removed; removing an absent row is no error.
    pub delete: Vec<Key>,
    /// Audit records.
    pub records: Vec<RecordEntry>,
    /// Facts for other services.
    pub facts: Vec<Fact>,
}

/// Something that has happened, for reactors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its kind: `ResourceChanged`.
    pub name: String,
    /// Its body, self-describing (MessagePack with field names).
    pub body: Bytes,
}

/// Why a frame was not appended.
#[derive(Debug)]
pub enum AppendError {
    /// An expectation did not hold; nothing has happened.
    Conflict,
    /// The store failed.
    Store(StoreError),
}

/// The store failed: a disk that refuses, a database that is gone, a value that cannot be read.
#[derive(Debug)]
pub struct StoreError(pub Box<dyn std::error::Error + Send + Sync>);

impl Frame {
    /// Whether it changes any row.
    pub fn changes_rows(&self) -> bool {
        !self.put.is_empty() || !self.delete.is_empty()
    }
}

impl StoreError {
    /// From any cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store: {}", self.0)
    }
}

impl std::error::Error for StoreError {}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("an expectation of the frame did not hold"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AppendError {}

/// Cuts facts to `limit` where a frame ends, so that the last position can be asked after; the first frame is never cut.
pub(crate) fn whole_frames(
    facts: impl IntoIterator<Item = (Position, Fact)>,
    limit: usize,
) -> Vec<(Position, Fact)> {
    let mut page: Vec<(Position, Fact)> = Vec::new();
    // Where the frame that is being read began.
    let mut start = 0;
    for (position, fact) in facts {
        if page.last().is_some_and(|(last, _)| *last != position) {
            start = page.len();
            if start >= limit {
                return page;
            }
        }
        page.push((position, fact));
        if page.len() > limit && start > 0 {
            page.truncate(start);
            return page;
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_facts_ends_where_a_frame_ends() {
        let positions = [1, 1, 2, 3, 3, 3];
        let page = |limit, skip| {
            let facts = positions
                .iter()
                .skip(skip)
                .map(|p| (Position(*p), Fact { name: "f".to_owned(), body: Bytes::new() }));
            whole_frames(facts, limit).into_iter().map(|(p, _)| p.0).collect::<Vec<_>>()
        };
        assert_eq!(page(1, 0), [1, 1]);
        assert_eq!(page(3, 0), [1, 1, 2]);
        assert_eq!(page(4, 0), [1, 1, 2]);
        assert_eq!(page(6, 0), positions);
        assert_eq!(page(2, 3), [3, 3, 3]);
    }
}
