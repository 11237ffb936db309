//! The program's configuration: read once, at start, from flags, environment, file and defaults, in that order.

mod environment;
mod file;
mod folders;
mod layer;
mod seal;
mod units;

pub use environment::{Presets, Secrets};
pub(crate) use environment::{text_variable, unknown_variables};
pub use folders::Folders;
pub use layer::{Layer, LogFormat};
pub use seal::SealSource;
pub use units::Span;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use alcazar_corridor::{Adjustment, QuotaProfile};

use crate::listener::{Limits, TrustedProxies};

/// Everything the server is told, checked.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where data, seal and credentials are.
    pub folders: Folders,
    /// Where the API is served.
    pub listen: SocketAddr,
    /// Where the external key store proxy is served; `None` is nowhere.
    pub xks_listen: Option<SocketAddr>,
    /// What stands before `/kms/xks/v1` in its paths; empty, or `/...`.
    pub xks_path: String,
    /// What unseals the store.
    pub seal: SealSource,
    /// The Region that `alcazar env` names.
    pub region: String,
    /// Region names of the operator's own.
    pub regions: Vec<String>,
    /// The catalogue of public parameters; without one there are none.
    pub parameters: Option<PathBuf>,
    /// The store's clock is movable.
    pub test_clock: bool,
    /// How the API is spoken.
    pub transport: Transport,
    /// The authorities, in PEM, by which servers outside are believed; `None` for the system's.
    pub trust: Option<PathBuf>,
    /// Whose `X-Forwarded-*` headers count.
    pub trusted_proxies: TrustedProxies,
    /// Where the metrics are served; `None` is nowhere.
    pub metrics: Option<SocketAddr>,
    /// The log's form.
    pub log: LogFormat,
    /// What is logged: a level, or `tracing`'s filter directives.
    pub log_level: String,
    /// How many threads serve connections.
    pub workers: usize,
    /// What the listener bears.
    pub limits: Limits,
    /// How long requests in flight may take at a stop.
    pub drain_timeout: Duration,
    /// Which request quotas hold.
    pub quotas: QuotaProfile,
    /// The quotas that the operator adjusts, by names that the server checks.
    pub adjusted_quotas: Vec<Adjustment>,
}

/// How the API is spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// Plain HTTP on a loopback address.
    Loopback,
    /// Plain HTTP for everybody to read, because the operator insisted.
    Plaintext,
    /// TLS with the operator's own files, in PEM.
    OwnCertificate {
        /// The chain, leaf first.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// TLS by a certificate authority of the installation's own.
    SelfIssued {
        /// Names and addresses beside the loopback ones.
        names: Vec<String>,
    },
}

/// The configuration cannot be used: which option, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationError(pub String);

/// Where the API is served unless told otherwise.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4566);

impl Configuration {
    /// Reads the file that the layer names (or the user's own, if there is one) beneath the flags and environment that the layer
    /// holds, and checks the whole.
    ///
    /// # Errors
    /// When the file cannot be read or has unknown keys, or when options contradict each other.
    pub fn load(flags: Layer) -> Result<Self, ConfigurationError> {
        let layer = flags.over_file()?;
        Self::checked(layer)
    }

    fn checked(layer: Layer) -> Result<Self, ConfigurationError> {
        let listen = layer.listen.unwrap_or(DEFAULT_LISTEN);
        let transport = transport(&layer, listen)?;
        let metrics = metrics(layer.metrics.as_deref(), listen)?;
        let xks_path = xks(&layer, &transport)?;
        let folders = Folders::of(layer.data.as_deref(), layer.seal.as_ref())?;
        let limits = limits(&layer)?;
        Ok(Self {
            seal: layer.seal.unwrap_or_else(|| SealSource::File(folders.private.join("seal"))),
            folders,
            listen,
            xks_listen: layer.xks_listen,
            xks_path,
            region: layer.region.unwrap_or_else(|| "us-east-1".to_owned()),
            regions: layer.regions.unwrap_or_default(),
            parameters: layer.parameters,
            test_clock: layer.test_clock.unwrap_or(false),
            transport,
            trust: layer.trust,
            trusted_proxies: TrustedProxies::new(layer.trusted_proxy.unwrap_or_default()),
            metrics,
            log: layer.log.unwrap_or_default(),
            log_level: layer.log_level.unwrap_or_else(|| "info".to_owned()),
            workers: layer.workers.unwrap_or_else(processors).clamp(1, 256),
            limits,
            drain_timeout: layer.drain_timeout.map_or(Duration::from_secs(10), Duration::from),
            quotas: layer.quotas.unwrap_or_default(),
            adjusted_quotas: layer.quota.unwrap_or_default(),
        })
    }

    /// The endpoint's URL for clients on this machine, once the port is known.
    pub fn endpoint(&self, bound: SocketAddr) -> String {
        let scheme = match self.transport {
            Transport::Loopback | Transport::Plaintext => "http",
            Transport::OwnCertificate { .. } | Transport::SelfIssued { .. } => "https",
        };
        let reachable = match bound.ip() {
            IpAddr::V4(any) if any.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(any) if any.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            address => address,
        };
        format!("{scheme}://{}", SocketAddr::new(reachable, bound.port()))
    }
}

fn transport(layer: &Layer, listen: SocketAddr) -> Result<Transport, ConfigurationError> {
    let (own_issue, plaintext) = (layer.tls_self.unwrap_or(false), layer.plaintext.unwrap_or(false));
    match (&layer.tls_cert, &layer.tls_key) {
        (Some(_), Some(_)) if own_issue => Err(refuse("tls-self and tls-cert exclude each other")),
        (Some(_), Some(_)) if plaintext => Err(refuse("plaintext and tls-cert exclude each other")),
        (Some(certificate), Some(key)) => {
            Ok(Transport::OwnCertificate { certificate: certificate.clone(), key: key.clone() })
        }
        (Some(_), None) | (None, Some(_)) => Err(refuse("tls-cert and tls-key belong together")),
        (None, None) if own_issue && plaintext => Err(refuse("plaintext and tls-self exclude each other")),
        (None, None) if own_issue => {
            Ok(Transport::SelfIssued { names: layer.tls_names.clone().unwrap_or_default() })
        }
        (None, None) if listen.ip().is_loopback() => Ok(Transport::Loopback),
        (None, None) if plaintext => Ok(Transport::Plaintext),
        (None, None) => Err(refuse(format!(
            "{listen} can be reached from other machines: give --tls-cert and --tls-key, or --tls-self, or insist with \
             --plaintext"
        ))),
    }
}

/// The proxy speaks as the API does: in plain HTTP only on loopback addresses, unless the operator insists.
fn xks(layer: &Layer, transport: &Transport) -> Result<String, ConfigurationError> {
    if let Some(address) = layer.xks_listen
        && *transport == Transport::Loopback
        && !address.ip().is_loopback()
    {
        return Err(refuse(format!(
            "xks-listen: {address} can be reached from other machines: give --tls-cert and --tls-key, or --tls-self"
        )));
    }
    let prefix = layer.xks_path.clone().unwrap_or_default();
    // The whole path has 128 characters at most (CreateCustomKeyStore, XksProxyUriPath).
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_');
    let fits = prefix.is_empty()
        || (prefix.starts_with('/') && !prefix.ends_with('/') && (2..=116).contains(&prefix.len()));
    match fits && prefix.bytes().all(allowed) {
        true => Ok(prefix),
        false => Err(refuse(format!(
            "xks-path: {prefix:?} is no path prefix: /letters-digits_and/slashes, without one at its end"
        ))),
    }
}

/// Beside the API's port unless told otherwise, and never on an address that others reach.
fn metrics(told: Option<&str>, listen: SocketAddr) -> Result<Option<SocketAddr>, ConfigurationError> {
    let Some(told) = told else {
        // An API on a port of the system's choice has its metrics on another such port.
        let port = if listen.port() == 0 { 0 } else { listen.port().checked_add(1).unwrap_or(0) };
        return Ok(Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)));
    };
    if told == "off" {
        return Ok(None);
    }
    let address: SocketAddr =
        told.parse().map_err(|_| refuse(format!("metrics: {told:?} is no ADDR:PORT and not `off`")))?;
    if !address.ip().is_loopback() {
        return Err(refuse(format!("metrics: {address} is not a loopback address")));
    }
    Ok(Some(address))
}

fn limits(layer: &Layer) -> Result<Limits, ConfigurationError> {
    let default = Limits::default();
    let span = |told: Option<Span>, default| told.map_or(default, Duration::from);
    let limits = Limits {
        connections: layer.max_connections.unwrap_or(default.connections),
        connections_per_source: layer.max_connections_per_source.unwrap_or(default.connections_per_source),
        body_bytes: layer.max_body.unwrap_or(default.body_bytes),
        header_timeout: span(layer.header_timeout, default.header_timeout),
        body_timeout: span(layer.body_timeout, default.body_timeout),
        idle_timeout: span(layer.idle_timeout, default.idle_timeout),
        ..default
    };
    let positive = limits.connections > 0 && limits.connections_per_source > 0 && limits.body_bytes > 0;
    if positive { Ok(limits) } else { Err(refuse("limits: none of them may be zero")) }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn refuse(message: impl Into<String>) -> ConfigurationError {
    ConfigurationError(message.into())
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigurationError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(change: impl FnOnce(&mut Layer)) -> Result<Configuration, ConfigurationError> {
        let mut layer = Layer { data: Some(PathBuf::from("/tmp/alcazar-test")), ..Layer::default() };
        change(&mut layer);
        Configuration::checked(layer)
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn without_options_the_api_is_plain_on_loopback_and_the_metrics_beside_it() {
        let configuration = checked(|_| ()).unwrap();
        assert_eq!(configuration.listen, address("127.0.0.1:4566"));
        assert_eq!(configuration.metrics, Some(address("127.0.0.1:4567")));
        assert_eq!(configuration.transport, Transport::Loopback);
        assert_eq!(configuration.region, "us-east-1");
    }

    #[test]
    fn an_address_that_others_reach_wants_tls_or_insistence() {
        let open = |layer: &mut Layer| layer.listen = Some(address("0.0.0.0:443"));
        let refused = checked(open).unwrap_err();
        assert!(refused.0.contains("--plaintext"), "{refused}");
        let insisted = checked(|layer| {
            open(layer);
            layer.plaintext = Some(true);
        });
        assert_eq!(insisted.unwrap().transport, Transport::Plaintext);
        let own = checked(|layer| {
            open(layer);
            layer.tls_self = Some(true);
        });
        assert_eq!(own.unwrap().transport, Transport::SelfIssued { names: Vec::new() });
    }

    #[test]
    fn half_a_certificate_is_refused() {
        let refused = checked(|layer| layer.tls_cert = Some("cert.pem".into())).unwrap_err();
        assert_eq!(refused.0, "tls-cert and tls-key belong together");
    }

    #[test]
    fn the_external_key_store_proxy_is_off_unless_asked_for_and_wants_tls_as_the_api_does() {
        let configuration = checked(|_| ()).unwrap();
        assert_eq!((configuration.xks_listen, configuration.xks_path.as_str()), (None, ""));
        let open = |layer: &mut Layer| layer.xks_listen = Some(address("0.0.0.0:443"));
        assert!(checked(open).unwrap_err().0.contains("--tls-self"));
        let own = checked(|layer| {
            open(layer);
            layer.tls_self = Some(true);
            layer.xks_path = Some("/a/b".into());
        });
        assert_eq!(own.unwrap().xks_path, "/a/b");
        for wrong in ["a", "/", "/a/", "/a b", "/ä"] {
            assert!(checked(|layer| layer.xks_path = Some(wrong.into())).is_err(), "{wrong}");
        }
    }

    #[test]
    fn metrics_never_leave_the_machine() {
        assert!(checked(|layer| layer.metrics = Some("10.0.0.1:9000".into())).is_err());
        assert_eq!(checked(|layer| layer.metrics = Some("off".into())).unwrap().metrics, None);
    }

    #[test]
    fn the_endpoint_of_every_address_is_one_that_can_be_reached() {
        let configuration = checked(|_| ()).unwrap();
        assert_eq!(configuration.endpoint(address("0.0.0.0:80")), "http://127.0.0.1:80");
        assert_eq!(configuration.endpoint(address("[::]:80")), "http://[::1]:80");
    }
}
