use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use alcazar_ports::HttpError;
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::idle::Sender;
use super::place::Place;
use crate::trust::Trust;

/// The most that the head of an answer may take.
const HEAD: usize = 32 * 1024;

/// Makes connections.
pub(super) struct Connector {
    trust: Trust,
    tls: OnceLock<Arc<ClientConfig>>,
}

impl Connector {
    pub(super) fn new(trust: Trust) -> Self {
        Self { trust, tls: OnceLock::new() }
    }

    /// A fresh connection; `connected` says when there is one of TCP.
    pub(super) async fn connect(&self, place: &Place, connected: &AtomicBool) -> Result<Sender, HttpError> {
        let unreachable = |error: std::io::Error| HttpError::Unreachable(error.to_string());
        let stream = TcpStream::connect((place.host.as_str(), place.port)).await.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        connected.store(true, Ordering::Relaxed);
        if !place.secure {
            return speaking(stream).await;
        }
        let tls = |error: &dyn std::fmt::Display| HttpError::Tls(error.to_string());
        let name = ServerName::try_from(place.host.clone()).map_err(|error| tls(&error))?;
        let connector = TlsConnector::from(self.tls()?);
        speaking(connector.connect(name, stream).await.map_err(|error| tls(&error))?).await
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, HttpError> {
        if let Some(known) = self.tls.get() {
            return Ok(Arc::clone(known));
        }
        let mut config = self.trust.proven().map_err(HttpError::Tls)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::clone(self.tls.get_or_init(|| Arc::new(config))))
    }
}

/// HTTP over that stream; a task of its own carries it until it ends.
async fn speaking<S>(stream: S) -> Result<Sender, HttpError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    TokioIo<S>: Read + Write,
{
    let mut protocol = http1::Builder::new();
    protocol.max_buf_size(HEAD);
    let spoken = protocol.handshake(TokioIo::new(stream)).await;
    let (sender, connection) = spoken.map_err(|error| HttpError::Interrupted(error.to_string()))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the world outside ended");
        }
    });
    Ok(sender)
}
