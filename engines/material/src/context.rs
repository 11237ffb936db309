//! The encryption context: non-secret pairs that Encrypt binds to a ciphertext and Decrypt must repeat.

use crate::{Error, Result};

/// An encryption context in its one spelling: pairs sorted by key, each part with its length in front, the number of
/// pairs first. Two contexts have the same bytes exactly when they have the same pairs. No context and an empty one
/// are the same, as in KMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionContext(Vec<u8>);

impl EncryptionContext {
    /// The context of no pairs.
    pub fn empty() -> Self {
        Self(0_u32.to_be_bytes().to_vec())
    }

    /// The context of these pairs, in any order. A key that comes twice is refused. Keys and values are compared
    /// byte for byte: case counts, nothing is normalised.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_unstable();
        if pairs.windows(2).any(|pair| matches!(pair, [(first, _), (second, _)] if first == second)) {
            return Err(Error::DuplicateContextKey);
        }
        let size = pairs.iter().map(|(key, value)| 8 + key.len() + value.len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(4 + size);
        bytes.extend(length(pairs.len())?);
        for (key, value) in pairs {
            for part in [key, value] {
                bytes.extend(length(part.len())?);
                bytes.extend(part.as_bytes());
            }
        }
        Ok(Self(bytes))
    }

    /// The canonical bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

fn length(length: usize) -> Result<[u8; 4]> {
    let limit = u32::MAX;
    u32::try_from(length).map(u32::to_be_bytes).map_err(|_| Error::TooLong { limit: limit as usize })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_borders_do() {
        let context = |pairs: &[(&'static str, &'static str)]| EncryptionContext::new(pairs.iter().copied());
        assert_eq!(context(&[("b", "2"), ("a", "1")]), context(&[("a", "1"), ("b", "2")]));
        assert_eq!(context(&[]), Ok(EncryptionContext::empty()));
        assert_ne!(context(&[("ab", "c")]), context(&[("a", "bc")]));
        assert_ne!(context(&[("a", "")]), context(&[("", "a")]));
        assert_ne!(context(&[("a", "1")]), context(&[("A", "1")]));
        assert_eq!(context(&[("a", "1"), ("a", "2")]), Err(Error::DuplicateContextKey));
    }
}
