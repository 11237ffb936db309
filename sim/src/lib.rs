//! Simulation: the real corridor and the real services over a store that fails, called by many at once in an order that a seed
//! gives, with numbered [`Invariant`]s that must hold whatever happens.
//!
//! A run has lives. In each life callers call, jobs run (more than once at a time), the clock jumps, and the store refuses,
//! conflicts, forgets what it had in memory, or crashes; a crash ends every call that is under way, and the next life begins on what
//! was durable. After the last life all faults cease, and what was answered is looked at again.
//!
//! The same seed gives the same run, to the byte: a failing seed is the whole report.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a simulation that cannot go on stops"
)]

mod caller;
mod check;
mod draw;
mod executor;
mod invariant;
mod journal;
mod life;
mod plan;
mod run;
mod secrets;
mod state;
mod trace;
mod workload;

pub use executor::{Ended, Executor};
pub use invariant::{Invariant, Violation};
pub use journal::Sabotage;
pub use plan::Plan;
pub use run::{Outcome, simulate};

/// Gives way to the other tasks once.
pub(crate) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
