//! The key that decrypts: the one that the call names, or the one that the ciphertext names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use alcazar_core::{Common, Declares, SecretBytes};
use alcazar_corridor::{Call, Failure, Guard, Operation, Refusal, View};
use alcazar_material::{Ciphertext, EncryptionAlgorithm, EncryptionContext, Error, Header};
use alcazar_store::Scope;
use wire_kms::{EncryptionAlgorithmSpec, IncorrectKeyException, InvalidCiphertextException, KeyUsageType};

use super::{Found, HOLDERS, Key, Reference, Uses, guard, incorrect_key, ready, refused, usable_for};
use super::{decrypted_outside, engine_algorithm, no_context, wrong_inside};

/// What an operation that decrypts may answer.
pub(crate) trait Decrypts:
    Uses + Declares<IncorrectKeyException> + Declares<InvalidCiphertextException>
{
}

impl<S> Decrypts for S where S: Uses + Declares<IncorrectKeyException> + Declares<InvalidCiphertextException> {}

/// Where a ciphertext is to be decrypted.
pub(crate) struct Source {
    /// `None` when the call names no key and the ciphertext is none of ours.
    found: Option<Found>,
    /// The call names the key.
    named: bool,
}

impl Source {
    /// Finds it. A ciphertext names its key by id: looked for in the caller's account first, then wherever the installation has it.
    pub(crate) async fn find(
        key_id: Option<&str>,
        blob: Option<&[u8]>,
        view: &View,
    ) -> Result<Self, Failure> {
        if let Some(key_id) = key_id {
            return Ok(Self { found: Some(Reference::read(key_id, view).find(view).await?), named: true });
        }
        let Some(header) = blob.and_then(|blob| Header::of(blob).ok()) else {
            return Ok(Self { found: None, named: false });
        };
        let id = header.key.to_string();
        let mut found = Reference::of_key(id.clone(), view.account(), view).find(view).await?;
        if found.found().is_none()
            && let Some(holder) = view.get(&HOLDERS, Scope::Installation, id.as_str()).await?
        {
            let elsewhere = Reference::of_key(id, holder.account, view).find(view).await?;
            if elsewhere.found().is_some() {
                found = elsewhere;
            }
        }
        Ok(Self { found: Some(found), named: false })
    }

    /// How it guards itself. Where nothing is named, only the right to the action as such can be asked for.
    pub(crate) async fn guard(
        &self,
        operation: &str,
        context: Option<&BTreeMap<String, String>>,
        view: &View,
    ) -> Result<Guard, Failure> {
        match &self.found {
            Some(found) => guard(found, operation, context, view).await,
            None => Ok(Guard::any(view.account())),
        }
    }

    /// The alias by which the call named it.
    pub(crate) fn alias(&self) -> Option<String> {
        self.found.as_ref()?.alias.clone()
    }

    /// The key's ARN, if it is known which one is meant.
    pub(crate) fn arn(&self) -> Option<&alcazar_core::Arn> {
        self.found.as_ref().map(|found| &found.arn)
    }

    /// What the call or the ciphertext names.
    pub(crate) fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// The key, for a caller who may know.
    pub(crate) fn key<S: Decrypts>(&self) -> Result<&Arc<Key>, Refusal<S>> {
        let Some(found) = &self.found else { return Err(invalid().into()) };
        if self.named {
            return found.key();
        }
        found.found().ok_or_else(|| {
            let message = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.";
            Failure::common(Common::AccessDenied, message).into()
        })
    }

    /// What is to be decrypted: the blob as it is, or, of a key in an external key store, what the key outside makes of it.
    pub(crate) async fn inner<'b, O>(
        &self,
        call: &Call<O>,
        operation: &str,
        context: &EncryptionContext,
        blob: &'b [u8],
    ) -> Result<Cow<'b, [u8]>, Refusal<O::Shape>>
    where
        O: Operation,
        O::Shape: Decrypts,
    {
        let key = self.key()?;
        if key.custody.is_some() {
            // Nothing goes outside that could not be decrypted here.
            let header = Header::of(blob).map_err(|_| invalid())?;
            self.check_named(key, header)?;
            usable_for(key, KeyUsageType::EncryptDecrypt, operation)?;
        }
        decrypted_outside(call, key, context, blob).await
    }

    /// A call that names a key means ciphertexts of that key.
    fn check_named<S: Decrypts>(&self, key: &Key, header: Header) -> Result<(), Refusal<S>> {
        if self.named && header.key.to_string() != key.id {
            return Err(incorrect_key().into());
        }
        Ok(())
    }

    /// Decrypts. Gives the plaintext and, for symmetric keys, the id of the material that did it.
    pub(crate) fn decrypt<O>(
        &self,
        call: &Call<O>,
        operation: &str,
        algorithm: EncryptionAlgorithmSpec,
        context: &EncryptionContext,
        blob: &[u8],
    ) -> Result<(SecretBytes, Option<String>), Refusal<O::Shape>>
    where
        O: Operation,
        O::Shape: Decrypts,
    {
        let key = self.key()?;
        let algorithm = engine_algorithm(algorithm)?;
        if algorithm != EncryptionAlgorithm::SymmetricDefault {
            usable_for(key, KeyUsageType::EncryptDecrypt, operation)?;
            if *context != EncryptionContext::empty() {
                return Err(no_context().into());
            }
            let material = ready(call, key, super::material_of(key)?)?;
            let opened = material.material.decrypt_asymmetric(algorithm, blob);
            return opened.map(|plain| (plain, None)).map_err(|error| not_decrypted(key, error));
        }
        let ciphertext = Ciphertext::parse(blob).map_err(|_| unreadable(key))?;
        self.check_named(key, ciphertext.header)?;
        usable_for(key, KeyUsageType::EncryptDecrypt, operation)?;
        let id = ciphertext.header.material.to_string();
        let material = ready(call, key, key.material(&id).ok_or_else(|| unreadable(key))?)?;
        let opened = material.material.decrypt(&ciphertext, context);
        opened.map(|plain| (plain, Some(id))).map_err(|error| not_decrypted(key, error))
    }
}

fn not_decrypted<S: Decrypts>(key: &Key, error: Error) -> Refusal<S> {
    match error {
        Error::InvalidCiphertext => unreadable(key),
        error => refused(key, error),
    }
}

/// A ciphertext of this key that is none; of a key in an external key store, what came from there.
fn unreadable<S: Decrypts>(key: &Key) -> Refusal<S> {
    match key.custody {
        None => invalid().into(),
        Some(_) => wrong_inside(),
    }
}

/// AWS says nothing more: which of ciphertext, context and key is wrong would help an attacker.
fn invalid() -> InvalidCiphertextException {
    InvalidCiphertextException::new("")
}
