//! SM2PKE. Source: GM/T 0003.4-2012; the ciphertext in DER by GM/T 0009-2012, section 7.2: the nonce's point, the checksum, the masked text. KMS
//! takes and gives this form alone (KMS Developer Guide, "Offline verification with SM2 key pairs").

use ::sm2::elliptic_curve::sec1::{FromEncodedPoint, ToEncodedPoint};
use ::sm2::{EncodedPoint, NonZeroScalar, PublicKey};
use alcazar_core::secret::SecretBytes;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use sm3::{Digest, Sm3};
use zeroize::Zeroizing;

use super::{common_point, nonce_point};
use crate::der::{self, Element};

/// Section 6.1. `None` where the mask came out as nothing but zeros, which needs another nonce: of one byte, one time in 256.
pub(super) fn encrypt(key: &PublicKey, plaintext: &[u8], nonce: &NonZeroScalar) -> Option<Vec<u8>> {
    let common = common_point(key.as_affine(), nonce);
    let masked = masked(&common, plaintext)?;
    let point = nonce_point(nonce).to_encoded_point(false);
    let body = [
        der::unsigned(point.x()?),
        der::unsigned(point.y()?),
        der::element(der::OCTET_STRING, &checksum(&common, plaintext)),
        der::element(der::OCTET_STRING, &masked),
    ];
    Some(der::element(der::SEQUENCE, &body.concat()))
}

/// Section 7.1. `None` whatever is wrong: the form, a point that is not on the curve, an empty mask, the checksum.
pub(super) fn decrypt(secret: &NonZeroScalar, ciphertext: &[u8]) -> Option<SecretBytes> {
    let x = Element::read(Element::whole(ciphertext, der::SEQUENCE)?)?;
    let y = Element::read(x.rest)?;
    let sum = Element::read(y.rest)?;
    let masked_text = Element::whole(sum.rest, der::OCTET_STRING)?;
    let x = der::fixed::<32>(x.of(der::INTEGER)?)?;
    let y = der::fixed::<32>(y.of(der::INTEGER)?)?;
    let point = EncodedPoint::from_affine_coordinates(&x.into(), &y.into(), false);
    let point = Option::<PublicKey>::from(PublicKey::from_encoded_point(&point))?;
    let common = common_point(point.as_affine(), secret);
    let mut plaintext = Zeroizing::new(masked(&common, masked_text)?);
    verify_slices_are_equal(&checksum(&common, &plaintext), sum.of(der::OCTET_STRING)?).ok()?;
    Some(SecretBytes::new(std::mem::take(&mut *plaintext)))
}

/// The text under its mask, or out from under it.
fn masked(common: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let mask = mask(common, text.len());
    let empty = mask.iter().fold(0, |any, byte| any | byte) == 0;
    (!empty).then(|| text.iter().zip(mask.iter()).map(|(text, mask)| text ^ mask).collect())
}

/// The key derivation of section 5.4.3: SM3 of the secret and a counter.
fn mask(common: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut mask = Zeroizing::new(Vec::with_capacity(length.next_multiple_of(32)));
    for count in 1_u32.. {
        if mask.len() >= length {
            break;
        }
        let block = Zeroizing::new(<[u8; 32]>::from(
            Sm3::new_with_prefix(common).chain_update(count.to_be_bytes()).finalize(),
        ));
        mask.extend_from_slice(&*block);
    }
    mask.truncate(length);
    mask
}

/// SM3 of x, the plaintext and y.
fn checksum(common: &[u8], plaintext: &[u8]) -> [u8; 32] {
    let (x, y) = common.split_at_checked(32).unwrap_or_default();
    Sm3::new_with_prefix(x).chain_update(plaintext).chain_update(y).finalize().into()
}

#[cfg(test)]
mod tests {
    use ::sm2::SecretKey;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
    }

    fn scalar(hex: &str) -> NonZeroScalar {
        NonZeroScalar::try_from(bytes(hex).as_slice()).unwrap()
    }

    const SECRET: &str = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
    const NONCE: &str = "59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21";

    /// The standard's own example, with its own nonce: GM/T 0003.5-2012, annex C.
    #[test]
    fn the_example_of_the_standard_is_encrypted_as_printed() {
        let secret = scalar(SECRET);
        let public = SecretKey::from(secret).public_key();
        let ciphertext = encrypt(&public, b"encryption standard", &scalar(NONCE)).unwrap();
        let printed = [
            der::unsigned(&bytes("04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73")),
            der::unsigned(&bytes("E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0")),
            der::element(
                der::OCTET_STRING,
                &bytes("59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"),
            ),
            der::element(der::OCTET_STRING, &bytes("21886CA989CA9C7D58087307CA93092D651EFA")),
        ];
        assert_eq!(ciphertext, der::element(der::SEQUENCE, &printed.concat()));
        assert_eq!(decrypt(&secret, &ciphertext).unwrap().expose(), b"encryption standard");
    }

    /// Section 7.1, step B4. Of the nonces from 1 on, the first whose mask for one byte is zero is looked for.
    #[test]
    fn a_mask_of_zeros_hides_nothing_and_is_neither_made_nor_taken() {
        let secret = scalar(SECRET);
        let public = SecretKey::from(secret).public_key();
        let nonces = (1_u64..).map(|nonce| NonZeroScalar::new(nonce.into()).unwrap());
        let nonce = nonces.into_iter().find(|nonce| encrypt(&public, b"x", nonce).is_none()).unwrap();
        let common = common_point(public.as_affine(), &nonce);
        let point = nonce_point(&nonce).to_encoded_point(false);
        let bare = [
            der::unsigned(point.x().unwrap()),
            der::unsigned(point.y().unwrap()),
            der::element(der::OCTET_STRING, &checksum(&common, b"x")),
            der::element(der::OCTET_STRING, b"x"),
        ];
        assert!(decrypt(&secret, &der::element(der::SEQUENCE, &bare.concat())).is_none());
        assert!(encrypt(&public, b"xy", &nonce).is_some());
    }
}
