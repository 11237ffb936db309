//! ML-DSA, pure, with an empty context. Source: FIPS 204. EXTERNAL_MU waits: aws-lc-rs does not offer it.

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING,
    ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm,
};
use zeroize::Zeroizing;

use crate::{Entropy, Error, KeySpec, Message, Result};

/// A private key for signing.
pub(crate) struct MlDsaKey(PqdsaKeyPair);

type Algorithms = (&'static PqdsaSigningAlgorithm, &'static PqdsaVerificationAlgorithm);

fn algorithms(spec: KeySpec) -> Result<Algorithms> {
    match spec {
        KeySpec::MlDsa44 => Ok((&ML_DSA_44_SIGNING, &ML_DSA_44)),
        KeySpec::MlDsa65 => Ok((&ML_DSA_65_SIGNING, &ML_DSA_65)),
        KeySpec::MlDsa87 => Ok((&ML_DSA_87_SIGNING, &ML_DSA_87)),
        _ => Err(Error::Unsupported(spec.text())),
    }
}

/// A fresh private key as PKCS#8, and its public half. The key is expanded from a seed of 32 bytes (FIPS 204,
/// section 5.1).
pub(crate) fn generate(spec: KeySpec, entropy: Entropy<'_>) -> Result<(SecretBytes, Vec<u8>)> {
    let (signing, _) = algorithms(spec)?;
    let mut seed = Zeroizing::new([0; 32]);
    entropy(seed.as_mut_slice());
    let pair = PqdsaKeyPair::from_seed(signing, seed.as_slice()).map_err(|_| Error::Failed)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| Error::Failed)?;
    Ok((SecretBytes::new(pkcs8.as_ref().to_vec()), spki(&pair)?))
}

fn spki(pair: &PqdsaKeyPair) -> Result<Vec<u8>> {
    Ok(pair.public_key().as_der().map_err(|_| Error::Failed)?.as_ref().to_vec())
}

impl MlDsaKey {
    /// Reads PKCS#8; gives the key and its public half.
    pub(crate) fn from_pkcs8(spec: KeySpec, pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        let (signing, _) = algorithms(spec)?;
        let pair = PqdsaKeyPair::from_pkcs8(signing, pkcs8).map_err(|_| Error::InvalidMaterial)?;
        let spki = spki(&pair)?;
        Ok((Self(pair), spki))
    }

    pub(crate) fn sign(&self, message: &Message<'_>) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.0.algorithm().signature_len()];
        self.0.sign(raw(message)?, &mut signature).map_err(|_| Error::Failed)?;
        Ok(signature)
    }
}

/// The public half for verifying.
pub(crate) fn verifying_key(spec: KeySpec, spki: &[u8]) -> Result<ParsedPublicKey> {
    let (_, verification) = algorithms(spec)?;
    ParsedPublicKey::new(verification, spki).map_err(|_| Error::InvalidPublicKey)
}

pub(crate) fn verify(key: &ParsedPublicKey, message: &Message<'_>, signature: &[u8]) -> Result<()> {
    key.verify_sig(raw(message)?, signature).map_err(|_| Error::InvalidSignature)
}

fn raw<'a>(message: &Message<'a>) -> Result<&'a [u8]> {
    match message {
        Message::Raw(bytes) => Ok(bytes),
        _ => Err(Error::Unsupported("ML_DSA_SHAKE_256 with EXTERNAL_MU")),
    }
}
