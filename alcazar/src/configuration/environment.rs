use std::env;
use std::ffi::OsString;

use alcazar_core::SecretText;

use super::{ConfigurationError, SealSource, refuse};

/// What the environment presets for the root user, and holds no longer.
#[derive(Debug, Default)]
pub struct Presets {
    /// `ALCAZAR_ROOT_ACCESS_KEY_ID`.
    pub access_key_id: Option<String>,
    /// `ALCAZAR_ROOT_SECRET_ACCESS_KEY`.
    pub secret_access_key: Option<SecretText>,
    /// `ALCAZAR_ACCOUNT_ID`.
    pub account_id: Option<String>,
}

/// The secrets that came by the environment.
#[derive(Debug, Default)]
pub struct Secrets {
    /// For the root user.
    pub presets: Presets,
    /// `ALCAZAR_SEAL_PASSPHRASE`.
    pub passphrase: Option<SecretText>,
    /// What `--seal env:NAME` names.
    pub seal: Option<SecretText>,
}

impl Secrets {
    /// Takes the secrets out of the environment, so that no child process inherits them. (The memory in which the system passed
    /// the environment at start keeps them; whoever may read that may read the whole process.)
    ///
    /// # Errors
    /// When a value is not text.
    ///
    /// Call it while the process has one thread: the C library's environment has no lock.
    pub fn take(seal: &SealSource) -> Result<Self, ConfigurationError> {
        let presets = Presets {
            access_key_id: taken("ALCAZAR_ROOT_ACCESS_KEY_ID")?,
            secret_access_key: taken("ALCAZAR_ROOT_SECRET_ACCESS_KEY")?.map(SecretText::new),
            account_id: taken("ALCAZAR_ACCOUNT_ID")?,
        };
        let passphrase = taken("ALCAZAR_SEAL_PASSPHRASE")?.map(SecretText::new);
        Ok(Self { presets, passphrase, seal: key_of(seal)? })
    }

    /// The secrets of the seal that is to follow another: `ALCAZAR_NEW_SEAL_PASSPHRASE`, or the variable that it names.
    ///
    /// # Errors
    /// When a value is not text.
    ///
    /// Call it while the process has one thread, as [`Secrets::take`].
    pub fn take_new(seal: &SealSource) -> Result<Self, ConfigurationError> {
        let passphrase = taken("ALCAZAR_NEW_SEAL_PASSPHRASE")?.map(SecretText::new);
        Ok(Self { presets: Presets::default(), passphrase, seal: key_of(seal)? })
    }
}

fn key_of(seal: &SealSource) -> Result<Option<SecretText>, ConfigurationError> {
    match seal {
        SealSource::Environment(name) => Ok(taken(name)?.map(SecretText::new)),
        SealSource::File(_) | SealSource::Passphrase => Ok(None),
    }
}

/// The names of the `ALCAZAR_` variables that are set and not among the known ones: most likely misspelt.
pub(crate) fn unknown_variables(known: &[String]) -> Vec<String> {
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| name.starts_with("ALCAZAR_") && !known.contains(name)).collect()
}

/// A variable's value, if it is set and not empty.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// A variable's value, if it is set, not empty and text.
pub(crate) fn text_variable(name: &str) -> Option<String> {
    variable(name)?.into_string().ok()
}

#[expect(
    unsafe_code,
    reason = "edition 2024 offers no safe way to clear a variable, and secrets must not stay there"
)]
fn taken(name: &str) -> Result<Option<String>, ConfigurationError> {
    let value = variable(name);
    // SAFETY: called at the start of `main`, before any other thread exists, so nobody reads the environment meanwhile.
    unsafe { env::remove_var(name) };
    value.map(OsString::into_string).transpose().map_err(|_| refuse(format!("{name}: not text")))
}
