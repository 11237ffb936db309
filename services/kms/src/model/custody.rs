//! Keys in an external key store: how they come into it, and how the key outside has its part in every use of them.
//! Source: KMS API reference, `CreateKey`; Developer Guide, "Double encryption" and "KMS keys in external key stores".

use std::borrow::Cow;
use std::sync::Arc;

use alcazar_core::Declares;
use alcazar_corridor::{Call, Failure, Operation, Refusal, Tx, View};
use alcazar_material::{EncryptionContext, ExternalCiphertext, Header, MaterialId};
use alcazar_store::Scope;
use wire_kms::{
    CustomKeyStoreInvalidStateException, CustomKeyStoreNotFoundException, KMSInvalidStateException, KeySpec,
    KeyUsageType, OriginType, UnsupportedOperationException, XksKeyAlreadyInUseException,
    XksKeyInvalidConfigurationException, XksKeyNotFoundException,
};

use super::{
    Custody, EXTERNAL_KEYS, Encrypted, ExternalKey, KEY_STORES, Key, KeyStore, ProxyRow, key_store,
    no_key_store, parsed_id, wrong_origin,
};
use crate::proxy::{
    Proxy, ProxyError, ProxyFault, RequestMetadata, decrypt, encrypt, key_metadata, key_refusal, use_refusal,
};

/// What an operation that makes a key in a store may answer.
pub(crate) trait Entrusts:
    Declares<CustomKeyStoreInvalidStateException>
    + Declares<CustomKeyStoreNotFoundException>
    + Declares<UnsupportedOperationException>
    + Declares<XksKeyAlreadyInUseException>
    + Declares<XksKeyInvalidConfigurationException>
    + Declares<XksKeyNotFoundException>
{
}

impl<S> Entrusts for S where
    S: Declares<CustomKeyStoreInvalidStateException>
        + Declares<CustomKeyStoreNotFoundException>
        + Declares<UnsupportedOperationException>
        + Declares<XksKeyAlreadyInUseException>
        + Declares<XksKeyInvalidConfigurationException>
        + Declares<XksKeyNotFoundException>
{
}

/// What is asked for of a key that is to be.
pub(crate) struct Asked<'a> {
    pub(crate) origin: OriginType,
    pub(crate) store_id: Option<&'a str>,
    pub(crate) xks_key_id: Option<&'a str>,
    pub(crate) spec: KeySpec,
    pub(crate) usage: KeyUsageType,
    pub(crate) multi_region: bool,
}

impl Asked<'_> {
    /// The custody that the key is to be in; `None` for a key that is in no custom key store. Which words AWS uses is guessed.
    pub(crate) fn custody<S: Declares<UnsupportedOperationException>>(
        &self,
    ) -> Result<Option<Custody>, Refusal<S>> {
        let outside = self.origin == OriginType::ExternalKeyStore;
        let custom = outside || self.origin == OriginType::AwsCloudhsm;
        let wrong = |message: String| Err(Failure::validation(message).into());
        match (self.store_id, self.xks_key_id) {
            (None, None) if !custom => return Ok(None),
            (Some(_), _) if !custom => {
                return wrong(format!("CustomKeyStoreId is not valid for Origin {}.", self.origin));
            }
            (_, Some(_)) if !outside => {
                return wrong(format!("XksKeyId is not valid for Origin {}.", self.origin));
            }
            (None, _) => return wrong(format!("CustomKeyStoreId is required for Origin {}.", self.origin)),
            (Some(_), None) if outside => {
                return wrong("XksKeyId is required for Origin EXTERNAL_KEY_STORE.".to_owned());
            }
            _ => {}
        }
        let symmetric = self.spec == KeySpec::SymmetricDefault && self.usage == KeyUsageType::EncryptDecrypt;
        if !symmetric || self.multi_region {
            let message = "Custom key stores support only single-Region symmetric encryption KMS keys.";
            return Err(UnsupportedOperationException::new(message).into());
        }
        Ok(Some(Custody {
            store_id: self.store_id.unwrap_or_default().to_owned(),
            xks_key_id: self.xks_key_id.unwrap_or_default().to_owned(),
            store: None,
        }))
    }
}

/// Whether the store takes the key: it is connected, and the key outside is there, fit, and nobody else's.
pub(crate) async fn entrust<O: Operation>(
    call: &Call<O>,
    origin: OriginType,
    custody: &Custody,
) -> Result<(), Refusal<O::Shape>>
where
    O::Shape: Entrusts,
{
    let store = key_store(&custody.store_id, call.view()).await?;
    if origin != OriginType::ExternalKeyStore {
        let message = format!("Custom key store {} is not an AWS CloudHSM key store.", store.id);
        return Err(UnsupportedOperationException::new(message).into());
    }
    connected(&store)?;
    let named = (custody.store_id.clone(), custody.xks_key_id.clone());
    if call.view().get(&EXTERNAL_KEYS, call.here(), &named).await?.is_some() {
        return Err(already_in_use(custody).into());
    }
    let proxy = proxy(call, &store)?;
    let metadata = RequestMetadata::of(call, None);
    let told = key_metadata(&proxy, &custody.xks_key_id, &metadata).await.map_err(key_refusal)?;
    let does = |usage: &str| told.key_usage.iter().any(|told| told == usage);
    if told.key_spec == "AES_256" && told.key_status == "ENABLED" && does("ENCRYPT") && does("DECRYPT") {
        return Ok(());
    }
    // AWS's words are guessed.
    let message = format!(
        "The external key {} must be an AES_256 key that is ENABLED and supports ENCRYPT and DECRYPT.",
        custody.xks_key_id
    );
    Err(XksKeyInvalidConfigurationException::new(message).into())
}

/// The key outside is this key's from now on.
pub(crate) fn take_custody<S: Entrusts>(
    tx: &mut Tx<'_>,
    scope: Scope,
    custody: &Custody,
    key_id: &str,
) -> Result<(), Refusal<S>> {
    let id = custody.store_id.as_str();
    connected(&*tx.get(&KEY_STORES, scope, id)?.ok_or_else(|| no_key_store(id))?)?;
    let named = (custody.store_id.clone(), custody.xks_key_id.clone());
    if tx.get(&EXTERNAL_KEYS, scope, &named)?.is_some() {
        return Err(already_in_use(custody).into());
    }
    Ok(tx.put(&EXTERNAL_KEYS, scope, &named, &ExternalKey { key_id: key_id.to_owned() })?)
}

/// The key outside is free again.
pub(crate) fn leave_custody(tx: &mut Tx<'_>, scope: Scope, custody: &Custody) -> Result<(), Failure> {
    let named = (custody.store_id.clone(), custody.xks_key_id.clone());
    tx.remove(&EXTERNAL_KEYS, scope, &named)
}

/// The key as it is found: with the store that it is in.
pub(crate) async fn with_store(key: Arc<Key>, scope: Scope, view: &View) -> Result<Arc<Key>, Failure> {
    let Some(custody) = &key.custody else { return Ok(key) };
    let store = view.get(&KEY_STORES, scope, custody.store_id.as_str()).await?;
    let custody = Custody { store, ..custody.clone() };
    Ok(Arc::new(Key { custody: Some(custody), ..(*key).clone() }))
}

/// The ciphertext as callers get it: of a key in an external key store, encrypted once more by the key outside.
pub(crate) async fn encrypted_outside<O: Operation>(
    call: &Call<O>,
    key: &Key,
    context: &EncryptionContext,
    inner: Encrypted,
) -> Result<Encrypted, Refusal<O::Shape>>
where
    O::Shape: Declares<KMSInvalidStateException>,
{
    let Some(custody) = &key.custody else { return Ok(inner) };
    // Its own allocation: the calls that go without it do not carry its size.
    Box::pin(async {
        let material = MaterialId::from_text(&inner.material_id);
        let material = material.ok_or_else(|| Failure::internal("a material's id is not of its form"))?;
        let header = Header { key: parsed_id(&key.id)?, material };
        let authenticated = ExternalCiphertext::authenticated(header, context);
        let proxy = proxy_in_use(call, custody)?;
        let metadata = RequestMetadata::of(call, Some(&key.arn));
        let id = &custody.xks_key_id;
        let outer = encrypt(&proxy, id, &metadata, header, &authenticated, &inner.blob).await;
        let blob = outer.map_err(use_refusal)?.to_bytes().map_err(Failure::internal)?;
        Ok(Encrypted { blob, ..inner })
    })
    .await
}

/// The ciphertext that KMS's own material opens: of a key in an external key store, what the key outside makes of the blob.
pub(crate) async fn decrypted_outside<'b, O: Operation>(
    call: &Call<O>,
    key: &Key,
    context: &EncryptionContext,
    blob: &'b [u8],
) -> Result<Cow<'b, [u8]>, Refusal<O::Shape>>
where
    O::Shape: Declares<KMSInvalidStateException>,
    O::Shape: Declares<wire_kms::InvalidCiphertextException>,
{
    let Some(custody) = &key.custody else { return Ok(Cow::Borrowed(blob)) };
    Box::pin(async {
        // An inner ciphertext by itself is none: its keeper sees it, and would need the key outside no more.
        let invalid = |_| wire_kms::InvalidCiphertextException::new("");
        let outer = ExternalCiphertext::parse(blob).map_err(invalid)?;
        let authenticated = ExternalCiphertext::authenticated(outer.header, context);
        let proxy = proxy_in_use(call, custody)?;
        let metadata = RequestMetadata::of(call, Some(&key.arn));
        let inner = decrypt(&proxy, &custody.xks_key_id, &metadata, &authenticated, &outer).await;
        Ok(Cow::Owned(inner.map_err(use_refusal)?))
    })
    .await
}

/// What the key outside decrypted is not what KMS's material encrypted.
pub(crate) fn wrong_inside<S: Declares<KMSInvalidStateException>>() -> Refusal<S> {
    let detail = "it decrypted something else than was encrypted".to_owned();
    use_refusal(ProxyError::new(ProxyFault::WrongPlaintext, detail))
}

/// Keys in a custom key store neither rotate nor make data key pairs.
pub(crate) fn not_in_custody<S: Declares<UnsupportedOperationException>>(
    key: &Key,
) -> Result<(), Refusal<S>> {
    match &key.custody {
        None => Ok(()),
        Some(_) => Err(wrong_origin(key)),
    }
}

/// Source of the words: External Key Store Proxy API Specification, "Error codes".
const NOT_CONNECTED: &str = "This KMS key is in a custom key store that is not connected to its external key store proxy. Connect the external key store and try the request again.";

fn connected<S: Declares<CustomKeyStoreInvalidStateException>>(store: &KeyStore) -> Result<(), Refusal<S>> {
    if store.is_connected() {
        return Ok(());
    }
    Err(CustomKeyStoreInvalidStateException::new(NOT_CONNECTED).into())
}

fn already_in_use(custody: &Custody) -> XksKeyAlreadyInUseException {
    // AWS's words are guessed.
    let message = format!(
        "The external key {} is already associated with another KMS key in this external key store.",
        custody.xks_key_id
    );
    XksKeyAlreadyInUseException::new(message)
}

/// The proxy of a key that is in use: its store must be connected.
fn proxy_in_use<O: Operation>(call: &Call<O>, custody: &Custody) -> Result<Proxy, Refusal<O::Shape>>
where
    O::Shape: Declares<KMSInvalidStateException>,
{
    match custody.store.as_ref().filter(|store| store.is_connected()) {
        Some(store) => Ok(proxy(call, store)?),
        None => Err(KMSInvalidStateException::new(NOT_CONNECTED).into()),
    }
}

fn proxy<O: Operation>(call: &Call<O>, store: &KeyStore) -> Result<Proxy, Failure> {
    let secret = call.open(&ProxyRow::context(&store.id), &store.proxy.secret)?;
    Proxy::new(&store.proxy, secret.expose(), call.outside(), call.view().circumstances())
}
