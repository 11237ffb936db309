use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use super::limits::{Admission, Full};
use super::serve::Accepted;
use super::{Pacer, TrustedProxies, Workers};
use crate::metrics::Metrics;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;

/// What a connection over the limit is told; it is not worth more than one write.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: 149\r\n\r\n\
    <ErrorResponse><Error><Type>Receiver</Type><Code>ServiceUnavailable</Code><Message>Too many connections. Try again.\
    </Message></Error></ErrorResponse>";

/// Binds the address.
///
/// # Errors
/// When it is taken, or not this machine's.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart need not wait for the old connections to be forgotten.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Accepts connections for as long as it is polled.
pub(crate) async fn accept(
    listener: &TcpListener,
    admission: Arc<Admission>,
    proxies: TrustedProxies,
    pacer: Arc<Pacer>,
    metrics: Arc<Metrics>,
    workers: &Workers,
) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                wait_out(&error).await;
                continue;
            }
        };
        let peer = peer.ip().to_canonical();
        let Ok(mut stream) = stream.into_std() else { continue };
        match admission.enter(peer, proxies.contains(peer)) {
            Ok(place) => {
                // Answers are written whole, so there is nothing to wait for.
                let _ = stream.set_nodelay(true);
                metrics.connected();
                workers.give(Accepted { stream, peer, place, beat: pacer.join() });
            }
            Err(full) => {
                metrics.refused(match full {
                    Full::All => "connections_too_many",
                    Full::Source => "connections_of_source_too_many",
                });
                // Not blocking: the empty send buffer takes it, or nobody gets it.
                let _ = stream.write(FULL);
            }
        }
    }
}

/// A connection that went before it was accepted is nobody's trouble; no more open files is a reason to wait for some to close.
async fn wait_out(error: &io::Error) {
    let gone = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset, ErrorKind::Interrupted];
    if !gone.contains(&error.kind()) {
        tracing::warn!(%error, "no connection could be accepted");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_says_its_length() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{}", body.len());
    }
}
