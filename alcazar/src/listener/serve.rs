//! A connection's life: handshake, requests, end.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use alcazar_corridor::{Arrival, Corridor, panic_text};
use bytes::Bytes;
use futures_util::FutureExt;
use http::header::EXPECT;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::body::{self, Unread};
use super::connection::{End, Graceful, Heard, Obedient, Stream};
use super::finish::Finished;
use super::limits::{Budget, Place};
use super::pacer::Beat;
use super::pulse::{Phase, Pulse};
use super::refusal::{Form, Refusal};
use super::relay::Gathered;
use super::{Limits, TrustedProxies, gates};
use crate::metrics::{Metrics, Stopwatch};
use crate::xks::{self, XksGate};

/// What all connections share.
pub(crate) struct Front {
    pub(crate) corridor: Arc<Corridor>,
    pub(crate) limits: Limits,
    pub(crate) budget: Arc<Budget>,
    pub(crate) proxies: TrustedProxies,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) tls: Option<TlsAcceptor>,
    /// What these connections are for, when it is not the API.
    pub(crate) gate: Option<XksGate>,
}

/// A connection that was let in.
pub(crate) struct Accepted {
    pub(crate) stream: std::net::TcpStream,
    pub(crate) peer: IpAddr,
    pub(crate) place: Place,
    pub(crate) beat: Beat,
}

impl Front {
    pub(crate) fn new(
        corridor: Arc<Corridor>,
        limits: Limits,
        proxies: TrustedProxies,
        metrics: Arc<Metrics>,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let budget = Budget::new(limits.body_bytes_together);
        Self { corridor, limits, budget, proxies, metrics, tls, gate: None }
    }

    /// A front of that gate.
    pub(crate) fn of_gate(self, gate: XksGate) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// Serves a connection until it ends.
    pub(super) async fn serve(self: Arc<Self>, accepted: Accepted, gathered: Arc<Gathered>) {
        let Accepted { stream, peer, place, beat } = accepted;
        let Some(stream) = self.stream(stream).await else { return };
        let (secure, pulse) = (matches!(stream, Stream::Tls(_)), beat.pulse().clone());
        let service = service_fn(|request| {
            let (front, pulse) = (self.clone(), pulse.clone());
            async move { Ok::<_, Infallible>(front.request(request, peer, secure, &pulse).await) }
        });
        let mut protocol = http1::Builder::new();
        // Answers are short, so that copying head and body together costs less than a vectored write.
        protocol.writev(false).max_buf_size(self.limits.header_bytes).header_read_timeout(None);
        let io = TokioIo::new(Heard { stream, pulse: pulse.clone() });
        let connection = protocol.serve_connection(io, service);
        self.ended(&Obedient::new(connection, pulse.clone(), gathered).await);
        drop((place, beat));
    }

    async fn stream(&self, stream: std::net::TcpStream) -> Option<Stream> {
        let stream = TcpStream::from_std(stream).ok()?;
        let Some(tls) = &self.tls else { return Some(Stream::Plain(stream)) };
        match tokio::time::timeout(self.limits.header_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => Some(Stream::Tls(Box::new(stream))),
            Ok(Err(error)) => {
                tracing::debug!(%error, "TLS handshake failed");
                self.metrics.refused("tls_handshake");
                None
            }
            Err(_) => {
                self.metrics.refused("tls_handshake_too_slow");
                None
            }
        }
    }

    async fn request(
        self: &Arc<Self>,
        request: Request<Incoming>,
        peer: IpAddr,
        secure: bool,
        pulse: &Pulse,
    ) -> Response<Full<Bytes>> {
        let watch = Stopwatch::start();
        let answer = self.answer(request, peer, secure, pulse).await;
        self.metrics.answered(watch.elapsed());
        pulse.enter(Phase::Idle);
        answer.map(Full::new)
    }

    async fn answer(
        self: &Arc<Self>,
        request: Request<Incoming>,
        peer: IpAddr,
        secure: bool,
        pulse: &Pulse,
    ) -> Response<Bytes> {
        let (head, mut body) = request.into_parts();
        let read = body::read(&mut body, &self.limits, &self.budget, pulse).await;
        pulse.enter(Phase::Busy);
        let body = match read {
            Ok(whole) => whole,
            Err(unread) => {
                let refusal = Refusal::from(unread);
                self.metrics.refused(refusal.kind);
                // Whoever waits for `100 Continue` sends nothing once he is refused.
                if unread == Unread::TooLarge && !head.headers.contains_key(EXPECT) {
                    body::drain(body);
                }
                return match &self.gate {
                    None => refusal.answer(Form::of(&head.headers), &*self.corridor.universe().entropy),
                    Some(_) => xks::unread(refusal.status),
                };
            }
        };
        let path = head.uri.path();
        if path.starts_with("/_alcazar/") {
            let ready = async || self.ready().await;
            if let Some(answer) = gates::answer(path, &head.method, ready).await {
                return answer;
            }
        }
        let (source, secure) = self.proxies.origin(peer, secure, &head.headers);
        let (front, form) = (self.clone(), Form::of(&head.headers));
        let call = body.during(move |body| async move {
            let arrival = Arrival {
                path: head.uri.path().to_owned(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                method: head.method,
                headers: head.headers,
                body,
                source,
                secure,
            };
            front.called(arrival, form).await
        });
        Finished::new(call).await
    }

    /// Makes the call. The corridor answers and records an operation that panics; what panics before that is answered here like any
    /// other fault of the program, and its connection goes on.
    async fn called(&self, arrival: Arrival, form: Form) -> Response<Bytes> {
        // Whatever calls share is left whole by a panic: rows change in the store's thread alone, caches are filled by one insert, and no
        // lock minds that its holder has panicked.
        let called = match &self.gate {
            None => self.corridor.handle(arrival),
            Some(gate) => gate.answer(arrival),
        };
        let panic = match AssertUnwindSafe(called).catch_unwind().await {
            Ok(answer) => return answer,
            Err(panic) => panic,
        };
        let refusal = Refusal::PANICKED;
        self.metrics.refused(refusal.kind);
        // Nothing of the call is left, its request id neither, so that this one is new: the answer's, and the log's.
        let request_id = self.corridor.universe().uuid();
        tracing::error!(request_id, panic = panic_text(&*panic), "a call panicked");
        refusal.answer_under(&request_id, form)
    }

    /// Whether the store can be read and was last written.
    async fn ready(&self) -> bool {
        !self.metrics.store_is_failing()
            && self.corridor.universe().store.get(b"alcazar/readiness").await.is_ok()
    }

    fn ended(&self, end: &End) {
        match end {
            End::Served(Ok(())) => {}
            End::Expired(Phase::Head) => self.metrics.refused("headers_too_slow"),
            End::Expired(_) => self.metrics.refused("idle"),
            End::Served(Err(error)) => {
                let kind = if error.is_parse_too_large() {
                    "headers_too_large"
                } else if error.is_parse() {
                    "malformed"
                } else {
                    "broken_off"
                };
                tracing::debug!(%error, kind, "connection ended");
                self.metrics.refused(kind);
            }
        }
    }
}

impl<S> Graceful for http1::Connection<TokioIo<Heard>, S>
where
    S: HttpService<Incoming, ResBody = Full<Bytes>, Error = Infallible> + Unpin,
    Self: Future<Output = hyper::Result<()>> + Unpin,
{
    fn stop(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}
