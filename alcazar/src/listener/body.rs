use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::Limits;
use super::limits::Budget;
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

/// Reads the whole body within the limits. A body that came in one piece, as nearly all do, is taken as it is.
pub(crate) async fn read(
    body: &mut Incoming,
    limits: &Limits,
    budget: &Budget,
    pulse: &Pulse,
) -> Result<Bytes, Unread> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > limits.body_bytes as u64 {
        return Err(Unread::TooLarge);
    }
    pulse.body_begins();
    let Some(first) = piece(body, pulse).await? else { return Ok(Bytes::new()) };
    if first.len() > limits.body_bytes {
        return Err(Unread::TooLarge);
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut share = budget.share();
    let mut whole = BytesMut::new();
    let mut next = Some(first);
    while let Some(piece_of_it) = next {
        if whole.len() + piece_of_it.len() > limits.body_bytes {
            return Err(Unread::TooLarge);
        }
        if !share.grow(piece_of_it.len()) {
            return Err(Unread::NoMemory);
        }
        whole.extend_from_slice(&piece_of_it);
        next = piece(body, pulse).await?;
    }
    Ok(whole.freeze())
}

/// The next piece of data; `None` at the end. Trailers are passed over: what is signed of them comes by `aws-chunked`, within
/// the data.
async fn piece(body: &mut Incoming, pulse: &Pulse) -> Result<Option<Bytes>, Unread> {
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
