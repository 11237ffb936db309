//! A value under its data key, as services keep what they encrypt with KMS: AES-256-GCM, stored as `nonce (12) | ciphertext | tag (16)`. Each data key
//! seals one value once, so a random nonce never repeats under it. AWS uses the message format of its Encryption SDK here; nobody but the service reads it.
//! Source: NIST SP 800-38D; Secrets Manager User Guide, "Secret encryption and decryption"; KMS Developer Guide, "How AWS Systems Manager
//! Parameter Store uses AWS KMS".

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// It does not open: under another key, for another place, or altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

/// Encrypts a value for one place, under a key of 32 bytes.
///
/// # Errors
/// When the key has another length.
pub fn seal(key: &[u8], nonce: [u8; NONCE_LEN], place: &[u8], value: &[u8]) -> Result<Vec<u8>, Broken> {
    let mut sealed = Vec::with_capacity(NONCE_LEN + value.len() + AES_256_GCM.tag_len());
    sealed.extend(nonce);
    sealed.extend(value);
    let body = sealed.get_mut(NONCE_LEN..).ok_or(Broken)?;
    let tag = of(key)?
        .seal_in_place_separate_tag(Nonce::from(&nonce), Aad::from(place), body)
        .map_err(|_| Broken)?;
    sealed.extend(tag.as_ref());
    Ok(sealed)
}

/// Decrypts a value that was encrypted for that place.
///
/// # Errors
/// When it does not open.
pub fn open(key: &[u8], place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Broken)?;
    let mut body = Zeroizing::new(body.to_vec());
    let length =
        of(key)?.open_in_place(Nonce::from(nonce), Aad::from(place), &mut body).map_err(|_| Broken)?.len();
    body.truncate(length);
    Ok(body)
}

fn of(key: &[u8]) -> Result<LessSafeKey, Broken> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_with_its_key_in_its_place_alone() {
        let sealed = seal(&[1; 32], [2; 12], b"here", b"secret").unwrap();
        assert_eq!(sealed.len(), 12 + 6 + 16);
        assert_eq!(&**open(&[1; 32], b"here", &sealed).unwrap(), b"secret");
        assert_eq!(open(&[3; 32], b"here", &sealed), Err(Broken));
        assert_eq!(open(&[1; 32], b"there", &sealed), Err(Broken));
        assert_eq!(open(&[1; 32], b"here", sealed.get(..20).unwrap()), Err(Broken));
        assert_eq!(seal(&[1; 16], [2; 12], b"", b""), Err(Broken), "a key of another length");
        for at in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[at] ^= 1;
            assert_eq!(open(&[1; 32], b"here", &touched), Err(Broken), "byte {at}");
        }
    }
}
