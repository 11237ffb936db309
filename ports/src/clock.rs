use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alcazar_core::Timestamp;

/// Two times. `wall` is the world's: signatures, TLS and foreign tokens are judged by it. `now` is the services': rotation,
/// expiry and deletion go by it. They differ only on a store made for a movable clock.
pub trait Clock: Send + Sync + 'static {
    /// The world's time.
    fn wall(&self) -> Timestamp;

    /// The services' time.
    fn now(&self) -> Timestamp {
        self.wall().plus(self.ahead())
    }

    /// How far the services' time is ahead of the world's.
    fn ahead(&self) -> Duration;

    /// Moves the services' time so far ahead of the world's, unless it is further ahead already: of two callers who move it at
    /// once, the one who comes late must not take it back.
    fn set_ahead(&self, ahead: Duration);
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock {
    ahead_millis: AtomicI64,
}

/// A clock that stands still until it is moved: for tests and simulation.
#[derive(Debug, Default)]
pub struct ManualClock {
    wall_millis: AtomicI64,
    ahead_millis: AtomicI64,
}

impl ManualClock {
    /// A clock that stands at that moment.
    pub fn at(moment: Timestamp) -> Self {
        Self { wall_millis: AtomicI64::new(moment.millis()), ahead_millis: AtomicI64::new(0) }
    }

    /// Moves the world's time, and with it the services'.
    pub fn advance(&self, by: Duration) {
        self.wall_millis.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }

    /// Moves the world's time back, and with it the services', as when a machine's clock is put right.
    pub fn turn_back(&self, by: Duration) {
        self.wall_millis.fetch_sub(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn wall(&self) -> Timestamp {
        // Before 1970 there was no such machine; a clock that says so reads as the epoch.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_millis.load(Ordering::Relaxed).unsigned_abs())
    }

    fn set_ahead(&self, ahead: Duration) {
        self.ahead_millis.fetch_max(ahead.as_millis() as i64, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.wall_millis.load(Ordering::SeqCst))
    }

    fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_millis.load(Ordering::SeqCst).unsigned_abs())
    }

    fn set_ahead(&self, ahead: Duration) {
        self.ahead_millis.fetch_max(ahead.as_millis() as i64, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_the_services_time_leaves_the_worlds_alone() {
        let clock = ManualClock::at(Timestamp::from_seconds(1_000));
        clock.set_ahead(Duration::from_secs(60));
        assert_eq!((clock.wall().seconds(), clock.now().seconds()), (1_000, 1_060));
        clock.advance(Duration::from_secs(5));
        assert_eq!((clock.wall().seconds(), clock.now().seconds()), (1_005, 1_065));
    }

    #[test]
    fn the_services_time_never_goes_back() {
        let clock = ManualClock::at(Timestamp::from_seconds(1_000));
        clock.set_ahead(Duration::from_secs(60));
        clock.set_ahead(Duration::from_secs(30));
        assert_eq!(clock.ahead(), Duration::from_secs(60));
    }
}
