use std::time::Duration;

use alcazar_core::Timestamp;
use alcazar_corridor::{Failure, Job, Tx};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schedule::{Rules, Window};
use super::{CURRENT, PENDING, Secret, Version, happened};
use crate::jobs::rotate_secret::RotateSecret;

/// How a secret is rotated, and how far it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rotation {
    /// It was not cancelled.
    pub(crate) enabled: bool,
    /// The function's ARN.
    pub(crate) function: String,
    pub(crate) rules: Option<Rules>,
    /// When the next rotation is to begin; `None` when no rule says.
    #[serde(default)]
    pub(crate) next: Option<Window>,
    /// The rotation that goes on.
    #[serde(default)]
    pub(crate) run: Option<Run>,
    #[serde(default)]
    pub(crate) last: Option<Timestamp>,
}

/// A rotation that goes on: it is tried until it succeeds, is cancelled, or is overtaken by a value that somebody puts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// The version that is being made: the request's token.
    pub(crate) version_id: String,
    /// When it is tried next.
    pub(crate) due: Timestamp,
    /// How often it has failed.
    pub(crate) failures: u32,
    /// That it has begun is on record.
    pub(crate) told: bool,
    /// Only the function's last but one step, over a copy of the current value: what a request gets that does not rotate at once.
    pub(crate) test: bool,
}

impl Run {
    /// How long after its last failure it is tried again: soon, for the database may have the new password already, then twice as long each
    /// time, an hour at most. AWS says that it tries several times, and not when.
    pub(crate) fn pause(&self) -> Duration {
        Duration::from_secs(5 << self.failures.saturating_sub(1).min(10)).min(Duration::from_secs(3600))
    }
}

impl Secret {
    /// Whether a version is in the making that is not the current one: nothing else can begin.
    pub(crate) fn is_being_rotated(&self) -> bool {
        self.holder(PENDING).is_some_and(|pending| self.holder(CURRENT) != Some(pending))
    }

    /// Begins a rotation: the version to be is there, labelled and without a value, and the job is due at once.
    pub(crate) fn begin(
        &mut self,
        tx: &mut Tx<'_>,
        version_id: &str,
        due: Timestamp,
        test: bool,
    ) -> Result<(), Failure> {
        if self.version(version_id).is_none() {
            self.versions.push(Version {
                id: version_id.to_owned(),
                stages: Vec::new(),
                created_at: tx.now(),
                accessed_on: None,
                kms_key_id: self.kms_key_id.clone(),
                empty: true,
            });
        }
        self.attach(PENDING, version_id);
        if let Some(rotation) = &mut self.rotation {
            let version_id = version_id.to_owned();
            rotation.run = Some(Run { version_id, due, failures: 0, told: false, test });
        }
        self.remind(tx, due)
    }

    /// When the next rotation is, from now on; the reminder of an earlier plan goes.
    pub(crate) fn plan(&mut self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let Some(rotation) = &mut self.rotation else { return Ok(()) };
        let schedule = rotation.rules.as_ref().and_then(|rules| rules.schedule().ok().flatten());
        let next = schedule.filter(|_| rotation.enabled).and_then(|schedule| schedule.next(tx.now()));
        let before = std::mem::replace(&mut rotation.next, next);
        if let Some(before) = before {
            self.forget(tx, before.opens)?;
        }
        match next {
            Some(next) => self.remind(tx, next.opens),
            None => Ok(()),
        }
    }

    /// Gives up the rotation that goes on.
    pub(crate) fn give_up(&mut self, tx: &mut Tx<'_>) -> Result<Option<Run>, Failure> {
        let run = self.rotation.as_mut().and_then(|rotation| rotation.run.take());
        if let Some(run) = &run {
            self.forget(tx, run.due)?;
        }
        Ok(run)
    }

    /// Somebody has put a current value: a rotation that goes on is given up for it, and the next one is planned from here, for this
    /// one counts as one. Source: Secrets Manager User Guide, `RotationAbandoned`; API reference, `RotationRulesType`.
    pub(crate) fn overtaken(&mut self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        if self.rotation.is_some() && self.is_being_rotated() {
            self.give_up(tx)?;
            self.detach(PENDING);
            happened(tx, self, "RotationAbandoned", Value::Null)?;
        }
        match &self.rotation {
            Some(rotation) if rotation.run.is_none() => self.plan(tx),
            _ => Ok(()),
        }
    }

    /// Goes on after the secret was deleted and restored: what fell due meanwhile was not done.
    pub(crate) fn resume(&mut self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let due = self.rotation.as_ref().and_then(|rotation| rotation.run.as_ref()).map(|run| run.due);
        if let Some(due) = due {
            self.remind(tx, due)?;
        }
        self.plan(tx)
    }

    pub(crate) fn remind(&self, tx: &mut Tx<'_>, due: Timestamp) -> Result<(), Failure> {
        tx.remind(due, RotateSecret::NAME, self.scope(), &self.name)
    }

    fn forget(&self, tx: &mut Tx<'_>, due: Timestamp) -> Result<(), Failure> {
        tx.forget(due, RotateSecret::NAME, self.scope(), &self.name)
    }
}
