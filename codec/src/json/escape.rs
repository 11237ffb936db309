//! The escapes of strings, both ways.

/// Reads the inside of a string up to and with its closing quote: the text and the bytes read, or nothing when an escape
/// is unknown, a control character stands bare, or a surrogate has no partner. (Java would put a question mark in its
/// place; two requests would then mean the same, so it is refused.)
pub(crate) fn unescape(raw: &str) -> Option<(String, usize)> {
    let mut text = String::with_capacity(raw.len().min(256));
    let mut chars = raw.char_indices();
    loop {
        match chars.next()? {
            (at, '"') => return Some((text, at + 1)),
            (_, '\\') => {
                let escaped = match chars.next()?.1 {
                    plain @ ('"' | '\\' | '/') => plain,
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => code_point(&mut chars)?,
                    _ => return None,
                };
                text.push(escaped);
            }
            (_, bare) if bare < ' ' => return None,
            (_, plain) => text.push(plain),
        }
    }
}

fn code_point(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    let high = four_digits(chars)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    if chars.next()?.1 != '\\' || chars.next()?.1 != 'u' {
        return None;
    }
    let low = four_digits(chars)?;
    if !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
}

fn four_digits(chars: &mut std::str::CharIndices<'_>) -> Option<u32> {
    (0..4).try_fold(0, |sum, _| Some(sum * 16 + chars.next()?.1.to_digit(16)?))
}

/// Appends a string with its quotes.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

/// Appends the inside of a JSON string, escaped (RFC 8259, section 7).
pub fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    // Nearly all texts need no escape; finding that out without leaving early is done in vectors.
    if !bytes.iter().fold(false, |found, byte| found | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\')) {
        out.extend_from_slice(bytes);
        return;
    }
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let Some(escape) = escape_of(*byte) else { continue };
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        if escape == b'u' {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(b"\\u00");
            out.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        } else {
            out.extend([b'\\', escape]);
        }
        from = at + 1;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
}

const fn escape_of(byte: u8) -> Option<u8> {
    match byte {
        b'"' => Some(b'"'),
        b'\\' => Some(b'\\'),
        b'\n' => Some(b'n'),
        b'\r' => Some(b'r'),
        b'\t' => Some(b't'),
        0x08 => Some(b'b'),
        0x0c => Some(b'f'),
        0..0x20 => Some(b'u'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_must_come_in_pairs() {
        assert_eq!(unescape(r#"\ud83d\ude39!""#), Some(("😹!".to_owned(), 14)));
        for broken in [r#"\ud83d""#, r#"\ud83d\u0041""#, r#"\ude39""#, r#"\u12g4""#, "a\nb\"", "open"] {
            assert_eq!(unescape(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        let mut out = Vec::new();
        push_text(&mut out, "a\"\\\n\u{1}é\u{7f}");
        assert_eq!(String::from_utf8_lossy(&out), "\"a\\\"\\\\\\n\\u0001é\u{7f}\"");
    }
}
