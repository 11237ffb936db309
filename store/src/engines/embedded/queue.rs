//! Frames on their way to the writer. Callers encode their frames themselves; the writer takes all that wait at once.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::error::EmbeddedError;
use super::index::Summary;
use super::segment::FRAME_HEADER;
use crate::{AppendError, Frame, Key, KeyRange, Position, Version, stored};

/// A frame as the writer needs it.
pub(super) struct Request {
    pub(super) read_at: Position,
    pub(super) expect: Vec<(Key, Version)>,
    pub(super) expect_empty: Vec<KeyRange>,
    pub(super) put: Vec<(Key, Bytes)>,
    pub(super) delete: Vec<Key>,
    /// Room for the frame's header, which only the writer knows, then the body.
    pub(super) bytes: Vec<u8>,
    pub(super) body_crc: u32,
    pub(super) summary: Summary,
    pub(super) reply: Reply,
}

/// Where the outcome goes.
pub(super) type Reply = oneshot::Sender<Result<Position, AppendError>>;

/// How long the writer waits for the callers that it expects: as long as a disk of the better sort takes to sync.
const PATIENCE: Duration = Duration::from_micros(300);

#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    phase: Phase,
    /// The writer sleeps, and is to be woken when so many requests wait.
    wanted: Option<usize>,
}

#[derive(Default, Clone)]
enum Phase {
    #[default]
    Open,
    Closing,
    Failed(String),
}

impl Request {
    pub(super) fn new(frame: Frame, reply: Reply) -> Self {
        let mut bytes = Vec::with_capacity(FRAME_HEADER + stored::frame_length(&frame));
        bytes.resize(FRAME_HEADER, 0);
        stored::write_frame(&mut bytes, &frame);
        let body_crc = crc32fast::hash(bytes.get(FRAME_HEADER..).unwrap_or_default());
        let summary = Summary::of(&frame);
        let Frame { read_at, expect, expect_empty, put, delete, .. } = frame;
        Self { read_at, expect, expect_empty, put, delete, bytes, body_crc, summary, reply }
    }

    pub(super) fn changes_rows(&self) -> bool {
        !(self.put.is_empty() && self.delete.is_empty())
    }
}

impl Queue {
    pub(super) fn push(&self, request: Request) -> Result<(), EmbeddedError> {
        let mut state = self.state();
        match &state.phase {
            Phase::Open => {}
            Phase::Closing => return Err(EmbeddedError::Closed),
            Phase::Failed(reason) => return Err(EmbeddedError::Failed(reason.clone())),
        }
        state.requests.push(request);
        if state.wanted.is_some_and(|wanted| state.requests.len() >= wanted) {
            state.wanted = None;
            drop(state);
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Waits for requests and takes them all into the empty vector; `false` when there are none and will be none.
    ///
    /// The callers that were answered last, `answered` of them, are likely to come again at once, and are waited for a little: a sync
    /// that sixteen share costs each of them a fifth of what it costs three. One caller alone never waits.
    pub(super) fn take(&self, into: &mut Vec<Request>, answered: usize) -> bool {
        let mut state = self.state();
        let expected = state.requests.len() + answered;
        while state.requests.is_empty() {
            if matches!(state.phase, Phase::Closing) {
                return false;
            }
            state.wanted = Some(1);
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.requests.len() < expected && matches!(state.phase, Phase::Open) {
            state.wanted = Some(expected);
            state = self.wake.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.wanted = None;
        mem::swap(&mut state.requests, into);
        true
    }

    /// No more requests are taken in; those that wait are still served.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.phase = Phase::Closing;
        drop(state);
        self.wake.notify_one();
    }

    /// No more requests are taken in, because of that. (A store that is being closed stays closed.)
    pub(super) fn fail(&self, reason: &str) {
        let mut state = self.state();
        if matches!(state.phase, Phase::Open) {
            state.phase = Phase::Failed(reason.to_owned());
        }
    }

    /// Nobody will serve any more: who waits is told so.
    pub(super) fn abandon(&self) {
        self.fail("the writer has stopped");
        // Dropping a request drops its reply, which its caller notices.
        self.state().requests.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    fn request() -> Request {
        Request::new(Frame::default(), oneshot::channel().0)
    }

    #[test]
    fn callers_that_do_not_come_again_are_not_waited_for_without_end() {
        let (queue, mut taken) = (Queue::default(), Vec::new());
        queue.push(request()).unwrap();
        assert!(queue.take(&mut taken, 1_000));
        assert_eq!(taken.len(), 1);
    }

    #[test]
    fn every_request_is_taken_once_whoever_is_expected() {
        let queue = Arc::new(Queue::default());
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let queue = queue.clone();
                thread::spawn(move || (0..500).for_each(|_| queue.push(request()).unwrap()))
            })
            .collect();
        let (mut sum, mut taken) = (0, Vec::new());
        while sum < 2_000 {
            assert!(queue.take(&mut taken, sum % 7));
            sum += taken.len();
            taken.clear();
        }
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        queue.close();
        assert!(!queue.take(&mut taken, 3));
        assert_eq!((sum, taken.len()), (2_000, 0));
    }
}
