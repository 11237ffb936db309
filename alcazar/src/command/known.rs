//! What the other commands know of the server: from its files, and from the environment, which wins.

use std::path::PathBuf;

use clap::Args;

use crate::client::{Client, ClientCredentials};
use crate::configuration::{Configuration, Folders, Layer, SealSource, text_variable};
use crate::credentials::{self, EndpointFile, RootFile};

/// Which installation is meant.
#[derive(Debug, Clone, Args)]
pub(super) struct Installation {
    /// Folder of the store, as given to serve
    #[arg(long, env = "ALCAZAR_DATA", value_name = "DIR")]
    data: Option<PathBuf>,

    /// What unseals the store, as given to serve
    #[arg(long, env = "ALCAZAR_SEAL", value_name = "SOURCE")]
    seal: Option<SealSource>,

    /// Options from a TOML file, as given to serve
    #[arg(long, env = "ALCAZAR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Installation {
    pub(super) fn folders(&self) -> Result<Folders, String> {
        let layer = Layer {
            data: self.data.clone(),
            seal: self.seal.clone(),
            config: self.config.clone(),
            ..Layer::default()
        };
        let layer = layer.over_file().map_err(|error| error.to_string())?;
        Folders::of(layer.data.as_deref(), layer.seal.as_ref()).map_err(|error| error.to_string())
    }

    /// The configuration as far as it says which store is meant and what unseals it.
    pub(super) fn configuration(&self) -> Result<Configuration, String> {
        let layer = Layer {
            data: self.data.clone(),
            seal: self.seal.clone(),
            config: self.config.clone(),
            ..Layer::default()
        };
        Configuration::load(layer).map_err(|error| error.to_string())
    }

    /// Where the server is.
    pub(super) fn endpoint(&self) -> Result<EndpointFile, String> {
        let path = self.folders()?.endpoint();
        credentials::read(&path)?
            .ok_or_else(|| format!("{} is not there: start `alcazar serve` first", path.display()))
    }

    /// The root user's credentials.
    pub(super) fn root(&self) -> Result<RootFile, String> {
        let path = self.folders()?.root();
        credentials::read(&path)?.ok_or_else(|| {
            format!(
                "{} is not there: no store was created yet, or its root secret was shown on the terminal alone",
                path.display()
            )
        })
    }

    /// A client: `AWS_ENDPOINT_URL` and the credentials in the environment, else what the server left.
    pub(super) fn client(&self) -> Result<Client, String> {
        let mut client = self.stranger()?;
        let told = (text_variable("AWS_ACCESS_KEY_ID"), text_variable("AWS_SECRET_ACCESS_KEY"));
        client.credentials = Some(match told {
            (Some(access_key_id), Some(secret)) => ClientCredentials {
                access_key_id,
                secret: secret.into(),
                token: text_variable("AWS_SESSION_TOKEN").map(Into::into),
            },
            _ => {
                let root = self.root()?;
                ClientCredentials {
                    access_key_id: root.access_key_id,
                    secret: root.secret_access_key,
                    token: None,
                }
            }
        });
        Ok(client)
    }

    /// A client without credentials.
    pub(super) fn stranger(&self) -> Result<Client, String> {
        let region = text_variable("AWS_REGION").or_else(|| text_variable("AWS_DEFAULT_REGION"));
        let bundle = text_variable("AWS_CA_BUNDLE").map(PathBuf::from);
        let (endpoint, file) = match text_variable("AWS_ENDPOINT_URL") {
            Some(endpoint) => (endpoint, self.endpoint().ok()),
            None => {
                let file = self.endpoint()?;
                (file.endpoint.clone(), Some(file))
            }
        };
        let (file_region, file_bundle) =
            file.map_or((None, None), |file| (Some(file.region), file.ca_bundle));
        Ok(Client {
            endpoint,
            region: region.or(file_region).unwrap_or_else(|| "us-east-1".to_owned()),
            ca_bundle: bundle.or(file_bundle),
            credentials: None,
        })
    }
}
