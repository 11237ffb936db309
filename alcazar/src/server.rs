//! Start and stop of everything.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use alcazar_core::Region;
use alcazar_corridor::{Adjustment, Corridor, QuotaProfile, Quotas, Registry, ServiceEntry};
use alcazar_ports::{Clock, SystemClock, SystemEntropy};
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::bootstrap::{self, Opened, Ports};
use crate::configuration::{Configuration, Secrets};
use crate::credentials::RootFile;
use crate::database::Network;
use crate::listener::{Admission, Front, Limits, Pacer, Workers, accept, bind, tls};
use crate::metrics::Metrics;
use crate::outside::Outside;
use crate::trust::Trust;
use crate::xks::XksGate;
use crate::{exposition, parameters, retention, store};

/// Every service of the program: the one place that names them all.
pub const SERVICES: &[ServiceEntry] = &[
    alcazar_admin::SERVICE,
    alcazar_cloudtrail::SERVICE,
    alcazar_iam::SERVICE,
    alcazar_kms::SERVICE,
    alcazar_secretsmanager::SERVICE,
    alcazar_ssm::SERVICE,
    alcazar_sts::SERVICE,
];

/// A server that runs.
pub struct Server {
    /// Where the API is served.
    pub address: SocketAddr,
    /// Where the external key store proxy is.
    pub xks_address: Option<SocketAddr>,
    /// Where the metrics are.
    pub metrics_address: Option<SocketAddr>,
    /// The root user's credentials, when the store was just created.
    pub created: Option<RootFile>,
    corridor: Arc<Corridor>,
    stop: oneshot::Sender<()>,
    control: JoinHandle<Result<(), String>>,
}

impl Server {
    /// Opens or creates the store and serves it, on threads of its own. Returns when connections are accepted.
    ///
    /// # Errors
    /// In words for the operator.
    pub fn start(configuration: Configuration, secrets: &Secrets) -> Result<Self, String> {
        register_regions(&configuration)?;
        let quotas = quotas(configuration.quotas, &configuration.adjusted_quotas)?;
        let catalogue = parameters::catalogue(configuration.parameters.as_deref())?;
        let runtime =
            runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        let metrics = Arc::new(Metrics::default());
        let clock = Arc::new(SystemClock::default());
        // Before the store: a taken port is no reason to create one.
        let listener = bind(configuration.listen)
            .map_err(|error| format!("listen {}: {error}", configuration.listen))?;
        let exposed = configuration
            .metrics
            .map(|address| bind(address).map_err(|error| format!("metrics {address}: {error}")))
            .transpose()?;
        let xks = configuration
            .xks_listen
            .map(|address| bind(address).map_err(|error| format!("xks-listen {address}: {error}")))
            .transpose()?;
        let addresses = [Some(configuration.listen.ip()), configuration.xks_listen.map(|xks| xks.ip())];
        let tls = tls::acceptor(
            &configuration.transport,
            &configuration.folders,
            &addresses.into_iter().flatten().collect::<Vec<_>>(),
            clock.wall(),
        )?;
        let trust = Trust::of(configuration.trust.as_deref())?;
        let engine = store::open(&configuration.folders.data, metrics.appends.clone())?;
        let ports = Ports {
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy),
            http: Arc::new(Outside::new(trust.clone(), clock)),
            databases: Arc::new(Network::new(trust)),
        };
        let opened = bootstrap::open(&configuration, secrets, engine, ports);
        let Opened { universe, created } = runtime.block_on(opened)?;
        runtime
            .block_on(alcazar_ssm::publish(&*universe.store, &catalogue, universe.clock.now()))
            .map_err(|error| format!("parameters: {error}"))?;
        runtime.block_on(alcazar_secretsmanager::upgrade(&*universe.store))?;
        let corridor = Corridor::with_quotas(universe, Registry::new(SERVICES), quotas);
        let local =
            |listener: &std::net::TcpListener| listener.local_addr().map_err(|error| error.to_string());
        let (address, metrics_address) = (local(&listener)?, exposed.as_ref().map(local).transpose()?);
        let xks_address = xks.as_ref().map(local).transpose()?;
        let front = Front::new(
            corridor.clone(),
            configuration.limits,
            configuration.trusted_proxies.clone(),
            metrics.clone(),
            tls.clone(),
        );
        let gate =
            xks.map(|listener| gate(listener, &configuration, &corridor, &metrics, tls)).transpose()?;
        let workers =
            Workers::start(configuration.workers, &Arc::new(front)).map_err(|error| error.to_string())?;
        let (stop, stopped) = oneshot::channel();
        let control = Control { configuration, corridor: corridor.clone(), metrics, workers, gate };
        let control = std::thread::Builder::new()
            .name("control".to_owned())
            .spawn(move || runtime.block_on(control.run(listener, exposed, stopped)))
            .map_err(|error| error.to_string())?;
        Ok(Self { address, xks_address, metrics_address, created, corridor, stop, control })
    }

    /// The corridor that it serves: for benchmarks, which go around the sockets.
    pub fn corridor(&self) -> &Arc<Corridor> {
        &self.corridor
    }

    /// Stops: no connection is accepted any more, requests in flight get the drain timeout, jobs end, the store is closed.
    ///
    /// # Errors
    /// When the store could not be closed.
    pub fn stop(self) -> Result<(), String> {
        // The other end is gone only when the control thread has panicked, which joining tells.
        let _ = self.stop.send(());
        drop(self.corridor);
        self.control.join().map_err(|_| "the control thread panicked".to_owned())?
    }

    /// Whether it has ended without being asked.
    pub fn has_ended(&self) -> bool {
        self.control.is_finished()
    }
}

/// What runs beside the workers: accepting, watching over connections, jobs, metrics.
struct Control {
    configuration: Configuration,
    corridor: Arc<Corridor>,
    metrics: Arc<Metrics>,
    workers: Workers,
    gate: Option<Gate>,
}

/// The external key store proxy's own listener, with a thread of its own.
struct Gate {
    listener: std::net::TcpListener,
    workers: Workers,
}

/// Requests there are short: the longest plaintext and what is authenticated with it, in Base64, and a few ARNs.
const GATE_BODY: usize = 64 * 1024;

fn gate(
    listener: std::net::TcpListener,
    configuration: &Configuration,
    corridor: &Arc<Corridor>,
    metrics: &Arc<Metrics>,
    tls: Option<TlsAcceptor>,
) -> Result<Gate, String> {
    let region = Region::named(&configuration.region).unwrap_or_default();
    let limits = Limits { body_bytes: GATE_BODY, ..configuration.limits };
    let proxies = configuration.trusted_proxies.clone();
    let front = Front::new(corridor.clone(), limits, proxies, metrics.clone(), tls).of_gate(XksGate::new(
        corridor.clone(),
        region,
        &configuration.xks_path,
    ));
    let workers = Workers::start(1, &Arc::new(front)).map_err(|error| error.to_string())?;
    Ok(Gate { listener, workers })
}

impl Control {
    async fn run(
        self,
        listener: std::net::TcpListener,
        exposed: Option<std::net::TcpListener>,
        stopped: oneshot::Receiver<()>,
    ) -> Result<(), String> {
        let from_std = |listener| TcpListener::from_std(listener).map_err(|error| error.to_string());
        let pacer = Arc::new(Pacer::default());
        let admission = Admission::new(self.configuration.limits);
        let mut beside = vec![
            tokio::spawn(pacer.clone().run(self.configuration.limits)),
            tokio::spawn(self.corridor.clone().run_jobs()),
            tokio::spawn(retention::run(self.corridor.clone(), self.metrics.clone())),
        ];
        if let Some(exposed) = exposed {
            let (corridor, counted) = (self.corridor.clone(), pacer.clone());
            let gauges = move || exposition::gauges(&corridor, counted.count());
            beside.push(tokio::spawn(exposition::serve(from_std(exposed)?, self.metrics.clone(), gauges)));
        }
        let proxies = self.configuration.trusted_proxies.clone();
        let listener = from_std(listener)?;
        let gate = match self.gate {
            Some(Gate { listener, workers }) => Some((from_std(listener)?, workers)),
            None => None,
        };
        let at_gate = async {
            let Some((listener, workers)) = &gate else { return std::future::pending().await };
            let admission = Admission::new(self.configuration.limits);
            accept(listener, admission, proxies.clone(), pacer.clone(), self.metrics.clone(), workers).await;
        };
        let admitted =
            accept(&listener, admission, proxies.clone(), pacer.clone(), self.metrics.clone(), &self.workers);
        tokio::select! {
            () = admitted => {}
            () = at_gate => {}
            // An error means that the server was dropped without being stopped: the same thing.
            _ = stopped => {}
        }
        drain(&pacer, self.configuration.drain_timeout).await;
        for task in beside {
            task.abort();
            // Its being aborted is what was asked for.
            let _ = task.await;
        }
        let store = self.corridor.universe().store.clone();
        self.workers.end();
        if let Some((_, workers)) = gate {
            workers.end();
        }
        store.close().await.map_err(|error| error.to_string())
    }
}

/// Lets connections finish what they are at.
async fn drain(pacer: &Pacer, timeout: Duration) {
    pacer.stop();
    let ended = async {
        while pacer.count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if tokio::time::timeout(timeout, ended).await.is_err() {
        tracing::warn!(connections = pacer.count(), "requests in flight were broken off");
    }
}

/// The request quotas. A name that no service knows is refused: most likely it is misspelt.
fn quotas(profile: QuotaProfile, adjusted: &[Adjustment]) -> Result<Quotas, String> {
    let unknown = adjusted.iter().find(|one| alcazar_kms::quotas().all(|quota| quota.name != one.name));
    match unknown {
        Some(unknown) => Err(format!("quota: no request quota is called {:?}", unknown.name)),
        None => Ok(Quotas::new(profile, adjusted.iter().cloned())),
    }
}

/// The operator's own Regions, once in a process; a second server in it (tests) must want the same.
fn register_regions(configuration: &Configuration) -> Result<(), String> {
    let missing = configuration.regions.iter().any(|name| Region::named(name).is_none());
    if missing {
        Region::register(&configuration.regions).map_err(|error| format!("regions: {error}"))?;
    }
    if Region::named(&configuration.region).is_none() {
        return Err(format!("region: no Region {:?} is served; add it with --regions", configuration.region));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_quota_is_refused() {
        let adjusted = |name: &str| quotas(QuotaProfile::Aws, &[format!("{name}=7").parse().unwrap()]);
        assert!(adjusted("kms:CreateKey").is_ok());
        let refused = adjusted("kms:CreateKeys").unwrap_err();
        assert_eq!(refused, "quota: no request quota is called \"kms:CreateKeys\"");
    }
}
