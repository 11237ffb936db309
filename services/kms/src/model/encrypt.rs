//! Encryption under a key's current material, which Encrypt, ReEncrypt and the data keys share.

use alcazar_corridor::{Call, Failure, Operation, Refusal};
use alcazar_material::{EncryptionAlgorithm, EncryptionContext, Error};
use wire_kms::EncryptionAlgorithmSpec;

use super::{Key, Uses, material_of, ready, refused};

/// A ciphertext, and the material that made it.
pub(crate) struct Encrypted {
    pub(crate) blob: Vec<u8>,
    pub(crate) material_id: String,
}

/// Encrypts.
pub(crate) fn encrypt<O: Operation>(
    call: &Call<O>,
    key: &Key,
    algorithm: EncryptionAlgorithmSpec,
    context: &EncryptionContext,
    plaintext: &[u8],
) -> Result<Encrypted, Refusal<O::Shape>>
where
    O::Shape: Uses,
{
    let current = material_of(key)?;
    let ready = ready(call, key, current)?;
    let encrypted = match engine_algorithm(algorithm)? {
        EncryptionAlgorithm::SymmetricDefault => {
            ready.material.encrypt(ready.header, context, plaintext, &|bytes| call.fill(bytes))
        }
        // A pair has nothing that a context could be bound to.
        _ if *context != EncryptionContext::empty() => return Err(no_context().into()),
        algorithm => ready.material.encrypt_asymmetric(algorithm, plaintext, &|bytes| call.fill(bytes)),
    };
    match encrypted {
        Ok(blob) => Ok(Encrypted { blob, material_id: current.id.clone() }),
        Err(Error::TooLong { limit }) => Err(Failure::validation(format!(
            "Algorithm {algorithm} and key spec {} cannot encrypt data larger than {limit} bytes.",
            key.spec
        ))
        .into()),
        Err(error) => Err(refused(key, error)),
    }
}

/// An encryption context came with an asymmetric key.
pub(crate) fn no_context() -> Failure {
    Failure::validation("EncryptionContext is not supported for asymmetric KMS keys.")
}

/// The algorithm as the cryptography knows it.
pub(crate) fn engine_algorithm(algorithm: EncryptionAlgorithmSpec) -> Result<EncryptionAlgorithm, Failure> {
    EncryptionAlgorithm::from_text(algorithm.as_str())
        .ok_or_else(|| Failure::internal("an algorithm of the model is not known"))
}
