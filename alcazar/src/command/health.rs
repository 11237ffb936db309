use clap::Args;

use super::known::Installation;

/// Whether a running server takes calls; the exit code says it too.
#[derive(Debug, Args)]
pub(super) struct Health {
    #[command(flatten)]
    installation: Installation,
}

impl Health {
    pub(super) fn run(self) -> Result<(), String> {
        let client = self.installation.stranger()?;
        let (status, body) = client.gate("/_alcazar/ready")?;
        if status != 200 {
            return Err(format!("{}: {status} {body}", client.endpoint));
        }
        println!("{} {body}", client.endpoint);
        Ok(())
    }
}
