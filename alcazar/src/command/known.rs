//! What the other commands know of the server: from its files, and from the environment, which wins.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use alcazar_ports::SystemClock;
use clap::Args;

use crate::client::{Client, ClientCredentials};
use crate::configuration::{Configuration, Folders, Layer, SealSource, text_variable};
use crate::credentials::{self, EndpointFile, RootFile};
use crate::upstream::{self, Upstream};

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

    /// The AWS services: where the environment says or else here, with its credentials or else the root user's.
    pub(super) fn upstream(&self) -> Result<Upstream, String> {
        self.reached(self.known_or_root(self.services()?)?)
    }

    /// The AWS services, with the environment's credentials alone: what acts for others must not be root unasked.
    pub(super) fn upstream_of_environment(&self) -> Result<Upstream, String> {
        let client = Client { credentials: environment_credentials("AWS_"), ..self.services()? };
        self.reached(client)
    }

    /// This installation, as its root user, whatever the environment says.
    pub(super) fn own_client(&self) -> Result<Client, String> {
        let EndpointFile { endpoint, region, ca_bundle, .. } = self.endpoint()?;
        let credentials = Some(self.root()?.into());
        Ok(Client { endpoint, region, ca_bundle, credentials })
    }

    /// As [`Installation::stranger`]; where nothing runs here, an endpoint of one service is enough.
    fn services(&self) -> Result<Client, String> {
        let named = text_variable("AWS_ENDPOINT_URL");
        let single = || upstream::ENDPOINT_VARIABLES.into_iter().find_map(text_variable);
        let named = if self.endpoint().is_err() { named.or_else(single) } else { named };
        self.stranger_at(named)
    }

    fn reached(&self, mut client: Client) -> Result<Upstream, String> {
        // What this installation's own certificate is trusted by says nothing of others.
        if self.endpoint().map_or(true, |file| file.endpoint != client.endpoint) {
            client.ca_bundle = text_variable("AWS_CA_BUNDLE").map(PathBuf::from);
        }
        Upstream::of(client, Arc::new(SystemClock::default()), true)
    }

    /// A client: `AWS_ENDPOINT_URL` and the credentials in the environment, else what the server left.
    pub(super) fn client(&self) -> Result<Client, String> {
        self.known_or_root(self.stranger()?)
    }

    fn known_or_root(&self, client: Client) -> Result<Client, String> {
        let credentials = match environment_credentials("AWS_") {
            Some(credentials) => credentials,
            None => self.root()?.into(),
        };
        Ok(Client { credentials: Some(credentials), ..client })
    }

    /// A client without credentials.
    pub(super) fn stranger(&self) -> Result<Client, String> {
        self.stranger_at(text_variable("AWS_ENDPOINT_URL"))
    }

    fn stranger_at(&self, named: Option<String>) -> Result<Client, String> {
        let region = text_variable("AWS_REGION").or_else(|| text_variable("AWS_DEFAULT_REGION"));
        let bundle = text_variable("AWS_CA_BUNDLE").map(PathBuf::from);
        let (endpoint, file) = match named {
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

/// The access key in the variables that begin so.
pub(super) fn environment_credentials(prefix: &str) -> Option<ClientCredentials> {
    let variable = |name: &str| text_variable(&format!("{prefix}{name}"));
    let access_key_id = variable("ACCESS_KEY_ID")?;
    let secret = variable("SECRET_ACCESS_KEY")?.into();
    Some(ClientCredentials { access_key_id, secret, token: variable("SESSION_TOKEN").map(Into::into) })
}

impl From<RootFile> for ClientCredentials {
    fn from(root: RootFile) -> Self {
        Self { access_key_id: root.access_key_id, secret: root.secret_access_key, token: None }
    }
}

/// Runs to its end what waits for others, in this thread.
pub(super) fn wait<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(work)
}
