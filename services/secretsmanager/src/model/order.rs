//! The orders in which secrets are listed. By name is the order of their rows; by a date has places of its own, kept in step with the rows.

use std::sync::Arc;

use alcazar_core::Timestamp;
use alcazar_corridor::{Failure, View};
use alcazar_store::{Key, KeyRange, Record, Scope, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_secretsmanager::{SortByType, SortOrderType};

use super::Secret;
use super::row::SECRETS;

/// The secret at a place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) name: String,
}

impl Record for Place {}

/// Which order, which date, and the name among secrets of the same moment.
pub(super) type PlaceKey = (&'static str, (Timestamp, String));

/// The places of the secrets of an account in a Region.
pub(super) static ORDERS: Table<PlaceKey, Place> = Table::new("secretsmanager/orders", ScopeKind::Region);

const CREATED: &str = "created";
const CHANGED: &str = "changed";
const ACCESSED: &str = "accessed";

/// Where a secret stands. Those that were never read stand before all others.
pub(super) fn places(secret: &Secret) -> [PlaceKey; 3] {
    let accessed = secret.accessed_on.unwrap_or(Timestamp::from_millis(i64::MIN));
    let place = |order, date| (order, (date, secret.name.clone()));
    [place(CREATED, secret.created_at), place(CHANGED, secret.changed_at), place(ACCESSED, accessed)]
}

/// An order to list secrets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    /// `None` is by name.
    date: Option<&'static str>,
    back: bool,
}

impl Order {
    /// By name, from the first.
    pub(super) const BY_NAME: Self = Self { date: None, back: false };

    /// As a request wants it: by creation, the oldest first, unless it says otherwise. (AWS says by which date, and not which way; that is
    /// guessed.)
    pub(crate) fn of(by: Option<SortByType>, order: Option<SortOrderType>) -> Self {
        let date = match by.unwrap_or(SortByType::CreatedDate) {
            SortByType::CreatedDate => Some(CREATED),
            SortByType::LastChangedDate => Some(CHANGED),
            SortByType::LastAccessedDate => Some(ACCESSED),
            SortByType::Name => None,
        };
        Self { date, back: order == Some(SortOrderType::Desc) }
    }

    /// What is walked, in turn: by name, no more than the names that begin so, if any are given; they stand in order, and none is the
    /// beginning of another.
    pub(super) fn ranges(self, scope: Scope, beginnings: &[&str]) -> Vec<KeyRange> {
        let mut ranges: Vec<KeyRange> = match self.date {
            Some(date) => vec![ORDERS.range_under(scope, date)],
            None if beginnings.is_empty() => vec![SECRETS.range(scope)],
            None => beginnings.iter().map(|text| SECRETS.range_beginning(scope, &(), text)).collect(),
        };
        if self.back {
            ranges.reverse();
        }
        ranges
    }

    /// Whether a walk that has come to `after` has that range behind it.
    pub(super) fn is_over(self, range: &KeyRange, after: &Key) -> bool {
        if self.back { *after <= range.start } else { *after >= range.end }
    }

    /// Whether a place comes after that one.
    pub(super) fn is_after(self, place: &Key, after: &Key) -> bool {
        if self.back { place < after } else { place > after }
    }

    /// The place of a secret.
    pub(super) fn place(self, secret: &Secret) -> Key {
        let place = self.date.and_then(|date| places(secret).into_iter().find(|(order, _)| *order == date));
        match place {
            Some(place) => ORDERS.key(secret.scope(), &place),
            None => SECRETS.key(secret.scope(), secret.name.as_str()),
        }
    }

    /// Puts secrets, with their places, into this order.
    pub(super) fn sort(self, secrets: &mut [(Key, Arc<Secret>)]) {
        secrets.sort_by(|(one, _), (other, _)| one.cmp(other));
        if self.back {
            secrets.reverse();
        }
    }

    /// The next places of a range after that one, with the secrets there, which may have gone meanwhile.
    pub(super) async fn next(
        self,
        view: &View,
        scope: Scope,
        range: KeyRange,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Option<Arc<Secret>>)>, Failure> {
        if self.date.is_none() {
            let rows = rows(view, &SECRETS, range, after, limit, self.back).await?;
            return Ok(rows.into_iter().map(|(place, secret)| (place, Some(secret))).collect());
        }
        let mut found = Vec::with_capacity(limit);
        for (place, row) in rows(view, &ORDERS, range, after, limit, self.back).await? {
            found.push((place, view.glimpse(&SECRETS, scope, row.name.as_str()).await?));
        }
        Ok(found)
    }
}

async fn rows<K: alcazar_store::KeyPart + ?Sized, R: Record>(
    view: &View,
    table: &Table<K, R>,
    range: KeyRange,
    after: Option<&Key>,
    limit: usize,
    back: bool,
) -> Result<Vec<(Key, Arc<R>)>, Failure> {
    match back {
        false => view.page(table, range, after, limit).await,
        true => view.page_back(table, range, after, limit).await,
    }
}
