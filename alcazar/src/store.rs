//! The store as the program opens it: the embedded engine.

use std::path::Path;
use std::sync::Arc;

use alcazar_store::Store;
use alcazar_store::engines::embedded::{Appends, EmbeddedOptions, EmbeddedStore};

use crate::private;

/// Opens the store in that folder, or makes an empty one; its appends are counted there. Blocks while the end of its log is read.
///
/// # Errors
/// When it is in use, damaged, of a newer form, or cannot be read or written.
pub(crate) fn open(folder: &Path, appends: Arc<Appends>) -> Result<Arc<dyn Store>, String> {
    let told = |error: &dyn std::fmt::Display| format!("the store in {}: {error}", folder.display());
    private::folder(folder).map_err(|error| told(&error))?;
    let options = EmbeddedOptions::default().with_appends(appends);
    Ok(Arc::new(EmbeddedStore::open(folder, &options).map_err(|error| told(&error))?))
}
