//! Secrets from elsewhere: read first, all of them, and only then written.

mod aws;
mod destination;
mod files;

use std::collections::BTreeSet;
use std::path::PathBuf;

use alcazar_core::SecretText;
use clap::{Args, ValueEnum};
use serde_json::Value;

use super::known::{Installation, wait};
use destination::Destination;

/// Create secrets here, or give those that exist a new version. Values are never shown.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// What they come from
    #[arg(long, value_enum, value_name = "SOURCE")]
    from: Source,
    /// Tell the names and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The secret's name: for an environment file, and for a single answer of kv get in place of its file's name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What every name begins with here
    #[arg(long, value_name = "PREFIX", default_value = "")]
    prefix: String,
    #[command(flatten)]
    installation: Installation,
    /// Files to read; none for AWS
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Source {
    /// What `vault kv get -format=json` or `bao kv get -format=json` printed
    #[value(alias = "openbao")]
    Vault,
    /// An environment file, as one secret of many keys
    Env,
    /// Secrets Manager, with the key in ALCAZAR_IMPORT_AWS_ACCESS_KEY_ID and its like, or else in AWS's own variables
    Aws,
}

/// A secret as it is to be here.
struct Incoming {
    name: String,
    content: Content,
    description: Option<String>,
    /// As CreateSecret takes them.
    tags: Vec<Value>,
}

enum Content {
    Text(SecretText),
    /// In base64.
    Binary(SecretText),
    /// There is none to bring, for that reason.
    Nothing(&'static str),
}

impl Incoming {
    fn bare(name: String, content: Content) -> Self {
        Self { name, content, description: None, tags: Vec::new() }
    }
}

impl Import {
    pub(super) fn run(self) -> Result<(), String> {
        wait(async {
            let mut incoming = self.incoming().await?;
            let mut names = BTreeSet::new();
            for secret in &mut incoming {
                secret.name.insert_str(0, &self.prefix);
                if !names.insert(secret.name.clone()) {
                    return Err(format!("{:?} comes twice", secret.name));
                }
            }
            let upstream = match self.from {
                Source::Aws => Destination::own(&self.installation)?,
                Source::Vault | Source::Env => Destination::of(self.installation.upstream()?),
            };
            for secret in &incoming {
                let done = upstream.bring(secret, self.dry_run).await;
                println!("{} {}", done.map_err(|why| format!("{:?}: {why}", secret.name))?, secret.name);
            }
            Ok(())
        })
    }

    async fn incoming(&self) -> Result<Vec<Incoming>, String> {
        match (self.from, self.files.as_slice()) {
            (Source::Aws, []) if self.name.is_none() => aws::secrets(&self.installation).await,
            (Source::Aws, _) => Err("from AWS come all secrets of its account: name none".to_owned()),
            (Source::Vault | Source::Env, []) => Err("name the files to read".to_owned()),
            (Source::Vault, files) => files::exports(files, self.name.as_deref()),
            (Source::Env, [file]) => files::environment(file, self.name.as_deref()),
            (Source::Env, _) => Err("one environment file is one secret: name one file".to_owned()),
        }
    }
}
