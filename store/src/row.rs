use std::any::Any;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

/// The version of a row: the position of the frame that wrote it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(pub u64);

/// A row as an engine gives it: its version, its bytes, and its decoded form once somebody has asked for it. Engines
/// share rows, so a policy is compiled and a key parsed once for as long as the row stays in memory.
#[derive(Debug, Default)]
pub struct Row {
    /// The position of the frame that wrote it; [`Version::ABSENT`] when there is none.
    pub version: Version,
    /// The stored bytes; empty when absent.
    pub value: Bytes,
    decoded: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Version {
    /// There is no such row.
    pub const ABSENT: Self = Self(0);
}

impl Row {
    /// A row that exists.
    pub fn new(version: Version, value: Bytes) -> Self {
        Self { version, value, decoded: OnceLock::new() }
    }

    /// A row that does not.
    pub fn absent() -> Self {
        Self::default()
    }

    /// Whether there is such a row.
    pub fn exists(&self) -> bool {
        self.version != Version::ABSENT
    }

    /// The decoded form, made once by `decode`. A row is read as one type only; asked as another it is decoded anew.
    ///
    /// # Errors
    /// Those of `decode`.
    pub fn decoded<T: Any + Send + Sync, E>(
        &self,
        decode: impl FnOnce(&[u8]) -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        if let Some(Ok(known)) = self.decoded.get().map(|any| any.clone().downcast::<T>()) {
            return Ok(known);
        }
        let fresh = Arc::new(decode(&self.value)?);
        // A racing reader may have set it first; both forms are equal.
        let _ = self.decoded.set(fresh.clone());
        Ok(fresh)
    }
}
