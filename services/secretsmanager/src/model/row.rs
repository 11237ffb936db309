//! The rows of secrets: read by whoever needs them, and written here alone, so that the orders in which they are listed and what is told of
//! them keep pace.

use std::sync::Arc;

use alcazar_core::Declares;
use alcazar_corridor::{Failure, Refusal, Tx, View};
use alcazar_store::{Scope, ScopeKind, Table};
use serde_json::json;
use wire_secretsmanager::{InvalidParameterException, ResourceNotFoundException};

use super::fact::{happened, tell_labels};
use super::order::{ORDERS, Place, places};
use super::secret::no_replica;
use super::{Ciphertext, Found, Sealing, Secret};

/// The secrets of an account in a Region, by name.
pub(super) static SECRETS: Table<str, Secret> = Table::new("secretsmanager/secrets", ScopeKind::Region);

/// The values of versions, by the secret's ARN and the version's id.
pub(crate) static VALUES: Table<(String, String), Ciphertext> =
    Table::new("secretsmanager/values", ScopeKind::Region);

/// The secret of that name.
pub(crate) async fn held(view: &View, scope: Scope, name: &str) -> Result<Option<Arc<Secret>>, Failure> {
    view.get(&SECRETS, scope, name).await
}

/// The secret of that name, as the transaction sees it.
pub(crate) fn row(tx: &Tx<'_>, scope: Scope, name: &str) -> Result<Option<Arc<Secret>>, Failure> {
    tx.get(&SECRETS, scope, name)
}

/// Writes a secret, with its places in the orders, and tells which labels have moved.
pub(crate) fn put(tx: &mut Tx<'_>, secret: &Secret) -> Result<(), Failure> {
    let scope = secret.scope();
    let before = row(tx, scope, &secret.name)?;
    let now = places(secret);
    for place in before.iter().flat_map(|before| places(before)).filter(|place| !now.contains(place)) {
        tx.remove(&ORDERS, scope, &place)?;
    }
    for place in &now {
        // One that did not move is there, unless a program that knew no places made the secret beside this one.
        if tx.get(&ORDERS, scope, place)?.is_none() {
            tx.put(&ORDERS, scope, place, &Place { name: secret.name.clone() })?;
        }
    }
    tell_labels(tx, before.as_deref(), secret)?;
    tx.put(&SECRETS, scope, secret.name.as_str(), secret)
}

/// Removes the secret with all its versions.
pub(crate) fn remove(tx: &mut Tx<'_>, secret: &Secret) -> Result<(), Failure> {
    let scope = secret.scope();
    for version in &secret.versions {
        tx.remove(&VALUES, scope, &secret.value_key(&version.id))?;
    }
    if let Some(held) = row(tx, scope, &secret.name)? {
        for place in places(&held) {
            tx.remove(&ORDERS, scope, &place)?;
        }
    }
    tx.remove(&SECRETS, scope, secret.name.as_str())
}

/// Changes a secret's row within a transaction: the row as it is then, not as `locate` saw it. A replica changes with its primary alone.
pub(crate) fn change<S, T>(
    tx: &mut Tx<'_>,
    found: &Found,
    change: impl FnOnce(&mut Tx<'_>, &mut Secret) -> Result<T, Refusal<S>>,
) -> Result<T, Refusal<S>>
where
    S: Declares<ResourceNotFoundException> + Declares<InvalidParameterException>,
{
    touch(tx, found, |tx, secret| {
        no_replica(secret)?;
        let told = change(tx, secret)?;
        secret.keep_in_step(tx)?;
        Ok(told)
    })
}

/// The same for what a replica has of its own: when it was read.
pub(crate) fn touch<S, T>(
    tx: &mut Tx<'_>,
    found: &Found,
    change: impl FnOnce(&mut Tx<'_>, &mut Secret) -> Result<T, Refusal<S>>,
) -> Result<T, Refusal<S>>
where
    S: Declares<ResourceNotFoundException>,
{
    let secret = found.secret()?;
    let row = row(tx, secret.scope(), &secret.name)?;
    let mut secret = (*row.ok_or_else(|| found.missing())?).clone();
    let told = change(tx, &mut secret)?;
    put(tx, &secret)?;
    Ok(told)
}

/// Adds a version with its value and labels, and removes those that go for it; `None` when there is no room.
pub(crate) fn put_version(
    tx: &mut Tx<'_>,
    secret: &mut Secret,
    version_id: &str,
    stages: &[String],
    sealing: &Sealing,
) -> Result<Option<()>, Failure> {
    let Some(gone) = secret.add(version_id, secret.kms_key_id.clone(), tx.now()) else { return Ok(None) };
    for id in &gone {
        tx.remove(&VALUES, secret.scope(), &secret.value_key(id))?;
        happened(tx, secret, "SecretVersionDeletion", json!({"VersionId": id}))?;
    }
    for stage in stages {
        secret.attach(stage, version_id);
    }
    sealing.put(tx, secret)?;
    Ok(Some(()))
}
