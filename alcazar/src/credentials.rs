//! The files by which other commands find the server and its root user: `root.toml` and `endpoint.toml` in the private folder.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::private;

/// The root user's credentials, written when a store is created.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RootFile {
    /// The first account.
    pub account_id: String,
    /// `AKIA...`.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: alcazar_core::SecretText,
}

/// Where the server was last started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointFile {
    /// `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// The Region for clients that name none.
    pub region: String,
    /// What the server's certificate is trusted by, when it is not publicly trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<PathBuf>,
    /// Where its metrics are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<String>,
}

impl RootFile {
    /// Keeps it; a former store's stays beside it under its account's name.
    ///
    /// # Errors
    /// When the file cannot be written, or the one that is there not be kept.
    pub fn keep(&self, path: &Path) -> Result<(), String> {
        if let Ok(Some(former)) = read::<Self>(path)
            && former.access_key_id != self.access_key_id
        {
            let aside = path.with_file_name(format!("root-{}.toml", former.account_id));
            std::fs::rename(path, &aside).map_err(|error| format!("{}: {error}", aside.display()))?;
        }
        write(path, self)
    }
}

/// Reads such a file; `None` when there is none.
///
/// # Errors
/// When it cannot be read, is open to others, or is not such a file.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, String> {
    let told = |reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
    match private::read(path) {
        Ok(Some(text)) => toml::from_str(&text).map(Some).map_err(|error| told(&error.message())),
        Ok(None) => Ok(None),
        Err(error) => Err(told(&error)),
    }
}

/// Writes such a file.
///
/// # Errors
/// When it cannot be written.
pub fn write<T: Serialize>(path: &Path, contents: &T) -> Result<(), String> {
    let told = |reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
    let text = Zeroizing::new(toml::to_string(contents).map_err(|error| told(&error))?);
    private::write(path, text.as_bytes()).map_err(|error| told(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(account: &str, key: &str) -> RootFile {
        RootFile {
            account_id: account.to_owned(),
            access_key_id: key.to_owned(),
            secret_access_key: "secret".to_owned().into(),
        }
    }

    #[test]
    fn the_credentials_of_a_former_store_are_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.toml");
        root("111122223333", "AKIAONE").keep(&path).unwrap();
        root("444455556666", "AKIATWO").keep(&path).unwrap();
        let current = read::<RootFile>(&path).unwrap().unwrap();
        let former = read::<RootFile>(&folder.path().join("root-111122223333.toml")).unwrap().unwrap();
        assert_eq!((current.access_key_id.as_str(), former.access_key_id.as_str()), ("AKIATWO", "AKIAONE"));
    }
}
