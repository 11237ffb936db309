//! SM2DSA. Source: GM/T 0003.2-2012; KMS Developer Guide, "Offline verification with SM2 key pairs". Signatures are DER; nonces follow RFC 6979
//! with SM3, so that a broken source of randomness tells no key.

use ::sm2::dsa::signature::hazmat::PrehashVerifier;
use ::sm2::dsa::{Signature, VerifyingKey};
use ::sm2::elliptic_curve::ops::{Invert, Reduce};
use ::sm2::elliptic_curve::point::AffineCoordinates;
use ::sm2::elliptic_curve::sec1::ToEncodedPoint;
use ::sm2::elliptic_curve::{Curve, FieldBytesEncoding, PrimeField};
use ::sm2::{FieldBytes, NonZeroScalar, PublicKey, Scalar, Sm2, U256};
use sm3::{Digest, Sm3};
use zeroize::Zeroizing;

use super::nonce_point;
use crate::der::{self, Element};
use crate::{Error, Message, Result};

/// The distinguishing identifier of a signer who names none.
const IDENTIFIER: &str = "1234567812345678";

/// What is hashed of the curve: a, b and the base point (GM/T 0003.5, section 2).
const CURVE: [[u8; 32]; 4] = [
    field("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"),
    field("28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"),
    field("32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"),
    field("BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"),
];

/// The digest of who signs: identifier, curve and public key (section 5.5, where it is Z).
pub(super) fn identity(key: &PublicKey) -> [u8; 32] {
    let bits = (8 * IDENTIFIER.len() as u16).to_be_bytes();
    let mut digest = Sm3::new_with_prefix(bits).chain_update(IDENTIFIER);
    CURVE.iter().for_each(|part| digest.update(part));
    digest.update(key.to_encoded_point(false).as_bytes().get(1..).unwrap_or_default());
    digest.finalize().into()
}

/// What is signed: SM3 of identity and message, or the digest that the caller has made so. The caller has checked its length.
pub(super) fn digest(identity: &[u8; 32], message: &Message<'_>) -> Result<FieldBytes> {
    match message {
        Message::Raw(bytes) => Ok(Sm3::new_with_prefix(identity).chain_update(bytes).finalize()),
        Message::Digest(bytes) | Message::ExternalMu(bytes) => {
            Ok(<[u8; 32]>::try_from(*bytes).map_err(|_| Error::Failed)?.into())
        }
    }
}

pub(super) fn sign(secret: &NonZeroScalar, digest: &FieldBytes) -> Result<Vec<u8>> {
    let digest = <Scalar as Reduce<U256>>::reduce_bytes(digest);
    let repr = Zeroizing::new(secret.to_repr());
    let order = FieldBytesEncoding::<Sm2>::encode_field_bytes(&Sm2::ORDER);
    let nonce = rfc6979::generate_k::<Sm3, _>(&repr, &order, &digest.to_repr(), &[]);
    let nonce = Option::from(NonZeroScalar::from_repr(*Zeroizing::new(nonce))).map(Zeroizing::new);
    // A nonce that does not do comes once in 2^255.
    let signed = signature(secret, &digest, &*nonce.ok_or(Error::Failed)?);
    let [r, s] = signed.ok_or(Error::Failed)?.map(|half| half.to_repr());
    Ok(der::element(der::SEQUENCE, &[der::unsigned(&r), der::unsigned(&s)].concat()))
}

/// Section 6.1: r = e + x, s = (k - r d) / (1 + d). `None` where the nonce does not do.
fn signature(secret: &NonZeroScalar, digest: &Scalar, nonce: &NonZeroScalar) -> Option<[Scalar; 2]> {
    let r = *digest + <Scalar as Reduce<U256>>::reduce_bytes(&nonce_point(nonce).x());
    if r == Scalar::ZERO || r + **nonce == Scalar::ZERO {
        return None;
    }
    let divisor = Zeroizing::new(**secret + Scalar::ONE);
    let inverse = Zeroizing::new(Option::<Scalar>::from(Invert::invert(&*divisor))?);
    let difference = Zeroizing::new(**nonce - r * **secret);
    let s = *inverse * *difference;
    (s != Scalar::ZERO).then_some([r, s])
}

pub(super) fn verify(key: &PublicKey, digest: &FieldBytes, signature: &[u8]) -> Result<()> {
    let signature = halves(signature).ok_or(Error::InvalidSignature)?;
    let signature = Signature::from_bytes(&signature).map_err(|_| Error::InvalidSignature)?;
    let key = VerifyingKey::new(IDENTIFIER, *key).map_err(|_| Error::Failed)?;
    key.verify_prehash(digest, &signature).map_err(|_| Error::InvalidSignature)
}

/// r and s, one behind the other.
fn halves(signature: &[u8]) -> Option<[u8; 64]> {
    let r = Element::read(Element::whole(signature, der::SEQUENCE)?)?;
    let s = Element::whole(r.rest, der::INTEGER)?;
    let halves = [der::fixed::<32>(r.of(der::INTEGER)?)?, der::fixed(s)?];
    halves.concat().try_into().ok()
}

/// 32 bytes from hex, when the program is built.
const fn field(hex: &str) -> [u8; 32] {
    const fn digit(byte: u8) -> u8 {
        if byte <= b'9' { byte - b'0' } else { byte - b'A' + 10 }
    }
    let hex = hex.as_bytes();
    let (mut bytes, mut at) = ([0; 32], 0);
    while at < 32 {
        bytes[at] = digit(hex[2 * at]) << 4 | digit(hex[2 * at + 1]);
        at += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use ::sm2::SecretKey;

    use super::*;

    fn scalar(hex: &str) -> NonZeroScalar {
        Option::from(NonZeroScalar::from_repr(field(hex).into())).unwrap()
    }

    /// The standard's own example, with its own nonce: GM/T 0003.5-2012, annex A.
    #[test]
    fn the_example_of_the_standard_is_signed_as_printed() {
        let secret = scalar("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8");
        let public = SecretKey::from(secret).public_key();
        let point = [
            field("09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"),
            field("CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"),
        ];
        assert_eq!(public.to_encoded_point(false).as_bytes()[1..], point.concat());
        let identity = identity(&public);
        assert_eq!(identity, field("B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3"));
        let digest = digest(&identity, &Message::Raw(b"message digest")).unwrap();
        assert_eq!(digest[..], field("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"));
        let nonce = scalar("59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21");
        let reduced = <Scalar as Reduce<U256>>::reduce_bytes(&digest);
        let [r, s] = signature(&secret, &reduced, &nonce).unwrap().map(|half| half.to_repr());
        assert_eq!(r[..], field("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"));
        assert_eq!(s[..], field("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"));
        let printed = der::element(der::SEQUENCE, &[der::unsigned(&r), der::unsigned(&s)].concat());
        assert_eq!(verify(&public, &digest, &printed), Ok(()));
    }
}
