use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

/// What unseals the store.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum SealSource {
    /// A file outside the data folder, made at the store's creation.
    File(PathBuf),
    /// A passphrase, from `ALCAZAR_SEAL_PASSPHRASE` or asked for on the terminal.
    Passphrase,
    /// An environment variable that holds 32 bytes in base64.
    Environment(String),
}

impl FromStr for SealSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("env", name)) if !name.is_empty() && !name.contains('=') => {
                Ok(Self::Environment(name.to_owned()))
            }
            None if text == "passphrase" => Ok(Self::Passphrase),
            // Not repeated: it may be a passphrase that somebody wrote here.
            _ => Err("a seal is file:PATH, passphrase or env:NAME; secrets are never given as arguments"
                .to_owned()),
        }
    }
}

impl TryFrom<String> for SealSource {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_sources_and_no_secret_in_the_message() {
        assert_eq!("file:/a/b".parse(), Ok(SealSource::File("/a/b".into())));
        assert_eq!("passphrase".parse(), Ok(SealSource::Passphrase));
        assert_eq!("env:KEY".parse(), Ok(SealSource::Environment("KEY".to_owned())));
        for wrong in ["", "file:", "env:", "passphrase:hunter2", "hunter2", "env:A=B"] {
            let told = wrong.parse::<SealSource>().unwrap_err();
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
