use alcazar_ports::SystemEntropy;
use clap::Subcommand;

use super::known::Installation;
use crate::configuration::{SealSource, Secrets};
use crate::rotation;

/// The seal of the store.
#[derive(Debug, Subcommand)]
pub(super) enum Seal {
    /// Seal the store's master key anew, under another file, passphrase or variable. The store must not be served meanwhile
    ///
    /// From then on the new seal opens the store, and the old one does not. The master key stays what it is, so no secret is sealed again:
    /// whoever has the old seal together with an older copy of the store can open that copy, and from it all that this store seals. Destroy
    /// the old seal, and those copies are closed to everybody.
    Rotate {
        /// What is to unseal the store: file:PATH (made if it is not there), passphrase (asked for, or ALCAZAR_NEW_SEAL_PASSPHRASE), env:NAME
        #[arg(long, value_name = "SOURCE")]
        new_seal: SealSource,
        #[command(flatten)]
        installation: Installation,
    },
}

impl Seal {
    pub(super) fn run(self) -> Result<(), String> {
        let Self::Rotate { new_seal, installation } = self;
        let configuration = installation.configuration()?;
        if new_seal == configuration.seal && new_seal != SealSource::Passphrase {
            return Err("the new seal must be another file or variable than the old one".to_owned());
        }
        // While this is the only thread.
        let secrets = Secrets::take(&configuration.seal).map_err(|error| error.to_string())?;
        let new_secrets = Secrets::take_new(&new_seal).map_err(|error| error.to_string())?;
        let data = &configuration.folders.data;
        rotation::rotate(data, (&configuration.seal, &secrets), (&new_seal, &new_secrets), &SystemEntropy)?;
        let serve = match &new_seal {
            SealSource::File(path) => format!("--seal file:{}", path.display()),
            SealSource::Passphrase => "--seal passphrase".to_owned(),
            SealSource::Environment(name) => format!("--seal env:{name}"),
        };
        println!("sealed anew; serve it with {serve}");
        println!("the old seal still opens older copies of the store: destroy it when you need none of them");
        Ok(())
    }
}
