use std::borrow::Cow;
use std::sync::Arc;

use alcazar_core::schema::Service;
use alcazar_core::{
    AccountId, Arn, Common, ConditionKeys, Region, SecretBytes, SecretText, Shape, Timestamp,
};
use alcazar_directory::Sealed;
use alcazar_ports::Clock;
use alcazar_store::{Key, KeyPart, KeyRange, Record, Scope, Table};

use crate::authenticate::seal_token;
use crate::authorize::{Ask, Bearing};
use crate::corridor::Corridor;
use crate::failure::Reason;
use crate::page::{self, Page};
use crate::record::{self, Subject};
use crate::{
    BilledEntry, Caller, Committed, Failure, Guard, Input, Operation, Output, Outside, Refusal, Session, Tx,
    Universe, View,
};

/// A call that was authenticated, decoded, located and allowed. Only the corridor makes one, and it ends once: in
/// [`Call::commit`] or [`Call::answer`], which consume it.
pub struct Call<O: Operation> {
    corridor: Arc<Corridor>,
    input: Arc<Input<O>>,
    target: O::Target,
    view: View,
    subjects: Arc<[Subject]>,
}

impl<O: Operation> Call<O> {
    pub(crate) fn new(
        corridor: Arc<Corridor>,
        input: Arc<Input<O>>,
        target: O::Target,
        view: View,
        subjects: Arc<[Subject]>,
    ) -> Self {
        Self { corridor, input, target, view, subjects }
    }

    pub(crate) fn corridor(&self) -> &Arc<Corridor> {
        &self.corridor
    }

    /// The request.
    pub fn input(&self) -> &Input<O> {
        &self.input
    }

    /// What `locate` found.
    pub fn target(&self) -> &O::Target {
        &self.target
    }

    /// Reads on behalf of this call.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        self.view.caller()
    }

    /// The caller's account.
    pub fn account(&self) -> AccountId {
        self.view.account()
    }

    /// The Region that was called.
    pub fn region(&self) -> Region {
        self.view.region()
    }

    /// The caller's account in the Region that was called.
    pub fn here(&self) -> Scope {
        self.view.here()
    }

    /// The services' time, one for the whole call.
    pub fn now(&self) -> Timestamp {
        self.view.now()
    }

    /// The two clocks: for the operations that show or move them.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.universe().clock.clone()
    }

    /// The services that keep something for which AWS charges by the month, with the way to read what an account holds there.
    pub fn billed(&self) -> impl Iterator<Item = (&'static Service, BilledEntry)> {
        let services = self.corridor.registry().services().iter();
        services.filter_map(|entry| Some((entry.service, entry.billed?)))
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        alcazar_ports::array(&*self.universe().entropy)
    }

    /// The way to the world outside. What is sent there happens before the commit, and again when the call is decided again.
    pub fn outside(&self) -> Outside {
        Outside::of(self.universe())
    }

    /// Fills a buffer with random bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.universe().entropy.fill(bytes);
    }

    /// A fresh UUID of version 4.
    pub fn uuid(&self) -> String {
        self.universe().uuid()
    }

    /// A shard of a [`ResourceQuota`](crate::ResourceQuota) to count in: calls at once are given different ones, so that none waits for
    /// another. Whoever is counted must remember it.
    pub fn quota_shard(&self) -> u64 {
        self.corridor.next_shard()
    }

    /// An ARN of the called Region's partition.
    pub fn arn(&self, service: &str, region: &str, account: AccountId, resource: &str) -> Arn {
        Arn::new(self.region().partition().name, service, region, account.as_str(), resource)
    }

    /// Seals a secret for one place.
    ///
    /// # Errors
    /// When the cryptography fails, which no input can bring about.
    pub fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Sealed, Failure> {
        self.universe().seal(context, secret)
    }

    /// Opens a secret that was sealed for that place.
    ///
    /// # Errors
    /// When it was sealed for another place, or was altered.
    pub fn open(&self, context: &[u8], sealed: &Sealed) -> Result<SecretBytes, Failure> {
        self.universe().open(context, sealed)
    }

    /// The session token of a session: the session itself, sealed. STS alone has a use for it.
    ///
    /// # Errors
    /// When the cryptography fails, which no input can bring about.
    pub fn seal_token(&self, session: &Session) -> Result<SecretText, Failure> {
        seal_token(self.universe(), session)
    }

    /// Whether this caller may do that to a resource as it is not yet, under a policy that is only proposed: KMS refuses a key policy
    /// that would lock its author out. It grants nothing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn would_allow(
        &self,
        action: &str,
        resource: &Guard,
        keys: &dyn ConditionKeys,
    ) -> Result<bool, Failure> {
        let bearing = Bearing::of(&self.view).await?;
        let ask = Ask { action, resource, keys, request_tags: &[], tag_keys: &[] };
        match bearing.decide(&self.view, &ask).map_err(Failure::into_reason) {
            Ok(()) => Ok(true),
            Err(Reason::Fault(fault)) if fault.is(Common::AccessDenied) => Ok(false),
            Err(reason) => Err(Failure::of(reason)),
        }
    }

    /// The token with which this list goes on after that key. `filters` is everything that the next call must repeat.
    ///
    /// # Errors
    /// When the cryptography fails, which no input can bring about.
    pub fn page_token(&self, filters: &str, after: &Key) -> Result<String, Failure> {
        page::seal(self.universe(), &self.binding(filters), after)
    }

    /// The key after which the list goes on, if the token was made for this caller's account, operation and filters.
    pub fn page_after(&self, filters: &str, token: &str) -> Option<Key> {
        page::open(self.universe(), &self.binding(filters), token)
    }

    /// A page of a list: rows of the range in key order after the token's place, and the token of the next page when there is one.
    /// `None` when the token was not made for this list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page<K, R>(
        &self,
        table: &Table<K, R>,
        range: KeyRange,
        filters: &str,
        token: Option<&str>,
        limit: usize,
    ) -> Result<Option<Page<R>>, Failure>
    where
        K: KeyPart + ?Sized,
        R: Record,
    {
        let after = match token {
            None => None,
            Some(token) => match self.page_after(filters, token).filter(|key| range.contains(key)) {
                Some(key) => Some(key),
                None => return Ok(None),
            },
        };
        let mut rows = self.view.page(table, range, after.as_ref(), limit + 1).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last() {
            Some((key, _)) if more => Some(self.page_token(filters, key)?),
            _ => None,
        };
        Ok(Some(Page { items: rows.into_iter().map(|(_, row)| row).collect(), next }))
    }

    fn binding(&self, filters: &str) -> String {
        let operation = O::Shape::OPERATION;
        format!("{}/{}/{}/{}/{filters}", operation.service.id, operation.name, self.account(), self.region())
    }

    pub(crate) fn universe(&self) -> &Arc<Universe> {
        self.view.universe()
    }

    /// Commits a change with its record. The closure may run more than once (a row it needs is fetched first), so it only reads and
    /// writes through its [`Tx`]. What it returns is what the caller will read.
    ///
    /// # Errors
    /// The closure's own; and the store's, in which case nothing is answered.
    pub async fn commit<F>(self, mut change: F) -> Result<Committed<Output<O>>, Refusal<O::Shape>>
    where
        F: FnMut(&mut Tx<'_>, &Self) -> Result<Output<O>, Refusal<O::Shape>> + Send,
    {
        loop {
            let attempt = {
                let mut tx = Tx::new(&self.view);
                change(&mut tx, &self).map(|output| (output, tx.take_made(), tx.into_frame()))
            };
            let (output, made, mut frame) = match attempt {
                Ok(done) => done,
                Err(refusal) => match refusal.into_reason() {
                    Reason::Missing(key) => {
                        self.view.read(key).await?;
                        continue;
                    }
                    Reason::Fault(fault) => return Err(Failure::from(fault).into()),
                    Reason::Again => return Err(Refusal::again()),
                },
            };
            let subjects: Cow<'_, [Subject]> = match made.is_empty() {
                true => Cow::Borrowed(&self.subjects),
                false => self.subjects.iter().cloned().chain(made).collect(),
            };
            // What the service does by itself stands before the call that made it do so.
            frame.records.extend(record::of_call::<O>(&self.view, &self.input, &output, &subjects));
            return Ok(Committed::new(output, self.view.append(frame).await?));
        }
    }

    /// Ends a call that changes nothing: the answer is recorded before it leaves.
    ///
    /// # Errors
    /// The store's, in which case nothing is answered.
    pub async fn answer(self, output: Output<O>) -> Result<Committed<Output<O>>, Refusal<O::Shape>> {
        let mut frame = Tx::new(&self.view).into_frame();
        frame.records = record::of_call::<O>(&self.view, &self.input, &output, &self.subjects);
        Ok(Committed::new(output, self.view.append(frame).await?))
    }
}
