//! `BinaryEquals`: both sides are base64 of the bytes compared.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Padding may be left out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn decode(text: &str) -> Option<Box<[u8]>> {
    BASE64.decode(text).ok().map(Vec::into_boxed_slice)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn bytes_are_compared_not_their_spelling() {
        assert_eq!(decode("QUI=").as_deref(), Some(&b"AB"[..]));
        assert_eq!(decode("QUI"), decode("QUI="));
        assert_eq!(decode("not base64!"), None);
    }
}
