//! ECDH on the NIST curves: DeriveSharedSecret. Source: NIST SP 800-56A rev. 3, section 5.7.1.2.

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::agreement::{ParsedPublicKey, ParsedPublicKeyFormat, PrivateKey, UnparsedPublicKey, agree};

use crate::ecdsa::{Curve, EcdsaKey};
use crate::{Error, KeySpec, Result};

/// A private key for key agreement.
pub(crate) struct AgreementKey(PrivateKey);

impl AgreementKey {
    /// Reads PKCS#8; gives the key and its public half.
    pub(crate) fn from_pkcs8(spec: KeySpec, pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        // The signing reader takes PKCS#8 alone and checks the key; the agreement reader would take RFC 5915 too.
        let (_, spki) = EcdsaKey::from_pkcs8(spec, pkcs8)?;
        let key = PrivateKey::from_private_key_der(Curve::of(spec)?.agreement, pkcs8);
        Ok((Self(key.map_err(|_| Error::InvalidMaterial)?), spki))
    }

    /// The raw secret: the x coordinate of the common point, as long as the curve's field. The peer's key must be a
    /// SubjectPublicKeyInfo of a valid point on the same curve.
    pub(crate) fn derive(&self, peer: &[u8]) -> Result<SecretBytes> {
        let peer = UnparsedPublicKey::new(self.0.algorithm(), peer);
        let peer = ParsedPublicKey::try_from(&peer).map_err(|_| Error::InvalidPublicKey)?;
        if peer.format() != ParsedPublicKeyFormat::X509 {
            return Err(Error::InvalidPublicKey);
        }
        agree(&self.0, peer, Error::InvalidPublicKey, |secret| Ok(SecretBytes::new(secret.to_vec())))
    }
}
