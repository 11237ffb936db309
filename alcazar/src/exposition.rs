//! The metrics' own listener, on a loopback address.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::metrics::{Gauges, Metrics, resident_bytes};

/// Serves `GET /metrics` for as long as it is polled, one reader at a time: a second one waits, a slow one is cut off.
pub(crate) async fn serve(
    listener: TcpListener,
    metrics: Arc<Metrics>,
    gauges: impl Fn() -> Gauges + Send + Sync + 'static,
) {
    let gauges = &gauges;
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let service = service_fn(|request| {
            let answer = answer(&request, &metrics, gauges);
            async move { Ok::<_, Infallible>(answer) }
        });
        let mut protocol = http1::Builder::new();
        protocol.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(2)).keep_alive(false);
        let connection = protocol.serve_connection(TokioIo::new(stream), service);
        // Whether it got its page is the reader's own business.
        let _ = tokio::time::timeout(Duration::from_secs(5), connection).await;
    }
}

fn answer(
    request: &Request<Incoming>,
    metrics: &Metrics,
    gauges: &impl Fn() -> Gauges,
) -> Response<Full<Bytes>> {
    if request.method() != Method::GET || request.uri().path() != "/metrics" {
        let mut answer = Response::new(Full::from("GET /metrics\n"));
        *answer.status_mut() = StatusCode::NOT_FOUND;
        return answer;
    }
    let mut answer = Response::new(Full::from(metrics.render(&gauges())));
    let form = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, form);
    answer
}

/// What is known elsewhere at the moment of reading.
pub(crate) fn gauges(corridor: &alcazar_corridor::Corridor, connections: usize) -> Gauges {
    Gauges { connections, calls: corridor.tally().counts(), resident_bytes: resident_bytes() }
}
