use std::io::Write;

use tokio::runtime;

use crate::configuration::{Configuration, Layer, SealSource, Secrets, Transport, unknown_variables};
use crate::credentials::{self, EndpointFile};
use crate::metrics::Stopwatch;
use crate::server::Server;
use crate::shutdown::Signals;
use crate::{cores, logs, terminal};

/// Serves until it is told to stop.
pub(super) fn serve(layer: Layer) -> Result<(), String> {
    let started = Stopwatch::start();
    let configuration = Configuration::load(layer).map_err(|error| error.to_string())?;
    // While this is the only thread.
    let secrets = Secrets::take(&configuration.seal).map_err(|error| error.to_string())?;
    logs::start(configuration.log, &configuration.log_level)?;
    for name in unknown_variables(&super::variables()) {
        tracing::warn!("{name} is no option of this program");
    }
    cores::limit();
    raise_open_files();
    let runtime =
        runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals::new().map_err(|error| error.to_string())?
    };
    let server = Server::start(configuration.clone(), &secrets)?;
    drop(secrets);
    tell(&configuration, &server, started)?;
    runtime.block_on(async {
        signals.next().await;
        tracing::info!("stopping; a second signal ends at once");
        let stopping = tokio::task::spawn_blocking(move || server.stop());
        tokio::select! {
            stopped = stopping => stopped.map_err(|error| error.to_string())?,
            () = signals.next() => {
                tracing::warn!("ended at once; what was answered is durable all the same");
                std::process::exit(130)
            }
        }
    })?;
    tracing::info!("stopped");
    Ok(())
}

/// Says where everything is, and leaves the endpoint where `alcazar env` finds it.
fn tell(configuration: &Configuration, server: &Server, started: Stopwatch) -> Result<(), String> {
    let endpoint = configuration.endpoint(server.address);
    let folders = &configuration.folders;
    let own_issue = matches!(configuration.transport, Transport::SelfIssued { .. });
    credentials::write(
        &folders.endpoint(),
        &EndpointFile {
            endpoint: endpoint.clone(),
            region: configuration.region.clone(),
            ca_bundle: own_issue.then(|| folders.authority()),
            metrics: server.metrics_address.map(|address| address.to_string()),
        },
    )?;
    if let Some(root) = &server.created {
        tracing::info!(account = root.account_id, access_key_id = root.access_key_id, "store created");
        show_secret(configuration, server);
    }
    let seal = match &configuration.seal {
        SealSource::File(path) => path.display().to_string(),
        SealSource::Passphrase => "passphrase".to_owned(),
        SealSource::Environment(name) => format!("variable {name}"),
    };
    let metrics =
        server.metrics_address.map_or("off".to_owned(), |address| format!("http://{address}/metrics"));
    let took = started.elapsed().as_millis() as u64;
    tracing::info!(endpoint, data = %folders.data.display(), seal, metrics, took_ms = took, "serving");
    if let Some(address) = server.xks_address {
        let path = format!("{}/kms/xks/v1", configuration.xks_path);
        tracing::info!(%address, path, "external key store proxy");
    }
    if folders.root().exists() {
        tracing::info!(credentials = %folders.root().display(), "in another shell: eval \"$(alcazar env)\"");
    }
    warn(configuration, own_issue);
    Ok(())
}

fn warn(configuration: &Configuration, own_issue: bool) {
    if own_issue {
        let authority = configuration.folders.authority();
        tracing::info!("clients trust this server with: export AWS_CA_BUNDLE={}", authority.display());
    }
    if configuration.transport == Transport::Plaintext {
        tracing::warn!(
            "PLAINTEXT: {} is plain HTTP; whoever is on the way reads every secret",
            configuration.listen
        );
    }
    if configuration.test_clock {
        tracing::warn!(
            "TEST CLOCK: the services' time of this store can be moved; nothing in it is for production"
        );
    }
}

/// The new root secret, once, to whoever watches; never to a log.
fn show_secret(configuration: &Configuration, server: &Server) {
    let Some(root) = &server.created else { return };
    if !terminal::is_watched() {
        return;
    }
    let kept = configuration.folders.root();
    let kept = if kept.exists() {
        format!("(kept in {})", kept.display())
    } else {
        "(shown only this once)".to_owned()
    };
    let mut out = std::io::stdout().lock();
    // Nothing can be done for a terminal that refuses.
    let _ = writeln!(
        out,
        "\n  Root user of account {}  {kept}\n    AWS_ACCESS_KEY_ID      {}\n    AWS_SECRET_ACCESS_KEY  {}\n",
        root.account_id,
        root.access_key_id,
        root.secret_access_key.expose()
    );
}

/// As many open files as the system allows: each connection is one.
fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!(%error, "the limit on open files stays as it is");
    }
}
