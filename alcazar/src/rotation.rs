//! The store's master key is sealed anew, offline: one row changes, in one frame, or nothing does.

use std::path::Path;
use std::sync::Arc;

use alcazar_ports::Entropy;
use alcazar_store::{Frame, Scope, Store};
use tokio::runtime;

use crate::configuration::{SealSource, Secrets};
use crate::seal::{self, ROW, SEAL, SealRow};
use crate::store;

/// Seals the store in that folder under the new seal in place of the old one.
///
/// # Errors
/// In words for the operator: there is no store, it is being served, the old seal does not open it, the new one cannot be made or is no
/// other. Nothing has changed then, but that a new seal file may have been made.
pub(crate) fn rotate(
    data: &Path,
    old: (&SealSource, &Secrets),
    new: (&SealSource, &Secrets),
    entropy: &dyn Entropy,
) -> Result<(), String> {
    // Opening would make one.
    if !data.join("store").exists() {
        return Err(format!("there is no store in {}", data.display()));
    }
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(told)?;
    let store = store::open(data, Arc::default())?;
    runtime.block_on(async {
        let rotated = rotate_in(&*store, old, new, entropy).await;
        let closed = store.close().await.map_err(told);
        rotated.and(closed)
    })
}

async fn rotate_in(
    store: &dyn Store,
    old: (&SealSource, &Secrets),
    new: (&SealSource, &Secrets),
    entropy: &dyn Entropy,
) -> Result<(), String> {
    let key = SEAL.key(Scope::Installation, ROW);
    let row = store.get(key.as_bytes()).await.map_err(told)?;
    if !row.exists() {
        return Err("this folder holds a store that another program has made".to_owned());
    }
    let sealed: SealRow = SEAL.decode(&row.value).map_err(told)?;
    let renewed = seal::renew(old, &sealed, new, entropy)?;
    // What is about to replace the only way in must be a way in.
    seal::open(new.0, new.1, &renewed)?;
    let value = SEAL.encode(&renewed).map_err(told)?;
    let frame =
        Frame { expect: vec![(key.clone(), row.version)], put: vec![(key, value)], ..Frame::default() };
    store.append(frame).await.map_err(told)?;
    Ok(())
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
