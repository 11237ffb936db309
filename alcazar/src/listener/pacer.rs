use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::Limits;
use super::pulse::{Pulse, Ticks};
use crate::metrics::Stopwatch;

/// How often the connections are looked at: what every timeout may be late by.
const STEP: Duration = Duration::from_millis(250);

/// Looks at all connections, and ends those that wait for too long.
#[derive(Debug, Default)]
pub(crate) struct Pacer {
    time: Arc<Ticks>,
    numbers: AtomicU64,
    pulses: Mutex<HashMap<u64, Arc<Pulse>>>,
    first: Notify,
}

/// A connection's membership; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Beat {
    pacer: Arc<Pacer>,
    number: u64,
    pulse: Arc<Pulse>,
}

impl Pacer {
    /// A pulse for a new connection.
    pub(crate) fn join(self: &Arc<Self>) -> Beat {
        let pulse = Arc::new(Pulse::new(self.time.clone()));
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let mut pulses = self.pulses();
        if pulses.is_empty() {
            self.first.notify_one();
        }
        pulses.insert(number, pulse.clone());
        drop(pulses);
        Beat { pacer: self.clone(), number, pulse }
    }

    /// Looks at the connections for as long as the program runs; sleeps while there are none.
    pub(crate) async fn run(self: Arc<Self>, limits: Limits) {
        let started = Stopwatch::start();
        let mut step = tokio::time::interval(STEP);
        step.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut time, mut looked) = (0, started.elapsed());
        loop {
            if self.pulses().is_empty() {
                self.first.notified().await;
                // Silence does not count: the first connection after it begins at the time it was given.
                looked = started.elapsed();
                step.reset();
            }
            step.tick().await;
            let now = started.elapsed();
            time += now.saturating_sub(looked).as_millis() as u64;
            looked = now;
            self.time.set(time);
            for pulse in self.pulses().values() {
                pulse.look(&limits);
            }
        }
    }

    /// Orders every connection to end when it can.
    pub(crate) fn stop(&self) {
        for pulse in self.pulses().values() {
            pulse.stop();
        }
    }

    /// How many connections there are.
    pub(crate) fn count(&self) -> usize {
        self.pulses().len()
    }

    fn pulses(&self) -> MutexGuard<'_, HashMap<u64, Arc<Pulse>>> {
        self.pulses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Beat {
    pub(crate) fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        self.pacer.pulses().remove(&self.number);
    }
}
