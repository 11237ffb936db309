use std::collections::BTreeMap;

use alcazar_core::SecretBytes;
use alcazar_corridor::Failure;
use alcazar_directory::Sealed;
use alcazar_material::envelope;
use wire_kms::{
    DataKeySpec, DecryptRequest, DecryptResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
};
use zeroize::Zeroizing;

/// The encryption context: what KMS binds a ciphertext to, and tells in its records.
pub type Context = BTreeMap<String, String>;

/// A value under a data key of its own.
#[derive(Debug, Clone)]
pub struct Enveloped {
    /// The data key, encrypted by KMS.
    pub data_key: Sealed,
    /// The value, encrypted under the data key.
    pub value: Sealed,
}

/// Asks KMS for a data key under a key.
pub fn generate_data_key(key: String, context: Context) -> GenerateDataKeyRequest {
    GenerateDataKeyRequest {
        encryption_context: Some(context),
        key_spec: Some(DataKeySpec::Aes256),
        ..GenerateDataKeyRequest::new(key)
    }
}

/// Asks KMS to open a data key, or whatever else it has encrypted.
pub fn decrypt(sealed: &Sealed, context: Context) -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob: Some(sealed.0.clone()),
        encryption_context: Some(context),
        ..DecryptRequest::default()
    }
}

/// What KMS has decrypted.
///
/// # Errors
/// When its answer holds nothing, which is its mistake.
pub fn plaintext(answer: DecryptResponse) -> Result<SecretBytes, Failure> {
    answer.plaintext.ok_or_else(|| Failure::internal("KMS gave no plaintext"))
}

impl Enveloped {
    /// Encrypts a value for one place under the data key that KMS gave; the nonce is random.
    ///
    /// # Errors
    /// When KMS gave no data key, which is its mistake.
    pub fn seal(
        answer: GenerateDataKeyResponse,
        nonce: [u8; 12],
        place: &[u8],
        value: &[u8],
    ) -> Result<Self, Failure> {
        let (Some(key), Some(data_key)) = (answer.plaintext, answer.ciphertext_blob) else {
            return Err(Failure::internal("KMS gave no data key"));
        };
        let sealed = envelope::seal(key.expose(), nonce, place, value);
        let value = Sealed(sealed.map_err(|_| Failure::internal("a value could not be encrypted"))?);
        Ok(Self { data_key: Sealed(data_key), value })
    }

    /// Decrypts a value that was encrypted for that place, with its data key as KMS opened it.
    ///
    /// # Errors
    /// When KMS gave nothing, or the stored value does not open.
    pub fn open(
        answer: DecryptResponse,
        place: &[u8],
        value: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let key = plaintext(answer)?;
        envelope::open(key.expose(), place, &value.0)
            .map_err(|_| Failure::internal("a stored value does not open"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn key() -> SecretBytes {
        SecretBytes::new(vec![7; 32])
    }

    #[test]
    fn a_value_opens_with_the_data_key_that_sealed_it_in_its_place_alone() {
        let given = GenerateDataKeyResponse {
            plaintext: Some(key()),
            ciphertext_blob: Some(b"sealed".to_vec()),
            ..Default::default()
        };
        let sealed = Enveloped::seal(given, [1; 12], b"here", b"value").unwrap();
        assert_eq!(sealed.data_key.0, b"sealed");
        let opened = || DecryptResponse { plaintext: Some(key()), ..Default::default() };
        assert_eq!(&**Enveloped::open(opened(), b"here", &sealed.value).unwrap(), b"value");
        assert!(Enveloped::open(opened(), b"there", &sealed.value).is_err());
        assert!(Enveloped::open(DecryptResponse::default(), b"here", &sealed.value).is_err());
        assert!(Enveloped::seal(GenerateDataKeyResponse::default(), [1; 12], b"here", b"value").is_err());
    }
}
