//! As much of DER as is needed to look at an encoding before a library reads it. Source: X.690, sections 8.1 and 10.1.

#[cfg(feature = "sm2")]
pub(crate) const INTEGER: u8 = 0x02;
#[cfg(feature = "sm2")]
pub(crate) const OCTET_STRING: u8 = 0x04;
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

#[cfg(feature = "sm2")]
impl<'a> Element<'a> {
    /// The body, if it is of that kind.
    pub(crate) fn of(&self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.body)
    }

    /// The body of bytes that are one element of that kind and nothing behind it.
    pub(crate) fn whole(bytes: &'a [u8], tag: u8) -> Option<&'a [u8]> {
        Self::read(bytes).filter(|element| element.rest.is_empty())?.of(tag)
    }
}

/// The element of that kind and body.
#[cfg(feature = "sm2")]
pub(crate) fn element(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_be_bytes();
    let digits = length.iter().position(|byte| *byte != 0).and_then(|first| length.get(first..));
    let mut element = vec![tag];
    match digits.unwrap_or(&[0]) {
        [length @ 0..=0x7f] => element.push(*length),
        digits => {
            element.push(0x80 | digits.len() as u8);
            element.extend_from_slice(digits);
        }
    }
    element.extend_from_slice(body);
    element
}

/// The INTEGER of a big-endian number without sign (X.690, section 8.3).
#[cfg(feature = "sm2")]
pub(crate) fn unsigned(number: &[u8]) -> Vec<u8> {
    let digits = number.iter().position(|byte| *byte != 0).and_then(|first| number.get(first..));
    match digits.unwrap_or(&[0]) {
        digits @ [0x80..=0xff, ..] => element(INTEGER, &[&[0], digits].concat()),
        digits => element(INTEGER, digits),
    }
}

/// The number of an INTEGER's body in N bytes; `None` for one that is negative, too large, or longer than it need be.
#[cfg(feature = "sm2")]
pub(crate) fn fixed<const N: usize>(body: &[u8]) -> Option<[u8; N]> {
    let digits = match body {
        [0, 0x80..=0xff, ..] => body.get(1..)?,
        [0] | [1..=0x7f, ..] => body,
        _ => return None,
    };
    let mut number = [0; N];
    number.get_mut(N.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some(number)
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

    #[cfg(feature = "sm2")]
    #[test]
    fn numbers_have_one_form_and_no_sign() {
        for (number, written) in [
            (&[0, 0][..], &[2, 1, 0][..]),
            (&[0, 0x7f], &[2, 1, 0x7f]),
            (&[0, 0x80], &[2, 2, 0, 0x80]),
            (&[0xff, 0x01], &[2, 3, 0, 0xff, 0x01]),
        ] {
            assert_eq!(unsigned(number), written);
            assert_eq!(fixed(Element::whole(written, INTEGER).unwrap()), Some([number[0], number[1]]));
        }
        for bad in [&[][..], &[0, 0], &[0, 0x7f], &[0x80], &[0xff, 1], &[1, 2, 3], &[0, 0x80, 0, 0]] {
            assert_eq!(fixed::<2>(bad), None, "{bad:?}");
        }
        for length in [0, 0x7f, 0x80, 0xff, 0x100, 0xffff] {
            let body = vec![7; length];
            assert_eq!(Element::whole(&element(SEQUENCE, &body), SEQUENCE), Some(&body[..]));
        }
    }

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
