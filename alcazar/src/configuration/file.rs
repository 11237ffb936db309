//! The TOML file.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{ConfigurationError, Layer, folders, refuse};

impl Layer {
    /// This layer over the file it names, or over the user's own file if there is one.
    pub(crate) fn over_file(self) -> Result<Self, ConfigurationError> {
        let below = match &self.config {
            Some(named) => {
                read(named)?.ok_or_else(|| refuse(format!("{}: no such file", named.display())))?
            }
            None => match folders::user_config() {
                Some(folder) => read(&folder.join("alcazar.toml"))?.unwrap_or_default(),
                None => Self::default(),
            },
        };
        Ok(self.over(below))
    }
}

fn read(path: &Path) -> Result<Option<Layer>, ConfigurationError> {
    let told = |reason: &dyn std::fmt::Display| refuse(format!("{}: {reason}", path.display()));
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(told(&error)),
    };
    toml::from_str(&text).map(Some).map_err(|error| told(&error))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alcazar_corridor::QuotaProfile;

    use super::*;
    use crate::configuration::SealSource;

    fn parsed(text: &str) -> Result<Layer, ConfigurationError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alcazar.toml");
        fs::write(&path, text).unwrap();
        Layer { config: Some(path), ..Layer::default() }.over_file()
    }

    #[test]
    fn a_file_tells_every_kind_of_option() {
        let layer = parsed(
            "listen = \"127.0.0.1:80\"\nseal = \"passphrase\"\ntest-clock = true\nregions = [\"here-1\"]\n\
             trusted-proxy = [\"10.0.0.0/8\"]\nbody-timeout = \"500ms\"\nlog = \"json\"\n\
             quotas = \"aws\"\nquota = [\"kms:CreateKey=50\"]\n",
        )
        .unwrap();
        assert_eq!(layer.seal, Some(SealSource::Passphrase));
        assert_eq!(layer.test_clock, Some(true));
        assert_eq!(layer.quotas, Some(QuotaProfile::Aws));
        assert_eq!(layer.quota.map(|adjusted| adjusted.len()), Some(1));
        assert_eq!(layer.body_timeout.map(Duration::from), Some(Duration::from_millis(500)));
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        let refused = parsed("lisen = \"127.0.0.1:80\"\n").unwrap_err();
        assert!(refused.0.contains("lisen"), "{refused}");
    }

    #[test]
    fn a_named_file_must_be_there() {
        let missing = Layer { config: Some("/nowhere/alcazar.toml".into()), ..Layer::default() };
        assert!(missing.over_file().unwrap_err().0.contains("no such file"));
    }
}
