//! ECDH on the NIST curves: DeriveSharedSecret. Source: NIST SP 800-56A rev. 3, section 5.7.1.2.

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, agree};

use crate::ecdsa::{Curve, EcdsaKey};
use crate::{Error, KeySpec, KeyUsage, PublicKey, Result};

/// A private key for key agreement.
pub(crate) struct AgreementKey {
    spec: KeySpec,
    key: PrivateKey,
}

impl AgreementKey {
    /// Reads PKCS#8; gives the key and its public half.
    pub(crate) fn from_pkcs8(spec: KeySpec, pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        // The signing reader takes PKCS#8 alone and checks the key; the agreement reader would take RFC 5915 too.
        let (_, spki) = EcdsaKey::from_pkcs8(spec, pkcs8)?;
        let key = PrivateKey::from_private_key_der(Curve::of(spec)?.agreement, pkcs8);
        Ok((Self { spec, key: key.map_err(|_| Error::InvalidMaterial)? }, spki))
    }

    /// The raw secret: the x coordinate of the common point, as long as the curve's field. The peer's key must be a
    /// valid point on the same curve, in the form of [`PublicKey::from_spki`].
    pub(crate) fn derive(&self, peer: &[u8]) -> Result<SecretBytes> {
        // The agreement reader would also take bare points and curves spelt out by their parameters.
        let peer = PublicKey::from_spki(self.spec, KeyUsage::KeyAgreement, peer)?;
        let peer = UnparsedPublicKey::new(self.key.algorithm(), peer.as_spki());
        agree(&self.key, peer, Error::InvalidPublicKey, |secret| Ok(SecretBytes::new(secret.to_vec())))
    }
}
