//! The scheduler: of all tasks that can go on, the seed says which goes on next. There are no threads and no timers, so nothing
//! but the seed decides.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::draw::Draw;

/// Tasks that run in the order that the seed gives.
pub struct Executor<'a> {
    tasks: Vec<Task<'a>>,
    draw: Draw,
}

/// How a run of the tasks ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every task is done.
    Done,
    /// It was told to stop.
    Stopped,
    /// So many tasks wait, and nothing will ever wake them.
    Stuck(usize),
}

struct Task<'a> {
    future: Pin<Box<dyn Future<Output = ()> + 'a>>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl<'a> Executor<'a> {
    /// An executor without tasks.
    pub fn new(seed: u64) -> Self {
        Self { tasks: Vec::new(), draw: Draw::new(seed) }
    }

    /// Adds a task.
    pub fn spawn(&mut self, future: impl Future<Output = ()> + 'a) {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        self.tasks.push(Task { future: Box::pin(future), woken });
    }

    /// Runs until every task is done, until `stop` says so (asked before every step), or until no task can go on.
    pub fn run(&mut self, stop: impl Fn() -> bool) -> Ended {
        while !self.tasks.is_empty() {
            if stop() {
                return Ended::Stopped;
            }
            let ready: Vec<usize> = (0..self.tasks.len()).filter(|at| self.tasks[*at].is_woken()).collect();
            let Some(&next) = self.draw.of(&ready) else { return Ended::Stuck(self.tasks.len()) };
            if self.tasks[next].step().is_ready() {
                drop(self.tasks.swap_remove(next));
            }
        }
        Ended::Done
    }
}

impl Task<'_> {
    fn is_woken(&self) -> bool {
        self.woken.0.load(Ordering::SeqCst)
    }

    fn step(&mut self) -> Poll<()> {
        self.woken.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(self.woken.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

/// Runs one future to its end; it waits for nothing outside.
pub(crate) fn alone<T>(future: impl Future<Output = T>) -> T {
    let mut result = None;
    let mut executor = Executor::new(0);
    executor.spawn(async { result = Some(future.await) });
    let ended = executor.run(|| false);
    drop(executor);
    assert_eq!(ended, Ended::Done, "a future that was to run alone waits for something");
    result.expect("it is done")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn order(seed: u64) -> Vec<(usize, usize)> {
        let seen = RefCell::new(Vec::new());
        let mut executor = Executor::new(seed);
        for task in 0..4 {
            let seen = &seen;
            executor.spawn(async move {
                for step in 0..5 {
                    seen.borrow_mut().push((task, step));
                    crate::pause().await;
                }
            });
        }
        assert_eq!(executor.run(|| false), Ended::Done);
        drop(executor);
        seen.into_inner()
    }

    #[test]
    fn the_seed_alone_says_who_goes_next() {
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
    }

    #[test]
    fn a_task_that_nothing_will_wake_is_found() {
        let mut executor = Executor::new(1);
        executor.spawn(std::future::pending());
        assert_eq!(executor.run(|| false), Ended::Stuck(1));
    }
}
