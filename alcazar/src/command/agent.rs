use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use alcazar_ports::SystemClock;
use clap::{Args, Subcommand};

use super::known::{Installation, wait};
use crate::configuration::LogFormat;
use crate::logs;
use crate::programs::agent::{self, Bounds, Token};
use crate::shutdown::Signals;

/// Agents that run beside programs.
#[derive(Debug, Subcommand)]
pub(super) enum Agent {
    /// Give secrets to local programs over HTTP, as the AWS Secrets Manager Agent does
    Secrets(Secrets),
}

/// The token that programs must show is in AWS_TOKEN (or AWS_SESSION_TOKEN, AWS_CONTAINER_AUTHORIZATION_TOKEN), itself or as file:///...
#[derive(Debug, Args)]
pub(super) struct Secrets {
    /// The loopback address to answer at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:2773")]
    listen: SocketAddr,
    /// Seconds for which a value is given without asking again; 0 keeps none
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(0..=3600))]
    ttl: u64,
    /// How many values are kept
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..=1000))]
    cache_size: u16,
    /// How many connections are answered at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 800, value_parser = clap::value_parser!(u16).range(1..=1000))]
    max_conn: u16,
    /// What a path begins with that names a secret
    #[arg(long, value_name = "PREFIX", default_value = "/v1/", value_parser = prefix)]
    path_prefix: String,
    #[command(flatten)]
    installation: Installation,
}

impl Agent {
    pub(super) fn run(self) -> Result<(), String> {
        let Self::Secrets(secrets) = self;
        secrets.run()
    }
}

impl Secrets {
    fn run(self) -> Result<(), String> {
        if !self.listen.ip().is_loopback() {
            return Err(format!("{} is no loopback address: others must not read secrets here", self.listen));
        }
        logs::start(LogFormat::Text, "info")?;
        let token = Token::of_environment()?;
        let bounds = Bounds {
            ttl: Duration::from_secs(self.ttl),
            entries: self.cache_size.into(),
            connections: self.max_conn.into(),
        };
        let upstream = self.installation.upstream_of_environment()?;
        let agent =
            agent::Agent::new(upstream, Arc::new(SystemClock::default()), token, self.path_prefix, bounds);
        wait(async move {
            let mut signals = Signals::new().map_err(|error| error.to_string())?;
            tokio::select! {
                Err(error) = agent::serve(self.listen, Arc::new(agent)) => {
                    Err(format!("{}: {error}", self.listen))
                }
                () = signals.next() => {
                    tracing::info!("stopped");
                    Ok(())
                }
            }
        })
    }
}

fn prefix(text: &str) -> Result<String, String> {
    let fit = text.len() > 1 && text.starts_with('/') && text.ends_with('/');
    fit.then(|| text.to_owned()).ok_or_else(|| "a prefix begins and ends with /".to_owned())
}
