//! The writer: one thread that decides, appends, applies and answers, a group of frames at a time.
//!
//! The order within a group is what the store promises: expectations are compared with everything accepted before; the log
//! is durable; the view has the rows; the cache has them; `changed_at` moves; the callers are told.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Shared;
use super::error::EmbeddedError;
use super::index::Summary;
use super::injected::Point;
use super::keeper::{Keeper, Task};
use super::log::{Log, Unrotated};
use super::queue::{Reply, Request};
use super::segment::{CHANGES_ROWS, FRAME_HEADER, FrameHeader};
use super::view::{Changes, ViewWriter};
use crate::{AppendError, Key, KeyRange, Position, Row, Version};

/// How many changed rows make a checkpoint due.
const CHECKPOINT_ROWS: usize = 4000;

pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) log: Log,
    pub(super) view: ViewWriter,
    pub(super) keeper: Keeper,
    /// The newest frame that is durable.
    pub(super) head: Position,
    /// The newest frame, durable or of this group, that changes rows.
    pub(super) changed: Position,
    pub(super) group: Group,
    pub(super) rows_since_checkpoint: usize,
    pub(super) failed: Option<String>,
}

/// The frames that are accepted and not yet durable.
#[derive(Default)]
pub(super) struct Group {
    bytes: Vec<u8>,
    changes: Changes,
    accepted: Vec<Accepted>,
}

struct Accepted {
    position: Position,
    offset: u32,
    summary: Summary,
    reply: Reply,
}

impl Writer {
    /// Serves until the queue is closed, then closes the store.
    pub(super) fn run(mut self) -> Result<(), EmbeddedError> {
        let mut requests = Vec::new();
        // Conflicts are told after the group, so that who reads again sees what the conflict was with.
        let mut conflicts: Vec<Reply> = Vec::new();
        let mut answered = 0;
        while self.shared.queue.take(&mut requests, answered) {
            answered = requests.len();
            for request in requests.drain(..) {
                if let Some(conflict) = self.admit(request) {
                    conflicts.push(conflict);
                }
            }
            self.commit();
            for reply in conflicts.drain(..) {
                let _ = reply.send(Err(AppendError::Conflict));
            }
        }
        self.finish()
    }

    /// Takes a frame into the group, or answers it; gives back whom to tell of a conflict.
    fn admit(&mut self, request: Request) -> Option<Reply> {
        if let Some(reason) = &self.failed {
            self.refuse(request.reply, EmbeddedError::Failed(reason.clone()));
            return None;
        }
        if request.bytes.len() > self.log.most() {
            self.refuse(request.reply, EmbeddedError::FrameTooLarge(request.bytes.len()));
            return None;
        }
        match self.expectations_hold(&request) {
            Ok(true) => {}
            Ok(false) => return Some(request.reply),
            Err(error) => {
                self.refuse(request.reply, error);
                return None;
            }
        }
        if self.log.room() < self.group.bytes.len() + request.bytes.len() {
            self.commit();
            if let Err(error) = self.rotate() {
                self.refuse(request.reply, error);
                return None;
            }
        }
        self.accept(request);
        None
    }

    fn rotate(&mut self) -> Result<(), EmbeddedError> {
        if let Some(reason) = &self.failed {
            return Err(EmbeddedError::Failed(reason.clone()));
        }
        self.log.rotate(self.head.0 + 1, self.changed.0).map_err(|unrotated| match unrotated {
            Unrotated::Refused(error) => error,
            Unrotated::Unknown(error) => EmbeddedError::Failed(self.fail(&error)),
        })?;
        self.keeper.tell(Task::Rotated { head: self.head.0 });
        Ok(())
    }

    fn accept(&mut self, request: Request) {
        let position = Position(self.head.0 + 1 + self.group.accepted.len() as u64);
        let changes_rows = request.changes_rows();
        let header = FrameHeader {
            length: (request.bytes.len() - FRAME_HEADER) as u32,
            body_crc: request.body_crc,
            number: self.log.active.header.number,
            position: position.0,
            synced: self.head.0,
            flags: if changes_rows { CHANGES_ROWS } else { 0 },
        };
        let offset = (self.log.offset + self.group.bytes.len()) as u32;
        self.group.bytes.extend_from_slice(&header.to_bytes());
        self.group.bytes.extend_from_slice(request.bytes.get(FRAME_HEADER..).unwrap_or_default());
        if changes_rows {
            self.changed = position;
            let version = Version(position.0);
            let deletes = request.delete.into_iter().map(|key| (key, (Version::ABSENT, None)));
            self.group.changes.extend(deletes);
            self.group
                .changes
                .extend(request.put.into_iter().map(|(key, value)| (key, (version, Some(value)))));
        }
        let (summary, reply) = (request.summary, request.reply);
        self.group.accepted.push(Accepted { position, offset, summary, reply });
    }

    fn expectations_hold(&self, request: &Request) -> Result<bool, EmbeddedError> {
        if request.read_at > Position(0) && self.changed <= request.read_at {
            return Ok(true);
        }
        for (key, version) in &request.expect {
            if self.version(key)? != *version {
                return Ok(false);
            }
        }
        for range in &request.expect_empty {
            if !self.is_empty(range)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The version that the row has after the frames accepted so far.
    fn version(&self, key: &Key) -> Result<Version, EmbeddedError> {
        if let Some((version, _)) = self.group.changes.get(key) {
            return Ok(*version);
        }
        match self.shared.cache.get(key.as_bytes()) {
            Some(row) => Ok(row.version),
            None => self.view.version(key),
        }
    }

    fn is_empty(&self, range: &KeyRange) -> Result<bool, EmbeddedError> {
        let Group { changes, .. } = &self.group;
        if range.start >= range.end {
            return Ok(true);
        }
        let written =
            changes.range(range.start.clone()..range.end.clone()).any(|(_, (_, value))| value.is_some());
        Ok(!written && self.view.is_empty_but_for(range, changes)?)
    }

    /// Makes the group durable and visible, and answers it.
    fn commit(&mut self) {
        if self.group.accepted.is_empty() {
            return;
        }
        let outcome = self.write_group();
        let accepted = mem::take(&mut self.group.accepted);
        match outcome {
            Ok(()) => {
                self.shared.appends.count(accepted.len(), self.head);
                for Accepted { position, reply, .. } in accepted {
                    // Who has gone away meanwhile has no interest in it.
                    let _ = reply.send(Ok(position));
                }
            }
            Err(error) => {
                let reason = self.fail(&error);
                for Accepted { reply, .. } in accepted {
                    self.refuse(reply, EmbeddedError::Failed(reason.clone()));
                }
            }
        }
        self.group.bytes.clear();
        self.group.changes.clear();
    }

    /// From here on everything is refused; gives the reason.
    fn fail(&mut self, error: &EmbeddedError) -> String {
        tracing::error!(%error, "the store takes no more frames until it is opened again");
        let reason = error.to_string();
        self.shared.queue.fail(&reason);
        self.failed = Some(reason.clone());
        reason
    }

    fn write_group(&mut self) -> Result<(), EmbeddedError> {
        self.log.write(&self.group.bytes)?;
        let last = Position(self.head.0 + self.group.accepted.len() as u64);
        if !self.group.changes.is_empty() {
            self.apply()?;
        }
        {
            let mut index = self.log.active.index();
            for Accepted { position, offset, summary, .. } in &self.group.accepted {
                index.add(*position, *offset, summary);
            }
        }
        self.head = last;
        self.shared.changed_at.store(self.changed.0, Ordering::Release);
        self.shared.head.send_replace(last);
        Ok(())
    }

    /// Brings the view and the cache up to the group.
    fn apply(&mut self) -> Result<(), EmbeddedError> {
        let failures = &self.log.spare.failures;
        failures.check(Point::Apply).map_err(EmbeddedError::io("apply to", &self.log.folder.view()))?;
        self.view.apply(self.changed, &self.group.changes)?;
        self.rows_since_checkpoint += self.group.changes.len();
        for (key, (version, value)) in mem::take(&mut self.group.changes) {
            let row = value.map_or_else(Row::absent, |value| Row::new(version, value));
            self.shared.cache.publish(key, Arc::new(row));
        }
        if self.rows_since_checkpoint >= CHECKPOINT_ROWS {
            self.rows_since_checkpoint = 0;
            self.keeper.tell(Task::Checkpoint);
        }
        if self.shared.wal_is_large.swap(false, Ordering::Relaxed) {
            // While it writes without a pause the keeper can never catch up; here nothing is being written.
            self.view.checkpoint()?;
        }
        Ok(())
    }

    fn refuse(&self, reply: Reply, error: EmbeddedError) {
        self.shared.appends.fail();
        let _ = reply.send(Err(AppendError::Store(error.into())));
    }

    fn finish(self) -> Result<(), EmbeddedError> {
        let Self { shared, log, view, keeper, head, failed, .. } = self;
        keeper.stop();
        let outcome = match failed {
            // What the end of the log is like must be found out at the next start.
            Some(reason) => Err(EmbeddedError::Failed(reason)),
            None => view.checkpoint().and_then(|_| shared.set_closed(head)),
        };
        drop(view);
        shared.view.close();
        log.folder.unlock();
        outcome
    }
}
