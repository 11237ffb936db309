use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use alcazar_corridor::{Adjustment, QuotaProfile};
use serde::Deserialize;

use super::{SealSource, Span};
use crate::listener::Cidr;

/// The options as one source tells them: flags and environment together (the flag wins), or the file. Every option has the same
/// name in all three: `--max-body`, `ALCAZAR_MAX_BODY`, `max-body`.
#[derive(Debug, Clone, Default, PartialEq, clap::Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Layer {
    /// Options from a TOML file [default: alcazar.toml in the user's configuration folder, if there is one]
    #[arg(long, env = "ALCAZAR_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Folder of the store [default: $XDG_DATA_HOME/alcazar]
    #[arg(long, env = "ALCAZAR_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Address of the API [default: 127.0.0.1:4566]
    #[arg(long, env = "ALCAZAR_LISTEN", value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,

    /// Address of the external key store proxy, by which keys of this installation back those of another KMS [default: none]
    #[arg(long, env = "ALCAZAR_XKS_LISTEN", value_name = "ADDR:PORT")]
    pub xks_listen: Option<SocketAddr>,

    /// What stands before /kms/xks/v1 in the proxy's paths: /prefix [default: nothing]
    #[arg(long, env = "ALCAZAR_XKS_PATH", value_name = "PATH")]
    pub xks_path: Option<String>,

    /// What unseals the store: file:PATH, passphrase (asked for, or ALCAZAR_SEAL_PASSPHRASE), env:NAME (32 bytes in base64)
    #[arg(long, env = "ALCAZAR_SEAL", value_name = "SOURCE")]
    pub seal: Option<SealSource>,

    /// Region that `alcazar env` names [default: us-east-1]
    #[arg(long, env = "ALCAZAR_REGION", value_name = "NAME")]
    pub region: Option<String>,

    /// Region names of your own, beside all published ones
    #[arg(long, env = "ALCAZAR_REGIONS", value_name = "NAMES", value_delimiter = ',')]
    pub regions: Option<Vec<String>>,

    /// Public parameters (/aws/service/...) of Parameter Store, in a TOML or JSON file
    #[arg(long, env = "ALCAZAR_PARAMETERS", value_name = "FILE")]
    pub parameters: Option<PathBuf>,

    /// Create the store with a clock that can be moved, or serve one that was created so
    #[arg(long, env = "ALCAZAR_TEST_CLOCK", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub test_clock: Option<bool>,

    /// Certificate chain in PEM, leaf first
    #[arg(long, env = "ALCAZAR_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// Private key in PEM
    #[arg(long, env = "ALCAZAR_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// TLS with certificates of an authority that is made for this installation
    #[arg(long, env = "ALCAZAR_TLS_SELF", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub tls_self: Option<bool>,

    /// Further names and addresses for --tls-self
    #[arg(long, env = "ALCAZAR_TLS_NAMES", value_name = "NAMES", value_delimiter = ',')]
    pub tls_names: Option<Vec<String>>,

    /// Plain HTTP on an address that other machines reach: secrets cross the network in the clear
    #[arg(long, env = "ALCAZAR_PLAINTEXT", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub plaintext: Option<bool>,

    /// Authorities in PEM by which servers outside are believed: external key store proxies, databases of rotated secrets [default: the system's]
    #[arg(long, env = "ALCAZAR_TRUST", value_name = "FILE")]
    pub trust: Option<PathBuf>,

    /// Networks of the proxies whose X-Forwarded-For and X-Forwarded-Proto count
    #[arg(long, env = "ALCAZAR_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    pub trusted_proxy: Option<Vec<Cidr>>,

    /// Loopback address of the metrics, or `off` [default: the API's port and one]
    #[arg(long, env = "ALCAZAR_METRICS", value_name = "ADDR:PORT")]
    pub metrics: Option<String>,

    /// Form of the log: text or json [default: text]
    #[arg(long, env = "ALCAZAR_LOG", value_name = "FORM")]
    pub log: Option<LogFormat>,

    /// What is logged: error, warn, info, debug, trace, or filter directives [default: info]
    #[arg(long, env = "ALCAZAR_LOG_LEVEL", value_name = "LEVEL")]
    pub log_level: Option<String>,

    /// Threads that serve connections [default: one for each processor]
    #[arg(long, env = "ALCAZAR_WORKERS", value_name = "N")]
    pub workers: Option<usize>,

    /// Connections at a time
    #[arg(long, env = "ALCAZAR_MAX_CONNECTIONS", value_name = "N", help_heading = "Limits")]
    pub max_connections: Option<usize>,

    /// Connections at a time from one address (of IPv6: from one /64)
    #[arg(long, env = "ALCAZAR_MAX_CONNECTIONS_PER_SOURCE", value_name = "N", help_heading = "Limits")]
    pub max_connections_per_source: Option<usize>,

    /// Bytes of a request's body
    #[arg(long, env = "ALCAZAR_MAX_BODY", value_name = "BYTES", help_heading = "Limits")]
    pub max_body: Option<usize>,

    /// Time for a request's headers, and for a TLS handshake
    #[arg(long, env = "ALCAZAR_HEADER_TIMEOUT", value_name = "TIME", help_heading = "Limits")]
    pub header_timeout: Option<Span>,

    /// Time for a request's body; longer for as long as it arrives at 16 KiB/s
    #[arg(long, env = "ALCAZAR_BODY_TIMEOUT", value_name = "TIME", help_heading = "Limits")]
    pub body_timeout: Option<Span>,

    /// Time between requests on one connection
    #[arg(long, env = "ALCAZAR_IDLE_TIMEOUT", value_name = "TIME", help_heading = "Limits")]
    pub idle_timeout: Option<Span>,

    /// Time that requests in flight get at a stop
    #[arg(long, env = "ALCAZAR_DRAIN_TIMEOUT", value_name = "TIME", help_heading = "Limits")]
    pub drain_timeout: Option<Span>,

    /// Request quotas: protective (only what is dear, like RSA keys) or aws (those that AWS documents) [default: protective]
    #[arg(long, env = "ALCAZAR_QUOTAS", value_name = "PROFILE", help_heading = "Limits")]
    pub quotas: Option<QuotaProfile>,

    /// Request quotas of your own, whatever the profile: kms:CreateKey=50; 0 refuses every call
    #[arg(
        long,
        env = "ALCAZAR_QUOTA",
        value_name = "NAME=PER_SECOND",
        value_delimiter = ',',
        help_heading = "Limits"
    )]
    pub quota: Option<Vec<Adjustment>>,
}

/// The log's form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Layer {
    /// This layer with its gaps filled from the one below.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            config: self.config.or(below.config),
            data: self.data.or(below.data),
            listen: self.listen.or(below.listen),
            xks_listen: self.xks_listen.or(below.xks_listen),
            xks_path: self.xks_path.or(below.xks_path),
            seal: self.seal.or(below.seal),
            region: self.region.or(below.region),
            regions: self.regions.or(below.regions),
            parameters: self.parameters.or(below.parameters),
            test_clock: self.test_clock.or(below.test_clock),
            tls_cert: self.tls_cert.or(below.tls_cert),
            tls_key: self.tls_key.or(below.tls_key),
            tls_self: self.tls_self.or(below.tls_self),
            tls_names: self.tls_names.or(below.tls_names),
            plaintext: self.plaintext.or(below.plaintext),
            trust: self.trust.or(below.trust),
            trusted_proxy: self.trusted_proxy.or(below.trusted_proxy),
            metrics: self.metrics.or(below.metrics),
            log: self.log.or(below.log),
            log_level: self.log_level.or(below.log_level),
            workers: self.workers.or(below.workers),
            max_connections: self.max_connections.or(below.max_connections),
            max_connections_per_source: self.max_connections_per_source.or(below.max_connections_per_source),
            max_body: self.max_body.or(below.max_body),
            header_timeout: self.header_timeout.or(below.header_timeout),
            body_timeout: self.body_timeout.or(below.body_timeout),
            idle_timeout: self.idle_timeout.or(below.idle_timeout),
            drain_timeout: self.drain_timeout.or(below.drain_timeout),
            quotas: self.quotas.or(below.quotas),
            quota: self.quota.or(below.quota),
        }
    }
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(format!("{other:?} is neither text nor json")),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_layer_wins_and_gaps_are_filled_from_below() {
        let flags = Layer { region: Some("eu-west-1".into()), ..Layer::default() };
        let file = Layer { region: Some("us-west-2".into()), max_body: Some(7), ..Layer::default() };
        let both = flags.over(file);
        assert_eq!((both.region.as_deref(), both.max_body), (Some("eu-west-1"), Some(7)));
    }
}
