//! ML-DSA, pure, with an empty context. Source: FIPS 204; RFC 9881 for the encodings.
//!
//! A key is kept as its seed of 32 bytes. Messages go through aws-lc. A representative that the caller has made of a
//! message (EXTERNAL_MU) goes through the `ml-dsa` crate, because aws-lc-rs does not take one; it signs and verifies
//! the same signatures.

use std::sync::OnceLock;

use alcazar_core::secret::SecretBytes;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand;
use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING,
    ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm,
};
use ml_dsa::signature::rand_core::{TryCryptoRng, TryRng};
use ml_dsa::{ExpandedSigningKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, VerifyingKey};
use zeroize::Zeroizing;

use crate::{Entropy, Error, KeySpec, Message, Result, SigningAlgorithm};

const SEED_LEN: usize = 32;

/// A private key for signing.
pub(crate) struct MlDsaKey {
    spec: KeySpec,
    pair: PqdsaKeyPair,
    seed: Zeroizing<[u8; SEED_LEN]>,
    /// Expanded when it is first asked for: tens of kilobytes that few callers need.
    of_mu: OnceLock<Box<dyn SignsMu>>,
}

/// A public key for verifying.
pub(crate) struct MlDsaPublicKey {
    spec: KeySpec,
    key: ParsedPublicKey,
    raw: Vec<u8>,
    of_mu: OnceLock<Box<dyn VerifiesMu>>,
}

struct Parameters {
    signing: &'static PqdsaSigningAlgorithm,
    verification: &'static PqdsaVerificationAlgorithm,
    public_len: usize,
    /// Everything before the seed in a PrivateKeyInfo: version 0, the algorithm's OID, the seed's choice.
    pkcs8_head: [u8; 22],
}

/// Source: FIPS 204, section 4, table 2. The last number of the OID tells the three apart (NIST, Computer Security
/// Objects Register, 2.16.840.1.101.3.4.3).
fn parameters(spec: KeySpec) -> Result<Parameters> {
    let (signing, verification, public_len, oid) = match spec {
        KeySpec::MlDsa44 => (&ML_DSA_44_SIGNING, &ML_DSA_44, 1312, 0x11),
        KeySpec::MlDsa65 => (&ML_DSA_65_SIGNING, &ML_DSA_65, 1952, 0x12),
        KeySpec::MlDsa87 => (&ML_DSA_87_SIGNING, &ML_DSA_87, 2592, 0x13),
        _ => return Err(Error::Unsupported(spec.text())),
    };
    #[rustfmt::skip]
    let pkcs8_head = [
        0x30, 0x34, 0x02, 0x01, 0x00,
        0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, oid,
        0x04, 0x22, 0x80, 0x20,
    ];
    Ok(Parameters { signing, verification, public_len, pkcs8_head })
}

/// A fresh private key as PKCS#8, and its public half. The key is expanded from a seed of 32 bytes (FIPS 204,
/// section 5.1).
pub(crate) fn generate(spec: KeySpec, entropy: Entropy<'_>) -> Result<(SecretBytes, Vec<u8>)> {
    let parameters = parameters(spec)?;
    let mut seed = Zeroizing::new([0; SEED_LEN]);
    entropy(seed.as_mut_slice());
    let pair = PqdsaKeyPair::from_seed(parameters.signing, seed.as_slice()).map_err(|_| Error::Failed)?;
    let pkcs8 = [parameters.pkcs8_head.as_slice(), seed.as_slice()].concat();
    Ok((SecretBytes::new(pkcs8), spki(&pair)?))
}

fn spki(pair: &PqdsaKeyPair) -> Result<Vec<u8>> {
    Ok(pair.public_key().as_der().map_err(|_| Error::Failed)?.as_ref().to_vec())
}

impl MlDsaKey {
    /// Reads PKCS#8 with the key as a seed; gives the key and its public half.
    pub(crate) fn from_pkcs8(spec: KeySpec, pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        let parameters = parameters(spec)?;
        let seed = pkcs8.strip_prefix(&parameters.pkcs8_head).ok_or(Error::InvalidMaterial)?;
        let seed = Zeroizing::new(<[u8; SEED_LEN]>::try_from(seed).map_err(|_| Error::InvalidMaterial)?);
        let pair = PqdsaKeyPair::from_seed(parameters.signing, seed.as_slice()).map_err(|_| Error::Failed)?;
        let spki = spki(&pair)?;
        Ok((Self { spec, pair, seed, of_mu: OnceLock::new() }, spki))
    }

    pub(crate) fn sign(&self, message: &Message<'_>) -> Result<Vec<u8>> {
        match message {
            Message::Raw(bytes) => {
                let mut signature = vec![0; self.pair.algorithm().signature_len()];
                self.pair.sign(bytes, &mut signature).map_err(|_| Error::Failed)?;
                Ok(signature)
            }
            Message::ExternalMu(mu) => self.of_mu()?.sign(representative(mu)?),
            Message::Digest(_) => Err(not_taken()),
        }
    }

    fn of_mu(&self) -> Result<&dyn SignsMu> {
        if let Some(key) = self.of_mu.get() {
            return Ok(&**key);
        }
        let key: Box<dyn SignsMu> = match self.spec {
            KeySpec::MlDsa44 => Box::new(ExpandedSigningKey::<MlDsa44>::from_seed((&*self.seed).into())),
            KeySpec::MlDsa65 => Box::new(ExpandedSigningKey::<MlDsa65>::from_seed((&*self.seed).into())),
            KeySpec::MlDsa87 => Box::new(ExpandedSigningKey::<MlDsa87>::from_seed((&*self.seed).into())),
            _ => return Err(Error::Unsupported(self.spec.text())),
        };
        Ok(&**self.of_mu.get_or_init(|| key))
    }
}

impl MlDsaPublicKey {
    pub(crate) fn from_spki(spec: KeySpec, spki: &[u8]) -> Result<Self> {
        let parameters = parameters(spec)?;
        let key = ParsedPublicKey::new(parameters.verification, spki).map_err(|_| Error::InvalidPublicKey)?;
        let start = spki.len().checked_sub(parameters.public_len).ok_or(Error::InvalidPublicKey)?;
        let raw = spki.get(start..).ok_or(Error::InvalidPublicKey)?.to_vec();
        Ok(Self { spec, key, raw, of_mu: OnceLock::new() })
    }

    /// The key as the library read it, to see whether it came in the one form that is taken.
    pub(crate) fn parsed(&self) -> &ParsedPublicKey {
        &self.key
    }

    pub(crate) fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<()> {
        match message {
            Message::Raw(bytes) => self.key.verify_sig(bytes, signature).map_err(|_| Error::InvalidSignature),
            Message::ExternalMu(mu) => {
                let verified = self.of_mu()?.verify(representative(mu)?, signature);
                if verified { Ok(()) } else { Err(Error::InvalidSignature) }
            }
            Message::Digest(_) => Err(not_taken()),
        }
    }

    fn of_mu(&self) -> Result<&dyn VerifiesMu> {
        if let Some(key) = self.of_mu.get() {
            return Ok(&**key);
        }
        let key = match self.spec {
            KeySpec::MlDsa44 => verifies_mu::<MlDsa44>(&self.raw),
            KeySpec::MlDsa65 => verifies_mu::<MlDsa65>(&self.raw),
            KeySpec::MlDsa87 => verifies_mu::<MlDsa87>(&self.raw),
            _ => return Err(Error::Unsupported(self.spec.text())),
        }?;
        Ok(&**self.of_mu.get_or_init(|| key))
    }
}

fn verifies_mu<P: MlDsaParams + 'static>(raw: &[u8]) -> Result<Box<dyn VerifiesMu>> {
    let encoded = raw.try_into().map_err(|_| Error::Failed)?;
    Ok(Box::new(VerifyingKey::<P>::decode(encoded)))
}

fn representative(mu: &[u8]) -> Result<&[u8; 64]> {
    mu.try_into().map_err(|_| Error::DigestLength { algorithm: NAME, expected: 64 })
}

fn not_taken() -> Error {
    Error::MessageTypeNotAllowed { algorithm: NAME }
}

const NAME: &str = SigningAlgorithm::MlDsaShake256.text();

trait SignsMu: Send + Sync {
    fn sign(&self, mu: &[u8; 64]) -> Result<Vec<u8>>;
}

trait VerifiesMu: Send + Sync {
    fn verify(&self, mu: &[u8; 64], signature: &[u8]) -> bool;
}

impl<P: MlDsaParams> SignsMu for ExpandedSigningKey<P>
where
    Self: Send + Sync,
{
    /// Hedged, as aws-lc signs messages. Source: FIPS 204, section 3.4.
    fn sign(&self, mu: &[u8; 64]) -> Result<Vec<u8>> {
        let signature = self.sign_mu_randomized(mu.into(), &mut Hedge).map_err(|_| Error::Failed)?;
        Ok(signature.encode().to_vec())
    }
}

impl<P: MlDsaParams> VerifiesMu for VerifyingKey<P>
where
    Self: Send + Sync,
{
    fn verify(&self, mu: &[u8; 64], signature: &[u8]) -> bool {
        Signature::<P>::try_from(signature).is_ok_and(|signature| self.verify_mu(mu.into(), &signature))
    }
}

/// aws-lc's own generator, in the form that `ml-dsa` asks for.
struct Hedge;

impl TryRng for Hedge {
    type Error = aws_lc_rs::error::Unspecified;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "as aws-lc hedges what it signs itself; no key depends on it"
    )]
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> std::result::Result<(), Self::Error> {
        rand::fill(bytes)
    }
}

impl TryCryptoRng for Hedge {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys stored before this module wrote its own encoding read as they did.
    #[test]
    fn keys_are_encoded_as_aws_lc_does() {
        for spec in [KeySpec::MlDsa44, KeySpec::MlDsa65, KeySpec::MlDsa87] {
            let (ours, _) = generate(spec, &|bytes: &mut [u8]| bytes.fill(7)).unwrap();
            let theirs = PqdsaKeyPair::from_seed(parameters(spec).unwrap().signing, &[7; 32]).unwrap();
            assert_eq!(ours.expose(), theirs.to_pkcs8v1().unwrap().as_ref(), "{}", spec.text());
        }
    }
}
