//! Page tokens: sealed, and good only for the same account, Region, operation and filters.

use std::sync::Arc;

use alcazar_store::Key;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Failure, Universe};

/// A page of a list.
#[derive(Debug)]
pub struct Page<R> {
    /// The rows, in key order.
    pub items: Vec<Arc<R>>,
    /// The token of the next page; `None` on the last one.
    pub next: Option<String>,
}

/// Makes the token with which the list goes on after that key. `binding` names operation, account and filters.
pub(crate) fn seal(universe: &Universe, binding: &str, key: &Key) -> Result<String, Failure> {
    let sealed = universe.seal(&context(binding), key.as_bytes())?;
    Ok(URL_SAFE_NO_PAD.encode(&sealed.0))
}

/// The key after which the list goes on; `None` when the token was not made for this list.
pub(crate) fn open(universe: &Universe, binding: &str, token: &str) -> Option<Key> {
    let sealed = alcazar_directory::Sealed(URL_SAFE_NO_PAD.decode(token).ok()?);
    let key = universe.open(&context(binding), &sealed).ok()?;
    Some(Key::from_bytes(key.expose()))
}

fn context(binding: &str) -> Vec<u8> {
    format!("corridor/page/{binding}").into_bytes()
}
