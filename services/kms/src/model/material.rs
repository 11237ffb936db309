//! Material of keys: made, sealed, and opened when it is first used.

use std::fmt;
use std::sync::Arc;

use alcazar_core::{Arn, Timestamp};
use alcazar_corridor::{Call, Failure, Operation};
use alcazar_directory::Sealed;
use alcazar_material::{Entropy, Header, KeyId, KeySpec, KeyUsage, Material, MaterialId};

use wire_kms::OriginType;

use super::{Key, KeyMaterial, RotationKind, material_context, rsa_pair};

/// A material ready for use, with the header of the ciphertexts that it makes.
pub(crate) struct Ready {
    pub(crate) header: Header,
    pub(crate) material: Material,
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.material.fmt(f)
    }
}

/// Makes the material of a new key. RSA pairs come from a stock, or are made on a thread that may block.
pub(crate) async fn fresh(
    spec: KeySpec,
    usage: KeyUsage,
    entropy: &(dyn Fn(&mut [u8]) + Sync),
) -> Result<Material, Failure> {
    if matches!(spec, KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096) {
        let pair = rsa_pair(spec).await?;
        return Material::from_bytes(spec, usage, pair.private_key).map_err(Failure::internal);
    }
    let entropy: Entropy<'_> = &|bytes| entropy(bytes);
    Material::generate(spec, usage, entropy).map_err(Failure::internal)
}

/// The row of a fresh material, sealed for its key. `seal` is the call's or the transaction's.
pub(crate) fn new_material(
    key: &Arn,
    key_id: &str,
    material: &Material,
    since: Timestamp,
    rotation: Option<RotationKind>,
    seal: impl FnOnce(&[u8], &[u8]) -> Result<Sealed, Failure>,
) -> Result<KeyMaterial, Failure> {
    let id = material.id(&parsed_id(key_id)?).map_err(Failure::internal)?.to_string();
    let sealed = Some(seal(&material_context(key, &id), material.to_bytes().expose())?);
    Ok(KeyMaterial { rotation, sealed, ..KeyMaterial::to_come(&id, since) })
}

/// The material, opened and parsed; from the second use on it is only looked up.
pub(crate) fn ready<O: Operation>(
    call: &Call<O>,
    key: &Key,
    material: &KeyMaterial,
) -> Result<Arc<Ready>, Failure> {
    if let Some(ready) = material.ready.get() {
        return Ok(ready.clone());
    }
    let sealed = material.sealed.as_ref();
    let sealed = sealed.ok_or_else(|| Failure::internal("material is asked for that is not there"))?;
    let bytes = call.open(&material_context(&key.arn, &material.id), sealed)?;
    let (spec, usage) = engine_kind(key)?;
    let opened = Material::from_bytes(spec, usage, bytes).map_err(Failure::internal)?;
    let id = MaterialId::from_text(&material.id);
    let id = id.ok_or_else(|| Failure::internal("a material's id is not of its form"))?;
    let header = Header { key: parsed_id(&key.id)?, material: id };
    // A racing caller may have set it first; both are the same.
    Ok(material.ready.get_or_init(|| Arc::new(Ready { header, material: opened })).clone())
}

/// The same material for the same key in another Region, which takes it from there.
pub(crate) fn seal_again<O: Operation>(
    call: &Call<O>,
    key: &Key,
    material: &KeyMaterial,
    elsewhere: &Arn,
) -> Result<KeyMaterial, Failure> {
    let copy =
        KeyMaterial { rotation: material.rotation, ..KeyMaterial::to_come(&material.id, material.since) };
    let Some(sealed) = material.sealed.as_ref().filter(|_| key.origin != OriginType::External) else {
        return Ok(copy);
    };
    let secret = call.open(&material_context(&key.arn, &material.id), sealed)?;
    let sealed = call.seal(&material_context(elsewhere, &material.id), secret.expose())?;
    Ok(KeyMaterial { sealed: Some(sealed), ..copy })
}

/// A key's spec and usage as the cryptography knows them.
pub(crate) fn engine_kind(key: &Key) -> Result<(KeySpec, KeyUsage), Failure> {
    let known = KeySpec::from_text(key.spec.as_str()).zip(KeyUsage::from_text(key.usage.as_str()));
    known.ok_or_else(|| Failure::internal("the key's row names a spec or usage that is none"))
}

/// A key's id as the cryptography knows it.
pub(crate) fn parsed_id(id: &str) -> Result<KeyId, Failure> {
    KeyId::from_text(id).ok_or_else(|| Failure::internal("a key's id is not of its form"))
}
