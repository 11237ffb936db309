//! As much of DER as is needed to look at an encoding before a library reads it. Source: X.690, sections 8.1 and 10.1.

pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;

/// The first element of the bytes, and what comes behind it.
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) body: &'a [u8],
    pub(crate) rest: &'a [u8],
}

impl<'a> Element<'a> {
    /// Lengths are definite, in their shortest form and below 65,536: no key here is longer. Anything else is none.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (tag, length, bytes) = match bytes {
            [tag, length @ 0..=0x7f, bytes @ ..] => (tag, usize::from(*length), bytes),
            [tag, 0x81, length @ 0x80..=0xff, bytes @ ..] => (tag, usize::from(*length), bytes),
            [tag, 0x82, high @ 1..=0xff, low, bytes @ ..] => {
                (tag, usize::from(u16::from_be_bytes([*high, *low])), bytes)
            }
            _ => return None,
        };
        let (body, rest) = bytes.split_at_checked(length)?;
        Some(Self { tag: *tag, body, rest })
    }
}

/// Whether the bytes are one SEQUENCE and nothing behind it, which the libraries would not mind.
pub(crate) fn is_one_sequence(bytes: &[u8]) -> bool {
    Element::read(bytes).is_some_and(|element| element.tag == SEQUENCE && element.rest.is_empty())
}

/// Whether a PrivateKeyInfo names its curve, as against spelling it out. Source: RFC 5208, section 5; RFC 5480, section
/// 2.1.1.
pub(crate) fn has_named_curve(pkcs8: &[u8]) -> bool {
    let named = || {
        let version = Element::read(Element::read(pkcs8)?.body)?;
        let algorithm = Element::read(version.rest)?;
        let key_type = Element::read(algorithm.body)?;
        Some(Element::read(key_type.rest)?.tag == OBJECT_IDENTIFIER)
    };
    named().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_whole_sequence_is_one() {
        let long = |head: &[u8], length: usize| [head, &vec![0; length]].concat();
        for good in [
            long(&[0x30, 0], 0),
            long(&[0x30, 0x7f], 0x7f),
            long(&[0x30, 0x81, 0x80], 0x80),
            long(&[0x30, 0x82, 1, 0], 0x100),
        ] {
            assert!(is_one_sequence(&good));
            assert!(!is_one_sequence(&good[1..]));
            assert!(!is_one_sequence(&[&good[..], &[0]].concat()), "something behind it");
            assert!(!is_one_sequence(&good[..good.len() - 1]), "cut short");
        }
        for (bad, why) in [
            (long(&[0x30, 0x81, 0x7f], 0x7f), "a length longer than it need be"),
            (long(&[0x30, 0x82, 0, 0x80], 0x80), "a length longer than it need be"),
            (long(&[0x30, 0x80], 2), "an indefinite length"),
            (long(&[0x31, 2], 2), "a set"),
        ] {
            assert!(!is_one_sequence(&bad), "{why}");
        }
    }
}
