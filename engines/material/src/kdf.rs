//! One block of a key derivation in counter mode. Source: NIST SP 800-108r1, section 4.1, with HMAC-SHA-256.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::{Error, Result};

/// The uses of a derived value. No label is the beginning of another.
#[derive(Clone, Copy)]
pub(crate) enum Label {
    /// The key that one message is encrypted under.
    Message,
    /// The public id of a material.
    MaterialId,
    /// The public id of an HMAC key that is not of its spec's own length.
    LongMaterialId,
}

impl Label {
    const fn bytes(self) -> &'static [u8; 11] {
        match self {
            Self::Message => b"kms message",
            Self::MaterialId => b"material id",
            Self::LongMaterialId => b"long hmacid",
        }
    }
}

/// HMAC(key, 1 || label || 0 || context || 256), all numbers of 32 bits, big-endian. Contexts of one label have one
/// length.
pub(crate) fn derive<const N: usize>(
    key: &hmac::Key,
    label: Label,
    context: &[u8; N],
) -> Result<Zeroizing<[u8; 32]>> {
    let mut input = [0_u8; 64];
    let parts: [&[u8]; 5] = [&1_u32.to_be_bytes(), label.bytes(), &[0], context, &256_u32.to_be_bytes()];
    let mut end = 0;
    for part in parts {
        input.get_mut(end..end + part.len()).ok_or(Error::Failed)?.copy_from_slice(part);
        end += part.len();
    }
    let mut output = Zeroizing::new([0; 32]);
    let input = input.get(..end).ok_or(Error::Failed)?;
    hmac::sign_to_buffer(key, input, output.as_mut_slice()).map_err(|_| Error::Failed)?;
    Ok(output)
}
