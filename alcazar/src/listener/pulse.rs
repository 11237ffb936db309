use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::task::AtomicWaker;

use super::Limits;

/// What a connection waits for, since when, and what it is ordered to do. Written by the connection's own thread with plain
/// stores, read by the [`Pacer`](super::Pacer).
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    phase: AtomicU8,
    since: AtomicU64,
    received: AtomicU64,
    expired: AtomicBool,
    stopping: AtomicBool,
    waker: AtomicWaker,
    time: Arc<Ticks>,
}

/// Milliseconds since the start, told by the pacer: coarse, and free to read.
#[derive(Debug, Default)]
pub(crate) struct Ticks(AtomicU64);

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// The rest of a request's headers (or the first byte of the first request).
    Head = 0,
    /// The rest of a body.
    Body = 1,
    /// The answer.
    Busy = 2,
    /// The next request.
    Idle = 3,
}

impl Ticks {
    pub(crate) fn set(&self, millis: u64) {
        self.0.store(millis, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Pulse {
    pub(crate) fn new(time: Arc<Ticks>) -> Self {
        let since = AtomicU64::new(time.get());
        Self { since, time, ..Self::default() }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.since.store(self.time.get(), Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Release);
    }

    /// Bytes came from the client: between requests they begin the next one.
    pub(crate) fn bytes_came(&self) {
        if self.phase.load(Ordering::Relaxed) == Phase::Idle as u8 {
            self.enter(Phase::Head);
        }
    }

    /// A body begins.
    pub(crate) fn body_begins(&self) {
        self.received.store(0, Ordering::Relaxed);
        self.enter(Phase::Body);
    }

    /// A piece of a body came.
    pub(crate) fn body_came(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// It waited for too long.
    pub(crate) fn expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// It should end as soon as no request is under way.
    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// What it waits for.
    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Head,
            1 => Phase::Body,
            2 => Phase::Busy,
            _ => Phase::Idle,
        }
    }

    pub(crate) fn register(&self, waker: &std::task::Waker) {
        self.waker.register(waker);
    }

    /// Orders the connection to end when it can.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.waker.wake();
    }

    /// Looks whether it has waited for too long, and wakes it then.
    pub(crate) fn look(&self, limits: &Limits) {
        let phase = self.phase();
        let allowed = match phase {
            Phase::Head => limits.header_timeout,
            Phase::Idle => limits.idle_timeout,
            Phase::Body => {
                let earned =
                    self.received.load(Ordering::Relaxed).saturating_mul(1000) / limits.body_rate.max(1);
                limits.body_timeout.saturating_add(Duration::from_millis(earned))
            }
            Phase::Busy => return,
        };
        let waited = self.time.get().saturating_sub(self.since.load(Ordering::Relaxed));
        if u128::from(waited) > allowed.as_millis() {
            self.expired.store(true, Ordering::Relaxed);
            self.waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            header_timeout: Duration::from_secs(1),
            body_timeout: Duration::from_secs(2),
            idle_timeout: Duration::from_secs(3),
            body_rate: 1000,
            ..Limits::default()
        }
    }

    fn expired_after(millis: u64, prepare: impl FnOnce(&Pulse)) -> bool {
        let time = Arc::new(Ticks::default());
        let pulse = Pulse::new(time.clone());
        prepare(&pulse);
        time.set(millis);
        pulse.look(&limits());
        pulse.expired()
    }

    #[test]
    fn each_wait_has_its_own_limit_and_work_has_none() {
        assert!(!expired_after(1000, |_| ()));
        assert!(expired_after(1001, |_| ()));
        assert!(!expired_after(3000, |pulse| pulse.enter(Phase::Idle)));
        assert!(expired_after(3001, |pulse| pulse.enter(Phase::Idle)));
        assert!(!expired_after(1_000_000, |pulse| pulse.enter(Phase::Busy)));
    }

    #[test]
    fn a_body_earns_time_by_what_has_come() {
        let body = |bytes| {
            move |pulse: &Pulse| {
                pulse.body_begins();
                pulse.body_came(bytes);
            }
        };
        assert!(expired_after(2001, body(0)));
        assert!(!expired_after(2500, body(500)));
        assert!(expired_after(2501, body(500)));
    }

    #[test]
    fn the_first_byte_of_the_next_request_starts_the_time_for_its_headers() {
        assert!(expired_after(1001, |pulse| {
            pulse.enter(Phase::Idle);
            pulse.bytes_came();
        }));
    }
}
