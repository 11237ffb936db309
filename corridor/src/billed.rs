//! What a service keeps for an account and is paid for by the time that it exists: keys, secrets.

use std::future::Future;

use alcazar_core::{Arn, Timestamp};
use alcazar_store::{Key, Pending, Scope};

use crate::{Failure, View};

/// Something that exists for a time, for which AWS charges by that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// What it is, or what it belongs to.
    pub arn: Arn,
    /// What is charged for: `Key`, `KeyRotation`, `Secret`.
    pub kind: &'static str,
    /// What requests for it cost by, where that differs: a key's spec.
    pub spec: Option<String>,
    /// Since when it is charged for.
    pub since: Timestamp,
    /// Until when; `None` while it is.
    pub until: Option<Timestamp>,
}

/// Holdings row by row, with the rows' keys for the next page. A row may hold nothing that is charged for.
pub type BilledPage = Vec<(Key, Vec<Holding>)>;

/// Tells what a service holds.
pub trait Billed: Send + Sync + 'static {
    /// What the rows of that scope hold, at most `limit` of them, after that key; no rows are left when there are none.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn page(
        view: &View,
        scope: Scope,
        after: Option<&Key>,
        limit: usize,
    ) -> impl Future<Output = Result<BilledPage, Failure>> + Send;
}

type Page = for<'a> fn(&'a View, Scope, Option<&'a Key>, usize) -> Pending<'a, Result<BilledPage, Failure>>;

/// How a service's holdings are read: a member of its entry.
#[derive(Clone, Copy)]
pub struct BilledEntry {
    page: Page,
}

impl BilledEntry {
    /// The entry of what tells it.
    pub const fn of<B: Billed>() -> Self {
        Self { page: |view, scope, after, limit| Box::pin(B::page(view, scope, after, limit)) }
    }

    /// What the rows hold, as [`Billed::page`] says.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page(
        &self,
        view: &View,
        scope: Scope,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<BilledPage, Failure> {
        (self.page)(view, scope, after, limit).await
    }
}
