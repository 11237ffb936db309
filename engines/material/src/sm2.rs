//! Keys on the curve of SM2: their encodings, and the raw secret of a key agreement. Behind the feature `sm2`.
//!
//! Constant time: the curve's arithmetic is the `sm2` crate's, made by fiat-crypto and complete formulas to take the same time whatever the
//! secret is; nobody has audited it. Checksums are compared by aws-lc, in constant time.
//! Wiping: secret keys, nonces and masks that this code holds are wiped. Copies that the libraries leave on the stack are not: points of an
//! unfinished multiplication, and the state of the nonces' generator.
//! Source: GM/T 0003-2012, GB/T 32918; KMS Developer Guide, "SM2 key spec".

mod dsa;
mod pke;

use alcazar_core::secret::SecretBytes;
use sm2::elliptic_curve::ops::MulByGenerator;
use sm2::elliptic_curve::sec1::ToEncodedPoint;
use sm2::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use sm2::{AffinePoint, NonZeroScalar, ProjectivePoint, PublicKey, Scalar, SecretKey};
use zeroize::{Zeroize, Zeroizing};

use crate::key_pair::draw;
use crate::{Entropy, Error, Message, Result};

/// A private key, for whichever of its usages.
pub(crate) struct Sm2Key {
    secret: SecretKey,
    /// Of the signer's identity: [`dsa::identity`].
    identity: [u8; 32],
}

/// The public half.
pub(crate) struct Sm2PublicKey {
    key: PublicKey,
    identity: [u8; 32],
}

/// A fresh private key as PKCS#8, and its public half.
pub(crate) fn generate(entropy: Entropy<'_>) -> Result<(SecretBytes, Vec<u8>)> {
    let key = draw::<32, _>(entropy, |secret| SecretKey::from_slice(secret.as_slice()).ok().and_then(fit))?;
    Ok((encoded(&key)?, spki(&key)?))
}

/// The same private key in the one encoding that a fresh one has.
pub(crate) fn canonical(pkcs8: &[u8]) -> Result<SecretBytes> {
    encoded(&read(pkcs8)?)
}

impl Sm2Key {
    /// Reads PKCS#8; gives the key and its public half.
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        let secret = read(pkcs8)?;
        let (spki, identity) = (spki(&secret)?, dsa::identity(&secret.public_key()));
        Ok((Self { secret, identity }, spki))
    }

    /// SM2DSA, in DER.
    pub(crate) fn sign(&self, message: &Message<'_>) -> Result<Vec<u8>> {
        dsa::sign(&self.scalar(), &dsa::digest(&self.identity, message)?)
    }

    /// Opens what [`Sm2PublicKey::encrypt`] or anybody else has made, in DER.
    pub(crate) fn decrypt(&self, ciphertext: &[u8]) -> Result<SecretBytes> {
        pke::decrypt(&self.scalar(), ciphertext).ok_or(Error::InvalidCiphertext)
    }

    /// The raw secret: the x coordinate of the common point, 32 bytes. It is plain ECDH, which is what DeriveSharedSecret does on every curve,
    /// and not the key exchange of GM/T 0003.3.
    pub(crate) fn derive(&self, peer: &[u8]) -> Result<SecretBytes> {
        let peer = Sm2PublicKey::from_spki(peer)?;
        let common = common_point(peer.key.as_affine(), &self.scalar());
        let (x, _) = common.split_at_checked(32).ok_or(Error::Failed)?;
        Ok(SecretBytes::new(x.to_vec()))
    }

    fn scalar(&self) -> Zeroizing<NonZeroScalar> {
        Zeroizing::new(self.secret.to_nonzero_scalar())
    }
}

impl Sm2PublicKey {
    /// Reads a canonical SubjectPublicKeyInfo with an uncompressed point.
    pub(crate) fn from_spki(spki: &[u8]) -> Result<Self> {
        let key = PublicKey::from_public_key_der(spki).map_err(|_| Error::InvalidPublicKey)?;
        let again = key.to_public_key_der().map_err(|_| Error::Failed)?;
        if again.as_bytes() != spki {
            return Err(Error::InvalidPublicKey);
        }
        Ok(Self { key, identity: dsa::identity(&key) })
    }

    pub(crate) fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<()> {
        dsa::verify(&self.key, &dsa::digest(&self.identity, message)?, signature)
    }

    /// SM2PKE, in DER.
    pub(crate) fn encrypt(&self, plaintext: &[u8], entropy: Entropy<'_>) -> Result<Vec<u8>> {
        draw::<32, _>(entropy, |nonce| {
            let nonce =
                Zeroizing::new(Option::<NonZeroScalar>::from(NonZeroScalar::from_repr((*nonce).into()))?);
            pke::encrypt(&self.key, plaintext, &nonce)
        })
    }
}

fn read(pkcs8: &[u8]) -> Result<SecretKey> {
    SecretKey::from_pkcs8_der(pkcs8).ok().and_then(fit).ok_or(Error::InvalidMaterial)
}

/// The order less one is no private key of SM2: signing divides by the key plus one (GM/T 0003.2, section 5.2).
fn fit(key: SecretKey) -> Option<SecretKey> {
    let secret = Zeroizing::new(*key.to_nonzero_scalar());
    let divisor = *secret + Scalar::ONE;
    (!bool::from(divisor.is_zero())).then_some(key)
}

fn encoded(key: &SecretKey) -> Result<SecretBytes> {
    let pkcs8 = key.to_pkcs8_der().map_err(|_| Error::Failed)?;
    Ok(SecretBytes::new(pkcs8.as_bytes().to_vec()))
}

fn spki(key: &SecretKey) -> Result<Vec<u8>> {
    Ok(key.public_key().to_public_key_der().map_err(|_| Error::Failed)?.as_bytes().to_vec())
}

/// Both coordinates of a point of which only the two sides know.
fn common_point(point: &AffinePoint, scalar: &NonZeroScalar) -> Zeroizing<Vec<u8>> {
    let common = ProjectivePoint::from(*point) * **scalar;
    let mut encoded = common.to_affine().to_encoded_point(false);
    let coordinates = Zeroizing::new(encoded.as_bytes().get(1..).unwrap_or_default().to_vec());
    encoded.zeroize();
    coordinates
}

/// The point of a nonce.
fn nonce_point(nonce: &NonZeroScalar) -> AffinePoint {
    ProjectivePoint::mul_by_generator(nonce).to_affine()
}
