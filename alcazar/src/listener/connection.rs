//! A connection: the stream with its pulse, and the future that obeys it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::pulse::{Phase, Pulse};
use super::relay::{Gathered, Relay};

/// A client's stream.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A stream that tells its pulse when bytes come.
pub(super) struct Heard {
    pub(super) stream: Stream,
    pub(super) pulse: Arc<Pulse>,
}

/// A hyper connection that ends when its pulse says so.
pub(super) struct Obedient<C> {
    connection: C,
    pulse: Arc<Pulse>,
    gathered: Arc<Gathered>,
    waker: Option<Waker>,
    stopping: bool,
}

/// How a connection ended.
pub(super) enum End {
    /// By itself.
    Served(hyper::Result<()>),
    /// It waited for too long.
    Expired(Phase),
}

/// What [`Obedient`] needs of hyper's connection.
pub(super) trait Graceful: Future<Output = hyper::Result<()>> + Unpin {
    fn stop(self: Pin<&mut Self>);
}

impl<C: Graceful> Obedient<C> {
    pub(super) fn new(connection: C, pulse: Arc<Pulse>, gathered: Arc<Gathered>) -> Self {
        Self { connection, pulse, gathered, waker: None, stopping: false }
    }
}

impl<C: Graceful> Future for Obedient<C> {
    type Output = End;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<End> {
        let this = &mut *self;
        // Made once: a spawned task keeps its waker.
        let waker = this.waker.get_or_insert_with(|| {
            let waker = Relay::waker(context.waker().clone(), this.gathered.clone());
            this.pulse.register(&waker);
            waker
        });
        let context = &mut Context::from_waker(waker);
        if this.pulse.expired() {
            match this.pulse.phase() {
                // The reader of the body sees it and answers.
                Phase::Body | Phase::Busy => {}
                phase => return Poll::Ready(End::Expired(phase)),
            }
        }
        if this.pulse.stopping() && !this.stopping {
            this.stopping = true;
            Pin::new(&mut this.connection).stop();
        }
        Pin::new(&mut this.connection).poll(context).map(End::Served)
    }
}

impl AsyncRead for Heard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(&mut **stream).poll_read(context, buffer),
        };
        if buffer.filled().len() > before {
            self.pulse.bytes_came();
        }
        read
    }
}

impl AsyncWrite for Heard {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(&mut **stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(&mut **stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(&mut **stream).poll_shutdown(context),
        }
    }
}
