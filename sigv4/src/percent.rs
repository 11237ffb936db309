//! `UriEncode` of the signing process: every byte but the unreserved ones of RFC 3986 (section 2.3) as `%XX` in upper case.

use std::borrow::Cow;

use crate::canonical::Sink;

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// Which bytes stand for themselves: 1 for the unreserved, 2 for the slash (which paths keep).
const PLAIN: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let plain = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'-' | b'.' | b'_' | b'~');
        table[byte] = if plain { 1 } else { 0 };
        byte += 1;
    }
    table[b'/' as usize] = 2;
    table
};

/// What becomes of `/`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slash {
    Kept,
    Encoded,
}

impl Slash {
    fn plain(self, byte: u8) -> bool {
        match PLAIN[usize::from(byte)] {
            0 => false,
            1 => true,
            _ => self == Slash::Kept,
        }
    }
}

/// Encodes the bytes as they are: a percent sign becomes `%25`.
pub(crate) fn encode<S: Sink>(sink: &mut S, bytes: &[u8], slash: Slash) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let run = rest.iter().position(|&byte| !slash.plain(byte)).unwrap_or(rest.len());
        let (plain, tail) = rest.split_at(run);
        sink.put(plain);
        rest = match tail.split_first() {
            Some((&byte, tail)) => {
                put_encoded(sink, byte);
                tail
            }
            None => tail,
        };
    }
}

/// Brings text that may be percent-encoded already into the one canonical encoding. An escape that is not one stands for
/// itself. `plus` says whether `+` means a space, as it does in a query.
pub(crate) fn recode<S: Sink>(sink: &mut S, bytes: &[u8], slash: Slash, plus: bool) {
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        let run = rest.iter().position(|&byte| !slash.plain(byte)).unwrap_or(rest.len());
        if run > 0 {
            let (plain, tail) = rest.split_at(run);
            sink.put(plain);
            rest = tail;
            continue;
        }
        match escape(rest) {
            // An escaped slash is data, not a separator, and stays escaped.
            Some(decoded) => {
                match Slash::Encoded.plain(decoded) {
                    true => sink.put(&[decoded]),
                    false => put_encoded(sink, decoded),
                }
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                put_encoded(sink, if plus && byte == b'+' { b' ' } else { byte });
                rest = tail;
            }
        }
    }
}

/// The decoded text of a query name or value; borrowed where nothing was encoded. None if it is not UTF-8 afterwards.
pub(crate) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        match escape(rest) {
            Some(byte) => {
                decoded.push(byte);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                decoded.push(if byte == b'+' { b' ' } else { byte });
                rest = tail;
            }
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// The byte that a leading `%XX` stands for.
fn escape(bytes: &[u8]) -> Option<u8> {
    match *bytes {
        [b'%', high, low, ..] => Some(nibble(high)? << 4 | nibble(low)?),
        _ => None,
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

fn put_encoded<S: Sink>(sink: &mut S, byte: u8) {
    sink.put(&[b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, slash: Slash) -> String {
        let mut out = Vec::new();
        encode(&mut out, text.as_bytes(), slash);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn recoded(text: &str, slash: Slash, plus: bool) -> String {
        let mut out = Vec::new();
        recode(&mut out, text.as_bytes(), slash, plus);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn encoding_leaves_only_the_unreserved() {
        assert_eq!(encoded("aZ09-._~/ é%", Slash::Kept), "aZ09-._~/%20%C3%A9%25");
        assert_eq!(encoded("a/b", Slash::Encoded), "a%2Fb");
    }

    #[test]
    fn recoding_is_the_same_for_every_spelling() {
        for spelling in ["a b", "a%20b", "a+b", "%61%20%62"] {
            assert_eq!(recoded(spelling, Slash::Encoded, true), "a%20b", "{spelling}");
        }
        assert_eq!(recoded("%c3%a9", Slash::Encoded, true), "%C3%A9");
        assert_eq!(recoded("a+b", Slash::Kept, false), "a%2Bb");
        assert_eq!(recoded("/a%2fb/", Slash::Kept, false), "/a%2Fb/");
        assert_eq!(recoded("%", Slash::Kept, false), "%25");
        assert_eq!(recoded("%4", Slash::Kept, false), "%254");
        assert_eq!(recoded("%zz", Slash::Kept, false), "%25zz");
    }

    #[test]
    fn decoding_borrows_what_is_plain_and_refuses_what_is_not_text() {
        assert!(matches!(decode("AKID"), Some(Cow::Borrowed("AKID"))));
        assert_eq!(decode("AKID%2F2015+x").as_deref(), Some("AKID/2015 x"));
        assert_eq!(decode("%ff"), None);
    }
}
