use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use alcazar_core::Timestamp;
use alcazar_ports::Clock;
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;

use super::place::Place;

pub(super) type Sender = SendRequest<Full<Bytes>>;

/// How long a connection is kept that nobody uses, and how many for each place.
const KEPT: Duration = Duration::from_secs(20);
const MOST: usize = 32;

/// Connections that wait for their next request.
pub(super) struct Idle {
    clock: Arc<dyn Clock>,
    waiting: Mutex<HashMap<Place, Vec<(Timestamp, Sender)>>>,
}

impl Idle {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, waiting: Mutex::default() }
    }

    /// One to that place, the freshest.
    pub(super) fn take(&self, place: &Place) -> Option<Sender> {
        let now = self.clock.wall();
        let mut waiting = self.waiting();
        let senders = waiting.get_mut(place)?;
        while let Some((since, sender)) = senders.pop() {
            if fresh(since, now) && !sender.is_closed() {
                return Some(sender);
            }
        }
        None
    }

    /// Keeps one whose answer has been read.
    pub(super) fn keep(&self, place: Place, sender: Sender) {
        let now = self.clock.wall();
        let mut waiting = self.waiting();
        waiting.retain(|_, senders| {
            senders.retain(|(since, sender)| fresh(*since, now) && !sender.is_closed());
            !senders.is_empty()
        });
        let senders = waiting.entry(place).or_default();
        if senders.len() < MOST && !sender.is_closed() {
            senders.push((now, sender));
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Place, Vec<(Timestamp, Sender)>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fresh(since: Timestamp, now: Timestamp) -> bool {
    since <= now && now < since.plus(KEPT)
}
