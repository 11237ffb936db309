use std::collections::BTreeMap;
use std::sync::Arc;

use alcazar_core::{Arn, Timestamp};
use alcazar_directory::Sealed;
use alcazar_store::{Fact, Frame, Key, KeyPart, Record, Row, Scope, Table};
use bytes::Bytes;

use crate::job::{REMINDERS, Reminder, ReminderKey};
use crate::reader::decoded;
use crate::record::{self, Subject};
use crate::{Failure, ServiceEvent, View};

/// A change being made: reads and writes of rows, facts and reminders. The closure that receives it is synchronous and may run
/// more than once, so it does nothing else. Every row written has been read first, so that no change is lost; but for
/// [`Tx::put_new`], where there is nothing to lose.
pub struct Tx<'v> {
    view: &'v View,
    writes: BTreeMap<Key, Option<Bytes>>,
    facts: Vec<Fact>,
    events: Vec<ServiceEvent>,
    made: Vec<Subject>,
}

impl<'v> Tx<'v> {
    pub(crate) fn new(view: &'v View) -> Self {
        Self { view, writes: BTreeMap::new(), facts: Vec::new(), events: Vec::new(), made: Vec::new() }
    }

    /// The services' time.
    pub fn now(&self) -> Timestamp {
        self.view.now()
    }

    /// The row of that key as this transaction sees it: its own writes included.
    ///
    /// # Errors
    /// Pass it on with `?`: the row may have to be fetched, after which the closure runs again.
    pub fn get<K, R>(&self, table: &Table<K, R>, scope: Scope, key: &K) -> Result<Option<Arc<R>>, Failure>
    where
        K: KeyPart + ?Sized,
        R: Record,
    {
        let key = table.key(scope, key);
        match self.writes.get(&key) {
            Some(Some(written)) => Ok(Some(Arc::new(table.decode(written)?))),
            Some(None) => Ok(None),
            None => self.fetched(&key, |row| decoded(table, row))?,
        }
    }

    /// Writes a row.
    ///
    /// # Errors
    /// Pass it on with `?`.
    pub fn put<K, R>(&mut self, table: &Table<K, R>, scope: Scope, key: &K, record: &R) -> Result<(), Failure>
    where
        K: KeyPart + ?Sized,
        R: Record,
    {
        let key = table.key(scope, key);
        self.fetched(&key, |_| ())?;
        self.writes.insert(key, Some(table.encode(record)?));
        Ok(())
    }

    /// Writes the first row under an id that this call has drawn at random, of 120 bits or more. There can be none yet, so it is not
    /// looked up: of a row that never was, no cache can tell that it is absent.
    ///
    /// # Errors
    /// When the record refuses to be serialised.
    pub fn put_new<K, R>(
        &mut self,
        table: &Table<K, R>,
        scope: Scope,
        key: &K,
        record: &R,
    ) -> Result<(), Failure>
    where
        K: KeyPart + ?Sized,
        R: Record,
    {
        self.writes.insert(table.key(scope, key), Some(table.encode(record)?));
        Ok(())
    }

    /// Removes a row, if it is there.
    ///
    /// # Errors
    /// Pass it on with `?`.
    pub fn remove<K, R>(&mut self, table: &Table<K, R>, scope: Scope, key: &K) -> Result<(), Failure>
    where
        K: KeyPart + ?Sized,
        R: Record,
    {
        let key = table.key(scope, key);
        if self.fetched(&key, Row::exists)? || self.writes.contains_key(&key) {
            self.writes.insert(key, None);
        }
        Ok(())
    }

    /// Names a resource that this change makes in the caller's account, for the record: `locate` could not yet know its ARN.
    /// The type is CloudTrail's.
    pub fn made(&mut self, kind: &'static str, arn: &Arn) {
        self.made.push(Subject::made(kind, arn.clone(), self.view.account()));
    }

    /// Tells other services what has happened.
    pub fn tell(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// Records what the service does by itself with this change, beside the call: `StartSecretVersionDelete`.
    pub fn record(&mut self, event: ServiceEvent) {
        self.events.push(event);
    }

    /// Has a job run when the services' time reaches `due`. A second one for the same job, time and subject is the same.
    ///
    /// # Errors
    /// Pass it on with `?`.
    pub fn remind(
        &mut self,
        due: Timestamp,
        job: &'static str,
        scope: Scope,
        subject: &str,
    ) -> Result<(), Failure> {
        let reminder = Reminder::new(due, job, scope, subject);
        self.put(&REMINDERS, Scope::Installation, &ReminderKey::of(&reminder), &reminder)
    }

    /// Takes a reminder back; none is no error.
    ///
    /// # Errors
    /// Pass it on with `?`.
    pub fn forget(
        &mut self,
        due: Timestamp,
        job: &'static str,
        scope: Scope,
        subject: &str,
    ) -> Result<(), Failure> {
        let reminder = Reminder::new(due, job, scope, subject);
        self.remove(&REMINDERS, Scope::Installation, &ReminderKey::of(&reminder))
    }

    /// Seals a secret for one place: it opens only with the same context.
    ///
    /// # Errors
    /// When the cryptography fails, which no input can bring about.
    pub fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Sealed, Failure> {
        self.view.universe().seal(context, secret)
    }

    fn fetched<T>(&self, key: &Key, of: impl FnOnce(&Row) -> T) -> Result<T, Failure> {
        self.view.known(key, of).ok_or_else(|| Failure::missing(key.clone()))
    }

    /// What was named with [`Tx::made`].
    pub(crate) fn take_made(&mut self) -> Vec<Subject> {
        std::mem::take(&mut self.made)
    }

    /// The frame of this change, with everything the call has read as its expectations.
    pub(crate) fn into_frame(self) -> Frame {
        let (read_at, expect) = self.view.expectations();
        let records = self.events.iter().map(|event| record::of_service(self.view, event)).collect();
        let mut frame = Frame { read_at, expect, facts: self.facts, records, ..Frame::default() };
        for (key, write) in self.writes {
            match write {
                Some(value) => frame.put.push((key, value)),
                None => frame.delete.push(key),
            }
        }
        frame
    }
}
