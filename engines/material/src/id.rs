//! The names that a ciphertext carries: of its key and of the key's material.

use std::fmt;

use alcazar_core::id::hex;

/// A key's id, the part of its ARN after `key/`: a UUID, or `mrk-` and 32 digits for a multi-Region key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId {
    pub(crate) multi_region: bool,
    pub(crate) bytes: [u8; 16],
}

/// The id of one material of a key, as `KeyMaterialId` shows it: 32 bytes, 64 digits. [`crate::Material::id`] makes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MaterialId(pub(crate) [u8; 32]);

impl KeyId {
    /// Reads the id as KMS writes it, in lower case. Anything else is `None`.
    pub fn from_text(text: &str) -> Option<Self> {
        let id = match text.strip_prefix("mrk-") {
            Some(digits) => Self { multi_region: true, bytes: from_hex(digits.bytes())? },
            None => Self { multi_region: false, bytes: from_hex(text.bytes().filter(|byte| *byte != b'-'))? },
        };
        // Only the canonical spelling: hyphens at their places, lower case.
        (id.to_string() == text).then_some(id)
    }

    /// Whether it is a multi-Region key's, which every Region's replica of the key shares.
    pub fn is_multi_region(&self) -> bool {
        self.multi_region
    }
}

impl MaterialId {
    /// Reads 64 lower-case digits. Anything else is `None`.
    pub fn from_text(text: &str) -> Option<Self> {
        from_hex(text.bytes()).map(Self)
    }

    /// The id itself.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for MaterialId {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.multi_region {
            return write!(f, "mrk-{}", hex(&self.bytes));
        }
        let [a, b, c, d, e, x, g, h, tail @ ..] = self.bytes;
        let [i, j, node @ ..] = tail;
        write!(f, "{}-{}-{}-{}-{}", hex(&[a, b, c, d]), hex(&[e, x]), hex(&[g, h]), hex(&[i, j]), hex(&node))
    }
}

impl fmt::Display for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaterialId({self})")
    }
}

/// Exactly `N` bytes of lower-case hexadecimal.
fn from_hex<const N: usize>(mut digits: impl Iterator<Item = u8>) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    for byte in &mut bytes {
        *byte = digit(digits.next()?)? << 4 | digit(digits.next()?)?;
    }
    digits.next().is_none().then_some(bytes)
}

fn digit(text: u8) -> Option<u8> {
    match text {
        b'0'..=b'9' => Some(text - b'0'),
        b'a'..=b'f' => Some(text - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_only_in_one_spelling() {
        for text in ["1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"] {
            let id = KeyId::from_text(text).unwrap();
            assert_eq!(id.to_string(), text);
            assert_eq!(id.is_multi_region(), text.starts_with("mrk-"));
        }
        for text in [
            "",
            "1234ABCD-12ab-34cd-56ef-1234567890ab",
            "1234abcd12ab34cd56ef1234567890ab",
            "1234abcd-12ab-34cd-56ef-1234567890a",
            "1234abcd-12ab-34cd-56ef-1234567890ab-",
            "mrk-1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-",
            "\u{e9}234abcd-12ab-34cd-56ef-1234567890ab",
        ] {
            assert_eq!(KeyId::from_text(text), None, "{text}");
        }
        let id = MaterialId::from([7; 32]);
        assert_eq!(MaterialId::from_text(&id.to_string()), Some(id));
        assert_eq!(MaterialId::from_text("07"), None);
    }
}
