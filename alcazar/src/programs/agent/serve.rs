use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::Agent;

/// The longest that a connection lives, and the most that a request's head may take.
const LONGEST: Duration = Duration::from_secs(61);
const HEAD: usize = 64 * 1024;

/// Beyond the bound, so many are still told that it is full; others wait.
const TURNED_AWAY: usize = 16;

/// Answers at that address for as long as it is polled.
///
/// # Errors
/// When the address cannot be had.
pub(crate) async fn serve(address: SocketAddr, agent: Arc<Agent>) -> io::Result<Infallible> {
    let listener = TcpListener::bind(address).await?;
    tracing::info!("secrets at http://{}", listener.local_addr()?);
    let seats = Arc::new(Semaphore::new(agent.bounds.connections));
    let all = Arc::new(Semaphore::new(agent.bounds.connections.saturating_add(TURNED_AWAY)));
    loop {
        let Ok(place) = Arc::clone(&all).acquire_owned().await else {
            return Err(io::Error::other("nothing more is answered"));
        };
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, mostly.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (agent, seat) = (Arc::clone(&agent), Arc::clone(&seats).try_acquire_owned().ok());
        tokio::spawn(async move {
            connection(stream, &agent, seat.is_none()).await;
            drop((seat, place));
        });
    }
}

async fn connection(stream: TcpStream, agent: &Agent, crowded: bool) {
    // Nothing that is not on this machine gets an answer, whoever forwards.
    if let Err(error) = stream.set_ttl(1).and_then(|()| stream.set_nodelay(true)) {
        tracing::debug!(%error, "a connection is not fit");
        return;
    }
    let service =
        service_fn(|request| async move { Ok::<_, Infallible>(answer(agent, request, crowded).await) });
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10)).max_buf_size(HEAD);
    let served =
        tokio::time::timeout(LONGEST, protocol.serve_connection(TokioIo::new(stream), service)).await;
    if let Ok(Err(error)) = served {
        tracing::debug!(%error, "a connection ended");
    }
}

async fn answer(agent: &Agent, request: Request<Incoming>, crowded: bool) -> Response<Full<Bytes>> {
    let (head, _) = request.into_parts();
    // A health check is answered however full it is.
    let crowded = crowded && head.uri.path() != "/ping";
    match agent.answer(&head, crowded).await {
        Ok(body) => Response::new(Full::new(Bytes::from_owner(body))),
        Err(refusal) => {
            tracing::warn!(status = refusal.status, path = head.uri.path(), answer = ?refusal.body, "refused");
            let mut answer = Response::new(Full::from(refusal.body));
            if crowded {
                // The next connection may find a seat.
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            *answer.status_mut() =
                StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            answer
        }
    }
}
