//! Imported material: the token under which it comes, and how it goes.

use std::sync::OnceLock;

use alcazar_core::{Arn, SecretBytes, Timestamp};
use alcazar_corridor::{Call, Failure, Job, Operation, Tx};
use alcazar_directory::Sealed;
use alcazar_material::{KeySpec, WrappingAlgorithm};

use super::{Key, KeyMaterial, share};
use crate::jobs::expire_material::ExpireMaterial;

/// What an import token is sealed for.
const CONTEXT: &[u8] = b"kms/import-token";

/// What GetParametersForImport promised, with the private half of the wrapping key. Nothing of it is stored: the caller keeps it, sealed, and
/// brings it back with ImportKeyMaterial.
pub(crate) struct ImportToken {
    /// The one key that it is for.
    pub(crate) key: Arn,
    pub(crate) algorithm: WrappingAlgorithm,
    pub(crate) wrapping_key: KeySpec,
    pub(crate) valid_to: Timestamp,
    /// PKCS#8.
    pub(crate) private_key: SecretBytes,
}

impl ImportToken {
    /// The token as the caller gets it.
    pub(crate) fn seal<O: Operation>(&self, call: &Call<O>) -> Result<Vec<u8>, Failure> {
        let (algorithm, wrapping_key) = (self.algorithm.text(), self.wrapping_key.text());
        let terms = format!("{} {algorithm} {wrapping_key} {}\n", self.key, self.valid_to.millis());
        let secret = SecretBytes::new([terms.as_bytes(), self.private_key.expose()].concat());
        Ok(call.seal(CONTEXT, secret.expose())?.0)
    }

    /// A token that this installation made; anything else is none.
    pub(crate) fn open<O: Operation>(call: &Call<O>, token: &[u8]) -> Option<Self> {
        let secret = call.open(CONTEXT, &Sealed(token.to_vec())).ok()?;
        let end = secret.expose().iter().position(|byte| *byte == b'\n')?;
        let (terms, private_key) = secret.expose().split_at_checked(end)?;
        let mut terms = std::str::from_utf8(terms).ok()?.split(' ');
        Some(Self {
            key: terms.next()?.parse().ok()?,
            algorithm: WrappingAlgorithm::from_text(terms.next()?)?,
            wrapping_key: KeySpec::from_text(terms.next()?)?,
            valid_to: Timestamp::from_millis(terms.next()?.parse().ok()?),
            private_key: SecretBytes::new(private_key.get(1..)?.to_vec()),
        })
    }
}

/// The key's material of that id, be it pending rotation or not.
pub(crate) fn held_mut<'k>(key: &'k mut Key, id: &str) -> Option<&'k mut KeyMaterial> {
    key.material.iter_mut().chain(key.pending.as_mut()).find(|material| material.id == id)
}

/// Deletes imported material; its id stays known, unless the key never encrypted with it. Material that is pending rotation goes from the replicas
/// with the primary's. Whether there is such material.
pub(crate) fn drop_material(tx: &mut Tx<'_>, key: &mut Key, id: &str) -> Result<bool, Failure> {
    let (scope, subject) = (key.scope(), ExpireMaterial::subject(&key.id, id));
    let Some(material) = held_mut(key, id) else { return Ok(false) };
    if let Some(expires_at) = material.expires_at.take() {
        tx.forget(expires_at, ExpireMaterial::NAME, scope, &subject)?;
    }
    material.sealed = None;
    material.ready = OnceLock::new();
    if !key.is_replica() && key.pending.take_if(|pending| pending.id == id).is_some() {
        share(tx, key, |tx, replica| {
            let expires_at = replica.pending.take().and_then(|pending| pending.expires_at);
            let Some(expires_at) = expires_at else { return Ok(()) };
            tx.forget(expires_at, ExpireMaterial::NAME, replica.scope(), &subject)
        })?;
    }
    Ok(true)
}
