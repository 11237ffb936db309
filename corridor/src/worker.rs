//! Runs what falls due.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use alcazar_core::Timestamp;
use alcazar_store::{KeyRange, Scope};
use tokio::task::{Id, JoinSet};

use crate::Failure;
use crate::corridor::Corridor;
use crate::failure::Reason;
use crate::job::{JobCall, REMINDERS, Reminder};
use crate::reader::decoded;

/// How many reminders are taken at a time.
const BATCH: usize = 64;

/// How many of each job that waits for the world outside run at a time.
const BESIDE: usize = 16;

/// The jobs that run beside the others. They end when it is dropped.
#[derive(Default)]
struct Beside {
    tasks: JoinSet<bool>,
    reminders: HashMap<Id, Reminder>,
}

impl Beside {
    fn forget_ended(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let id = match ended {
                Ok((id, _)) => id,
                Err(error) => {
                    tracing::error!(%error, "a job panicked");
                    error.id()
                }
            };
            self.reminders.remove(&id);
        }
    }

    fn run(&mut self, corridor: &Arc<Corridor>, reminder: &Reminder, now: Timestamp) {
        let runs = self.reminders.values().any(|running| running == reminder);
        let alike = self.reminders.values().filter(|running| running.job == reminder.job).count();
        if !runs && alike < BESIDE {
            let (corridor, subject) = (corridor.clone(), reminder.clone());
            let task = self.tasks.spawn(async move { corridor.run(&subject, now).await });
            self.reminders.insert(task.id(), reminder.clone());
        }
    }
}

impl Corridor {
    /// Runs every job that is due, oldest first, and returns how many have run. A job that fails stays due and is tried at the
    /// next call; the others are not held up by it.
    ///
    /// # Errors
    /// When the reminders cannot be read.
    pub async fn run_due(self: &Arc<Self>) -> Result<usize, Failure> {
        self.sweep(None).await
    }

    async fn sweep(self: &Arc<Self>, mut beside: Option<&mut Beside>) -> Result<usize, Failure> {
        let now = self.universe().clock.now();
        let mut range = REMINDERS.range(Scope::Installation);
        let mut done = 0;
        loop {
            let rows = self.universe().store.scan(&range, BATCH).await?;
            let Some((last, _)) = rows.last() else { return Ok(done) };
            let next = last.successor();
            for (_, row) in &rows {
                let reminder = match decoded(&REMINDERS, row) {
                    Ok(Some(reminder)) => reminder,
                    Ok(None) => continue,
                    Err(failure) => {
                        tracing::error!(?failure, "a reminder cannot be read; the others run");
                        continue;
                    }
                };
                if reminder.due > now {
                    return Ok(done);
                }
                let outside = self.registry().job(&reminder.job).is_some_and(|(_, job)| job.outside);
                match &mut beside {
                    Some(beside) if outside => beside.run(self, &reminder, now),
                    _ => done += usize::from(self.run(&reminder, now).await),
                }
            }
            range = KeyRange { start: next, end: range.end };
        }
    }

    /// When the next job is due, on the services' clock.
    ///
    /// # Errors
    /// When the reminders cannot be read.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, Failure> {
        let rows = self.universe().store.scan(&REMINDERS.range(Scope::Installation), 1).await?;
        match rows.first() {
            Some((_, row)) => Ok(decoded(&REMINDERS, row)?.map(|reminder| reminder.due)),
            None => Ok(None),
        }
    }

    /// Runs jobs as they fall due, for as long as the program runs. The clock is looked at every second at least, for a test may
    /// move it.
    pub async fn run_jobs(self: Arc<Self>) {
        let mut beside = Beside::default();
        loop {
            beside.forget_ended();
            if let Err(failure) = self.sweep(Some(&mut beside)).await {
                tracing::error!(?failure, "reminders could not be read");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn run(self: &Arc<Self>, reminder: &Reminder, now: Timestamp) -> bool {
        let Some((service, job)) = self.registry().job(&reminder.job) else {
            tracing::error!(job = reminder.job, "a reminder names a job that this program does not have");
            return false;
        };
        let call = JobCall::new(self.clone(), service, reminder.clone(), now);
        match (job.run)(call).await.map_err(Failure::into_reason) {
            Ok(_) => true,
            Err(Reason::Again | Reason::Missing(_)) => false,
            Err(Reason::Fault(fault)) => {
                let cause = fault.cause().map(ToString::to_string).unwrap_or_default();
                tracing::error!(job = reminder.job, subject = reminder.subject, %fault, cause, "job failed");
                false
            }
        }
    }
}
