//! Lower-case hexadecimal, the only case in which AWS writes and takes digests and signatures.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The 64 characters of a 32-byte digest.
pub(crate) fn encode(bytes: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

/// As [`encode`], as text.
pub(crate) fn to_string(bytes: &[u8; 32]) -> String {
    encode(bytes).iter().copied().map(char::from).collect()
}

/// The 32 bytes of exactly 64 lower-case digits, or none.
pub(crate) fn decode(text: &[u8]) -> Option<[u8; 32]> {
    if text.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

/// Any number of bytes up to `most`, at least one, from lower-case digits.
pub(crate) fn decode_up_to(text: &[u8], most: usize) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || text.len() > 2 * most {
        return None;
    }
    text.chunks_exact(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn only_sixty_four_lower_case_digits_are_a_digest() {
        let bytes: [u8; 32] = std::array::from_fn(|i| (i * 37 + 5) as u8);
        assert_eq!(decode(&encode(&bytes)), Some(bytes));
        assert_eq!(decode(encode(&bytes).to_ascii_uppercase().as_slice()), None);
        assert_eq!(decode(&encode(&bytes)[..63]), None);
        assert_eq!(decode(&[b'g'; 64]), None);
    }
}
