use std::path::{Path, PathBuf, absolute};

use super::environment::variable;
use super::{ConfigurationError, SealSource, refuse};

/// Where an installation keeps what it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// The store. Worthless without what unseals it; this is what a backup holds.
    pub data: PathBuf,
    /// Seal file, root credentials, the endpoint's address, the installation's own certificate authority. Never in a backup of
    /// the data.
    pub private: PathBuf,
}

impl Folders {
    /// The folders of the store in `data`, or of the user's own: `$XDG_DATA_HOME/alcazar` and `$XDG_CONFIG_HOME/alcazar`. Another
    /// store has a private folder of its own beneath the latter, unless a seal file is named: then it is that file's.
    ///
    /// # Errors
    /// When a folder is not told and the environment has neither `HOME` nor the XDG variables.
    pub fn of(data: Option<&Path>, seal: Option<&SealSource>) -> Result<Self, ConfigurationError> {
        let users = user_data();
        let homeless = || {
            refuse(
                "neither HOME nor XDG_DATA_HOME and XDG_CONFIG_HOME are set: give --data and --seal file:PATH",
            )
        };
        let data = match data {
            Some(told) => absolute(told).map_err(|error| refuse(format!("data: {error}")))?,
            None => users.clone().ok_or_else(homeless)?,
        };
        if let Some(SealSource::File(seal)) = seal {
            let seal = absolute(seal).map_err(|error| refuse(format!("seal: {error}")))?;
            let private = seal.parent().map(Path::to_owned).ok_or_else(|| refuse("seal: names no file"))?;
            return Ok(Self { data, private });
        }
        let config = user_config().ok_or_else(homeless)?;
        let private =
            if users.as_ref() == Some(&data) { config } else { config.join("stores").join(name(&data)) };
        Ok(Self { data, private })
    }

    /// The root user's credentials.
    pub fn root(&self) -> PathBuf {
        self.private.join("root.toml")
    }

    /// Where the server was last reached.
    pub fn endpoint(&self) -> PathBuf {
        self.private.join("endpoint.toml")
    }

    /// What the installation's own certificate authority is trusted by.
    pub fn authority(&self) -> PathBuf {
        self.private.join("ca.pem")
    }
}

/// A name for the private folder of a store elsewhere: its folder's, and enough of a hash to tell namesakes apart.
fn name(data: &Path) -> String {
    let hash = alcazar_core::id::hex(&alcazar_sigv4::sha256(data.as_os_str().as_encoded_bytes())[..4]);
    match data.file_name() {
        Some(last) => format!("{}-{hash}", last.to_string_lossy()),
        None => hash,
    }
}

fn user_data() -> Option<PathBuf> {
    user("XDG_DATA_HOME", ".local/share")
}

pub(super) fn user_config() -> Option<PathBuf> {
    user("XDG_CONFIG_HOME", ".config")
}

/// Relative paths in the XDG variables are to be ignored (XDG Base Directory Specification, "Environment variables").
fn user(variable_name: &str, under_home: &str) -> Option<PathBuf> {
    let told = variable(variable_name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = told.or_else(|| {
        variable("HOME")
            .map(PathBuf::from)
            .filter(|home| home.is_absolute())
            .map(|home| home.join(under_home))
    });
    base.map(|base| base.join("alcazar"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_seal_file_has_everything_private_beside_it() {
        let seal = SealSource::File("/safe/place/seal".into());
        let folders = Folders::of(Some(Path::new("/srv/alcazar")), Some(&seal)).unwrap();
        assert_eq!(folders.data, Path::new("/srv/alcazar"));
        assert_eq!(folders.root(), Path::new("/safe/place/root.toml"));
    }

    #[test]
    fn stores_of_the_same_name_have_private_folders_of_their_own() {
        assert_ne!(name(Path::new("/a/store")), name(Path::new("/b/store")));
        assert!(name(Path::new("/a/store")).starts_with("store-"));
    }
}
