//! In place of `sm2` where the feature is off: no such key can be made or read.

use alcazar_core::secret::SecretBytes;

use crate::{Entropy, Error, Message, Result};

/// There is none.
pub(crate) enum Sm2Key {}

/// There is none.
pub(crate) enum Sm2PublicKey {}

const ABSENT: Error = Error::Unsupported("SM2");

pub(crate) fn generate(_entropy: Entropy<'_>) -> Result<(SecretBytes, Vec<u8>)> {
    Err(ABSENT)
}

pub(crate) fn canonical(_pkcs8: &[u8]) -> Result<SecretBytes> {
    Err(ABSENT)
}

impl Sm2Key {
    pub(crate) fn from_pkcs8(_pkcs8: &[u8]) -> Result<(Self, Vec<u8>)> {
        Err(ABSENT)
    }

    pub(crate) fn sign(&self, _message: &Message<'_>) -> Result<Vec<u8>> {
        match *self {}
    }

    pub(crate) fn decrypt(&self, _ciphertext: &[u8]) -> Result<SecretBytes> {
        match *self {}
    }

    pub(crate) fn derive(&self, _peer: &[u8]) -> Result<SecretBytes> {
        match *self {}
    }
}

impl Sm2PublicKey {
    pub(crate) fn from_spki(_spki: &[u8]) -> Result<Self> {
        Err(ABSENT)
    }

    pub(crate) fn verify(&self, _message: &Message<'_>, _signature: &[u8]) -> Result<()> {
        match *self {}
    }

    pub(crate) fn encrypt(&self, _plaintext: &[u8], _entropy: Entropy<'_>) -> Result<Vec<u8>> {
        match *self {}
    }
}
