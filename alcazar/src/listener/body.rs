use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::Limits;
use super::limits::{Budget, Share};
use super::pulse::Pulse;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is, or says it is, longer than a body may be.
    TooLarge,
    /// It did not come in time.
    TooSlow,
    /// The connection broke off, or the framing is wrong.
    Broken,
    /// All memory for bodies is taken.
    NoMemory,
}

/// A body that was read, with the memory that is set aside for it. The bytes are to be had only by the call that they are for, and
/// its end gives the memory back: a body costs as much while its call waits as while it is read.
#[derive(Debug)]
pub(crate) struct Whole {
    bytes: Bytes,
    share: Option<Share>,
}

impl Whole {
    /// The call on the bytes, holding their memory until it is done (or dropped).
    pub(crate) fn during<F: Future>(self, call: impl FnOnce(Bytes) -> F) -> impl Future<Output = F::Output> {
        let Self { bytes, share } = self;
        let called = call(bytes);
        async move {
            let answer = called.await;
            drop(share);
            answer
        }
    }
}

/// Reads the whole body within the limits. A body that came in one piece, as nearly all do, is taken as it is.
pub(crate) async fn read<B>(
    body: &mut B,
    limits: &Limits,
    budget: &Arc<Budget>,
    pulse: &Pulse,
) -> Result<Whole, Unread>
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.is_end_stream() {
        return Ok(Whole { bytes: Bytes::new(), share: None });
    }
    if body.size_hint().lower() > limits.body_bytes as u64 {
        return Err(Unread::TooLarge);
    }
    pulse.body_begins();
    let mut share = budget.share();
    let mut taken = 0;
    let mut next = async |body: &mut B| {
        let Some(piece) = piece(body, pulse).await? else { return Ok(None) };
        taken += piece.len();
        if taken > limits.body_bytes {
            return Err(Unread::TooLarge);
        }
        if share.grow(piece.len()) { Ok(Some(piece)) } else { Err(Unread::NoMemory) }
    };
    let first = next(body).await?.unwrap_or_default();
    let bytes = if body.is_end_stream() {
        first
    } else {
        let mut whole = BytesMut::from(first);
        while let Some(piece) = next(body).await? {
            whole.extend_from_slice(&piece);
        }
        whole.freeze()
    };
    Ok(Whole { bytes, share: Some(share) })
}

/// The next piece of data; `None` at the end. Trailers are passed over: what is signed of them comes by `aws-chunked`, within
/// the data.
async fn piece<B: Body<Data = Bytes> + Unpin>(body: &mut B, pulse: &Pulse) -> Result<Option<Bytes>, Unread> {
    loop {
        let frame = poll_fn(|context| {
            // The pacer wakes the connection when its time is over.
            if pulse.expired() {
                return Poll::Ready(Err(Unread::TooSlow));
            }
            Pin::new(&mut *body).poll_frame(context).map(Ok)
        });
        match frame.await? {
            None => return Ok(None),
            Some(Err(_)) => return Err(Unread::Broken),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    pulse.body_came(data.len());
                    return Ok(Some(data));
                }
            }
        }
    }
}

/// How much of a refused body is still taken in, and for how long. A client that sends all before it reads would otherwise see
/// its connection reset in place of the refusal (RFC 9112, section 9.6).
const DRAINED: usize = 128 << 20;
const DRAINING: Duration = Duration::from_secs(10);

/// Takes in the rest of a refused body and forgets it, while the refusal is being sent.
pub(crate) fn drain(mut body: Incoming) {
    tokio::spawn(tokio::time::timeout(DRAINING, async move {
        let mut taken = 0_usize;
        while let Some(Ok(frame)) = body.frame().await {
            taken = taken.saturating_add(frame.data_ref().map_or(0, Bytes::len));
            if taken > DRAINED {
                return;
            }
        }
    }));
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::task::{Context, Waker};

    use hyper::body::Frame;
    use tokio::sync::oneshot;

    use super::super::finish::Finished;
    use super::*;

    /// A body that comes in these pieces.
    struct Pieces(VecDeque<&'static str>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes())))))
        }

        fn is_end_stream(&self) -> bool {
            self.0.is_empty()
        }
    }

    async fn read_of(pieces: &[&'static str], budget: &Arc<Budget>) -> Result<Whole, Unread> {
        let limits = Limits { body_bytes: 10, ..Limits::default() };
        let mut body = Pieces(pieces.iter().copied().collect());
        read(&mut body, &limits, budget, &Pulse::default()).await
    }

    #[tokio::test]
    async fn pieces_are_put_together_within_the_limit() {
        let budget = Budget::new(100);
        for (pieces, expected) in [(&[][..], ""), (&["one"], "one"), (&["one", "two", "3"], "onetwo3")] {
            let whole = read_of(pieces, &budget).await.unwrap();
            assert_eq!(whole.during(async |bytes| bytes).await, expected);
        }
        for pieces in [&["0123456789X"][..], &["01234", "56789", "X"]] {
            assert_eq!(read_of(pieces, &budget).await.unwrap_err(), Unread::TooLarge);
        }
        assert!(budget.share().grow(100), "everything was given back");
    }

    /// However the body came, and whether its client still waits or not.
    #[tokio::test]
    async fn the_memory_of_a_body_is_taken_until_its_call_is_done() {
        for pieces in [&["012345"][..], &["012", "345"]] {
            let budget = Budget::new(10);
            let whole = read_of(pieces, &budget).await.unwrap();
            let (done, waited) = oneshot::channel::<()>();
            let mut call = Box::pin(Finished::new(whole.during(async |bytes| {
                let _ = waited.await;
                drop(bytes);
            })));
            assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            assert_eq!(read_of(&["01234"], &budget).await.unwrap_err(), Unread::NoMemory);
            // The client hangs up; the call goes on with its body.
            drop(call);
            tokio::task::yield_now().await;
            assert_eq!(read_of(&["01234"], &budget).await.unwrap_err(), Unread::NoMemory);
            done.send(()).unwrap();
            tokio::task::yield_now().await;
            assert!(read_of(&["01234"], &budget).await.is_ok());
        }
    }
}
