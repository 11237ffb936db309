use std::sync::Arc;

use alcazar_core::{SecretText, id};
use alcazar_ports::{SystemClock, SystemEntropy, id_array};
use alcazar_sigv4::sha256;
use serde::Serialize;
use serde_json::Value;

use super::{Content, Incoming};
use crate::command::known::Installation;
use crate::upstream::{CallError, SECRETS_MANAGER, SecretValue, Upstream, VersionOf};

/// Where secrets are brought.
pub(super) struct Destination(Upstream);

/// CreateSecret's input, and PutSecretValue's.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Write<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_id: Option<&'a str>,
    client_request_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_string: Option<&'a SecretText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_binary: Option<&'a SecretText>,
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    tags: &'a [Value],
}

impl Destination {
    /// There.
    pub(super) fn of(upstream: Upstream) -> Self {
        Self(upstream)
    }

    /// This installation, as its root user.
    pub(super) fn own(installation: &Installation) -> Result<Self, String> {
        let upstream = Upstream::of(installation.own_client()?, Arc::new(SystemClock::default()), false);
        upstream.map(Self)
    }

    /// Creates the secret, or gives it a new version unless it has that value already; in a word, what was done.
    pub(super) async fn bring(&self, secret: &Incoming, dry: bool) -> Result<String, String> {
        if let Content::Nothing(why) = secret.content {
            return Ok(format!("skipped ({why})"));
        }
        let done = if dry { self.would(secret).await } else { self.done(secret).await };
        done.map(str::to_owned).map_err(|error| error.to_string())
    }

    async fn would(&self, secret: &Incoming) -> Result<&'static str, CallError> {
        match self.0.description(&secret.name).await {
            Ok(_) => Ok("would update"),
            Err(error) if error.is("ResourceNotFoundException") => Ok("would create"),
            Err(error) => Err(error),
        }
    }

    async fn done(&self, secret: &Incoming) -> Result<&'static str, CallError> {
        let name = secret.name.as_str();
        let create = Write {
            name: Some(name),
            description: secret.description.as_deref(),
            tags: &secret.tags,
            ..Write::of(secret)
        };
        match self.0.call::<Value>(&SECRETS_MANAGER, "CreateSecret", &create).await {
            Ok(_) => return Ok("created"),
            Err(error) if error.is("ResourceExistsException") => {}
            Err(error) => return Err(error),
        }
        match self.0.secret(&VersionOf::current(name)).await {
            Ok(known) if secret.content.is(&known) => return Ok("unchanged"),
            Err(error) if !error.is("ResourceNotFoundException") => return Err(error),
            _ => {}
        }
        let put = Write { secret_id: Some(name), ..Write::of(secret) };
        self.0.call::<Value>(&SECRETS_MANAGER, "PutSecretValue", &put).await.map(|_| "updated")
    }
}

impl<'a> Write<'a> {
    fn of(secret: &'a Incoming) -> Self {
        let (secret_string, secret_binary) = match &secret.content {
            Content::Text(text) => (Some(text), None),
            Content::Binary(binary) => (None, Some(binary)),
            Content::Nothing(_) => (None, None),
        };
        Self {
            name: None,
            secret_id: None,
            client_request_token: id::uuid_v4(id_array(&SystemEntropy)),
            description: None,
            secret_string,
            secret_binary,
            tags: &[],
        }
    }
}

impl Content {
    fn is(&self, known: &SecretValue) -> bool {
        let same = |known: &Option<SecretText>, own: &SecretText| {
            known
                .as_ref()
                .is_some_and(|known| sha256(known.expose().as_bytes()) == sha256(own.expose().as_bytes()))
        };
        match self {
            Self::Text(own) => same(&known.secret_string, own),
            Self::Binary(own) => same(&known.secret_binary, own),
            Self::Nothing(_) => false,
        }
    }
}
