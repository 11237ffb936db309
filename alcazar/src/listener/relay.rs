//! Wakes from other threads, gathered.
//!
//! The store answers a whole group of calls at once, from its own thread, and tokio writes to an eventfd for each task that is
//! woken from outside its runtime: a system call for each request. Here the first such wake signals the worker, and those that
//! come before the worker has looked go into a list.

use std::cell::Cell;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

thread_local! {
    /// The worker of this thread, by the address of its list.
    static HERE: Cell<*const Gathered> = const { Cell::new(std::ptr::null()) };
}

/// The tasks of one worker that others have woken.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    woken: Mutex<Vec<Arc<Relay>>>,
    worker: AtomicWaker,
}

/// A task's waker that knows which thread is the task's own.
#[derive(Debug)]
pub(super) struct Relay {
    task: Waker,
    queued: AtomicBool,
    gathered: Arc<Gathered>,
}

impl Gathered {
    /// Wakes the gathered tasks, from their own thread, for as long as it is polled. One a worker, on the worker's thread.
    pub(super) async fn run(self: Arc<Self>) {
        HERE.set(Arc::as_ptr(&self));
        let mut woken = Vec::new();
        poll_fn(|context| {
            self.worker.register(context.waker());
            std::mem::swap(&mut *self.woken(), &mut woken);
            for relay in woken.drain(..) {
                // Before the wake: whatever is told after it wakes again.
                relay.queued.store(false, Ordering::Release);
                relay.task.wake_by_ref();
            }
            Poll::<()>::Pending
        })
        .await;
    }

    fn woken(&self) -> MutexGuard<'_, Vec<Arc<Relay>>> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Relay {
    /// A waker of the task that `task` wakes.
    pub(super) fn waker(task: Waker, gathered: Arc<Gathered>) -> Waker {
        Waker::from(Arc::new(Self { task, queued: AtomicBool::new(false), gathered }))
    }
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if HERE.get() == Arc::as_ptr(&self.gathered) {
            self.task.wake_by_ref();
        } else if !self.queued.swap(true, Ordering::AcqRel) {
            let first = {
                let mut woken = self.gathered.woken();
                woken.push(self.clone());
                woken.len() == 1
            };
            if first {
                self.gathered.worker.wake();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use tokio::runtime;
    use tokio::sync::oneshot;

    use super::*;

    #[test]
    fn every_wake_from_elsewhere_arrives() {
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let gathered = Arc::new(Gathered::default());
            tokio::spawn(gathered.clone().run());
            tokio::task::yield_now().await;
            for _ in 0..200 {
                let (tell, told): (Vec<_>, Vec<_>) = (0..20).map(|_| oneshot::channel::<usize>()).unzip();
                let tasks: Vec<_> = told
                    .into_iter()
                    .map(|mut told| {
                        let gathered = gathered.clone();
                        let mut relay = None;
                        tokio::spawn(poll_fn(move |context| {
                            let relay = relay.get_or_insert_with(|| {
                                Relay::waker(context.waker().clone(), gathered.clone())
                            });
                            let mut relayed = std::task::Context::from_waker(relay);
                            std::pin::Pin::new(&mut told).poll(&mut relayed)
                        }))
                    })
                    .collect();
                tokio::task::yield_now().await;
                let elsewhere = thread::spawn(move || {
                    for (number, tell) in tell.into_iter().enumerate() {
                        tell.send(number).unwrap();
                    }
                });
                for (number, task) in tasks.into_iter().enumerate() {
                    assert_eq!(task.await.unwrap().unwrap(), number);
                }
                elsewhere.join().unwrap();
            }
        });
    }
}
