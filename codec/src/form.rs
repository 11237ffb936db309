//! Percent-encoding and `application/x-www-form-urlencoded`.

use std::borrow::Cow;

use memchr::memchr;

use crate::Malformed;
use crate::limits::Budget;

/// A decoded name and its value.
pub(crate) type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The decoded pairs of a form or query string, in the order of the wire. A name without `=` has an empty value.
pub(crate) fn pairs<'a>(raw: &'a [u8], budget: &mut Budget) -> Result<Vec<Pair<'a>>, Malformed> {
    let mut pairs = Vec::new();
    for part in raw.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
        budget.spend()?;
        let (name, value) = match memchr(b'=', part).and_then(|at| part.split_at_checked(at)) {
            Some((name, value)) => (name, value.get(1..).unwrap_or_default()),
            None => (part, &b""[..]),
        };
        pairs.push((decode(name, true)?, decode(value, true)?));
    }
    Ok(pairs)
}

/// Undoes percent-encoding; a plus is a space in forms and query strings, and itself in paths.
pub(crate) fn decode(raw: &[u8], plus_is_space: bool) -> Result<Cow<'_, str>, Malformed> {
    let plain = !raw.iter().any(|byte| *byte == b'%' || (plus_is_space && *byte == b'+'));
    if plain {
        return std::str::from_utf8(raw).map(Cow::Borrowed).map_err(|_| Malformed::syntax());
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = hex(rest.next()).ok_or(Malformed::syntax())?;
                let low = hex(rest.next()).ok_or(Malformed::syntax())?;
                high << 4 | low
            }
            b'+' if plus_is_space => b' ',
            other => *other,
        });
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| Malformed::syntax())
}

fn hex(digit: Option<&u8>) -> Option<u8> {
    char::from(*digit?).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn a_plus_is_a_space_in_forms_alone() {
        assert_eq!(decode(b"a+b%2Bc%20d", true).unwrap(), "a b+c d");
        assert_eq!(decode(b"a+b", false).unwrap(), "a+b");
    }

    #[test]
    fn broken_encodings_are_refused() {
        for raw in [&b"%"[..], b"%4", b"%zz", b"%ff", b"\xff"] {
            assert!(decode(raw, true).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn names_without_a_value_have_an_empty_one() {
        let pairs = pairs(b"a&b=&&c=1=2", &mut Budget::new(&Limits::DEFAULT)).unwrap();
        let expected = [("a", ""), ("b", ""), ("c", "1=2")];
        assert_eq!(pairs, expected.map(|(k, v)| (Cow::from(k), Cow::from(v))));
    }
}
