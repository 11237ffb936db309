//! Jobs: what runs when a reminder falls due, without anybody's call.

use std::future::Future;
use std::sync::Arc;

use alcazar_core::schema::Service;
use alcazar_core::{AccountId, Region, SecretBytes, Timestamp};
use alcazar_directory::Sealed;
use alcazar_ports::Databases;
use alcazar_store::{KeyPart, KeyWriter, Pending, Position, Record, Row, Scope, ScopeKind, Table};
use serde::{Deserialize, Serialize};

use crate::corridor::Corridor;
use crate::failure::Reason;
use crate::reader::Reader;
use crate::{Caller, Circumstances, Committed, Failure, Outside, Tx, View, record};

/// A job of a service. It runs at least once for each reminder; its commit takes the reminder away, so its effect happens once.
pub trait Job: Sized + Send + Sync + 'static {
    /// Its name: `kms/delete-key`. Reminders carry it.
    const NAME: &'static str;

    /// It waits for the world outside (a database, a proxy): it runs beside the other jobs, which do not wait for it. Of each such job some run at a
    /// time, so that those which wait keep none of another kind from running.
    const OUTSIDE: bool = false;

    /// Does what fell due. When it is no longer due (cancelled in the meantime), it commits nothing but the reminder's end.
    ///
    /// # Errors
    /// A failure leaves the reminder in place: the job runs again.
    fn run(call: JobCall) -> impl Future<Output = Result<Committed<Done>, Failure>> + Send;
}

/// A job has run.
#[derive(Debug, Clone, Copy)]
pub struct Done;

/// A job's registration: a line in the service's list.
#[derive(Clone, Copy)]
pub struct JobEntry {
    pub(crate) name: &'static str,
    pub(crate) outside: bool,
    pub(crate) run: fn(JobCall) -> Pending<'static, Result<Committed<Done>, Failure>>,
}

impl JobEntry {
    /// The entry of a job.
    pub const fn of<J: Job>() -> Self {
        Self { name: J::NAME, outside: J::OUTSIDE, run: |call| Box::pin(J::run(call)) }
    }
}

/// A reminder as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// When it falls due, on the services' clock.
    pub due: Timestamp,
    /// Which job.
    pub job: String,
    /// In which account and Region.
    pub account: Option<AccountId>,
    /// In which Region.
    pub region: Option<Region>,
    /// About what: a key id, a name.
    pub subject: String,
}

impl Record for Reminder {}

/// Ordered by due time.
pub(crate) struct ReminderKey {
    due: Timestamp,
    identity: String,
}

pub(crate) static REMINDERS: Table<ReminderKey, Reminder> =
    Table::new("corridor/reminders", ScopeKind::Installation);

impl Reminder {
    pub(crate) fn new(due: Timestamp, job: &str, scope: Scope, subject: &str) -> Self {
        let (account, region) = match scope {
            Scope::Installation => (None, None),
            Scope::Account(account) => (Some(account), None),
            Scope::Region(account, region) => (Some(account), Some(region)),
        };
        Self { due, job: job.to_owned(), account, region, subject: subject.to_owned() }
    }

    /// The scope it was made in.
    pub fn scope(&self) -> Scope {
        match (self.account, self.region) {
            (Some(account), Some(region)) => Scope::Region(account, region),
            (Some(account), None) => Scope::Account(account),
            (None, _) => Scope::Installation,
        }
    }
}

impl ReminderKey {
    pub(crate) fn of(reminder: &Reminder) -> Self {
        let account = reminder.account.map(String::from).unwrap_or_default();
        let region = reminder.region.map_or("", Region::name);
        Self {
            due: reminder.due,
            identity: format!("{}/{account}/{region}/{}", reminder.job, reminder.subject),
        }
    }
}

impl KeyPart for ReminderKey {
    fn write(&self, key: &mut KeyWriter) {
        self.due.write(key);
        self.identity.write(key);
    }
}

/// A reminder that fell due, and the means to act on it.
pub struct JobCall {
    corridor: Arc<Corridor>,
    service: &'static Service,
    reminder: Reminder,
    view: View,
}

/// An event of the service's own doing, for the audit: CloudTrail's `AwsServiceEvent` (`RotateKey`, `DeleteKey`).
#[derive(Debug, Clone)]
pub struct ServiceEvent {
    /// `kms.amazonaws.com`.
    pub source: &'static str,
    /// `RotateKey`.
    pub name: &'static str,
    /// The resource: type and ARN.
    pub resource: Option<(&'static str, alcazar_core::Arn)>,
    /// CloudTrail's `serviceEventDetails` (of Secrets Manager: `additionalEventData`), a JSON object.
    pub details: String,
}

impl JobCall {
    pub(crate) fn new(
        corridor: Arc<Corridor>,
        service: &'static Service,
        reminder: Reminder,
        now: Timestamp,
    ) -> Self {
        let region = reminder.region.unwrap_or_default();
        let account = reminder.account.unwrap_or_else(|| AccountId::from_number(0));
        let caller = Arc::new(Caller::service(service.id, account, region.partition().name));
        let circumstances = Arc::new(Circumstances {
            request_id: corridor.universe().uuid(),
            now,
            region,
            source: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            user_agent: service.id.to_owned(),
            host: service.id.to_owned(),
            secure: true,
            via: Vec::new(),
        });
        let view = View::new(Reader::new(corridor.universe()), caller, circumstances);
        Self { corridor, service, reminder, view }
    }

    pub(crate) fn service(&self) -> &'static Service {
        self.service
    }

    pub(crate) fn corridor(&self) -> &Arc<Corridor> {
        &self.corridor
    }

    /// What fell due.
    pub fn reminder(&self) -> &Reminder {
        &self.reminder
    }

    /// Reads.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        alcazar_ports::array(&*self.view.universe().entropy)
    }

    /// The way to the world outside.
    pub fn outside(&self) -> Outside {
        Outside::of(self.view.universe())
    }

    /// Opens a secret that was sealed for that place.
    ///
    /// # Errors
    /// When it was sealed for another place, or was altered.
    pub fn open(&self, context: &[u8], sealed: &Sealed) -> Result<SecretBytes, Failure> {
        self.view.universe().open(context, sealed)
    }

    /// A fresh UUID of version 4.
    pub fn uuid(&self) -> String {
        self.view.universe().uuid()
    }

    /// The operator's databases.
    pub fn databases(&self) -> Arc<dyn Databases> {
        self.view.universe().databases.clone()
    }

    /// The same job with nothing read yet: after it has asked others, who may have changed what it had read.
    #[must_use]
    pub fn anew(self) -> Self {
        let reader = Reader::new(self.corridor.universe());
        let circumstances = Arc::new(self.view.circumstances().clone());
        let view = View::new(reader, self.view.caller_shared().clone(), circumstances);
        Self { view, ..self }
    }

    /// Commits the change and the event while the reminder stays, and goes on: a job that does its work in steps says so before each.
    ///
    /// # Errors
    /// When the store refuses, when a row has changed meanwhile, or when the reminder is gone; then the job ends.
    pub async fn step<F>(self, event: Option<ServiceEvent>, change: F) -> Result<Self, Failure>
    where
        F: FnMut(&mut Tx<'_>) -> Result<(), Failure> + Send,
    {
        if !self.is_wanted().await? {
            return Err(Failure::again());
        }
        self.append(event, false, change).await?;
        Ok(self.anew())
    }

    /// Commits the change, the event when there is one, and the reminder's end, together.
    ///
    /// # Errors
    /// When the store refuses; or when a row has changed meanwhile, and then the job runs again.
    pub async fn commit<F>(self, event: Option<ServiceEvent>, change: F) -> Result<Committed<Done>, Failure>
    where
        F: FnMut(&mut Tx<'_>) -> Result<(), Failure> + Send,
    {
        if !self.is_wanted().await? {
            // Somebody else has run it, or took it back: its effect is there already, or is not wanted.
            return Ok(Committed::new(Done, self.view.universe().store.changed_at()));
        }
        Ok(Committed::new(Done, self.append(event, true, change).await?))
    }

    /// Whether the reminder is still there.
    async fn is_wanted(&self) -> Result<bool, Failure> {
        let key = REMINDERS.key(Scope::Installation, &ReminderKey::of(&self.reminder));
        self.view.read(key.clone()).await?;
        Ok(self.view.known(&key, Row::exists).unwrap_or(false))
    }

    async fn append<F>(
        &self,
        event: Option<ServiceEvent>,
        ends: bool,
        mut change: F,
    ) -> Result<Position, Failure>
    where
        F: FnMut(&mut Tx<'_>) -> Result<(), Failure> + Send,
    {
        let key = ReminderKey::of(&self.reminder);
        loop {
            let attempt = {
                let mut tx = Tx::new(&self.view);
                change(&mut tx)
                    .and_then(
                        |()| if ends { tx.remove(&REMINDERS, Scope::Installation, &key) } else { Ok(()) },
                    )
                    .map(|()| tx.into_frame())
            };
            match attempt.map_err(Failure::into_reason) {
                Ok(mut frame) => {
                    frame.records.extend(event.map(|event| record::of_service(&self.view, &event)));
                    return self.view.append(frame).await;
                }
                Err(Reason::Missing(key)) => self.view.read(key).await?,
                Err(Reason::Again) => return Err(Failure::again()),
                Err(Reason::Fault(fault)) => return Err(fault.into()),
            }
        }
    }
}
