//! HMAC_224 to HMAC_512. Source: FIPS 198-1.

use aws_lc_rs::hmac;

use crate::message::within_limit;
use crate::{Error, MacAlgorithm, Result};

/// The material of an HMAC key.
pub(crate) struct MacKey(hmac::Key);

impl MacKey {
    pub(crate) fn new(algorithm: MacAlgorithm, secret: &[u8]) -> Self {
        let algorithm = match algorithm {
            MacAlgorithm::HmacSha224 => hmac::HMAC_SHA224,
            MacAlgorithm::HmacSha256 => hmac::HMAC_SHA256,
            MacAlgorithm::HmacSha384 => hmac::HMAC_SHA384,
            MacAlgorithm::HmacSha512 => hmac::HMAC_SHA512,
        };
        Self(hmac::Key::new(algorithm, secret))
    }

    pub(crate) fn generate(&self, message: &[u8]) -> Result<Vec<u8>> {
        within_limit(message)?;
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }

    /// Compares in constant time, and the whole length: a shortened MAC is no MAC.
    pub(crate) fn verify(&self, message: &[u8], mac: &[u8]) -> Result<()> {
        within_limit(message)?;
        hmac::verify(&self.0, message, mac).map_err(|_| Error::InvalidMac)
    }
}
