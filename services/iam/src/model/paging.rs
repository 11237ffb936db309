//! Lists in pages: `Marker`, `MaxItems`, `IsTruncated`.
//! Source: IAM API reference, "ListUsers", Marker and MaxItems: 100 items unless asked, at most 1000.

use std::sync::Arc;

use alcazar_corridor::{Call, Failure, Operation, View};
use alcazar_store::{Key, KeyWriter, Record, Scope, Table};

/// How many items a page has unless asked.
const DEFAULT: usize = 100;

/// How many rows are read at once while a page is being filled.
const BATCH: usize = 200;

/// What page is asked for.
pub(crate) struct Ask {
    filters: String,
    after: Option<Key>,
    limit: usize,
}

/// A page of a list.
pub(crate) struct Page<T> {
    /// What it shows.
    pub(crate) items: Vec<T>,
    /// With what the next page begins.
    pub(crate) marker: Option<String>,
}

impl<T> Page<T> {
    /// Whether there is more.
    pub(crate) fn is_truncated(&self) -> Option<bool> {
        Some(self.marker.is_some())
    }
}

impl Ask {
    /// Reads the parameters. `filters` is everything else that the next call must repeat.
    pub(crate) fn of<O: Operation>(
        call: &Call<O>,
        marker: Option<&str>,
        max_items: Option<i32>,
        filters: &str,
    ) -> Result<Self, Failure> {
        let open =
            |marker| call.page_after(filters, marker).ok_or_else(|| Failure::validation("Invalid Marker."));
        let limit = max_items.and_then(|n| usize::try_from(n).ok()).unwrap_or(DEFAULT);
        Ok(Self { filters: filters.to_owned(), after: marker.map(open).transpose()?, limit })
    }

    /// The key after which the page begins.
    pub(crate) fn after(&self) -> Option<&Key> {
        self.after.as_ref()
    }

    /// How many rows must be found so that it is known whether there is more.
    pub(crate) fn wanted(&self) -> usize {
        self.limit.saturating_add(1)
    }

    /// The page of what was found after [`Ask::after`], at most [`Ask::wanted`] of it.
    pub(crate) fn page<O: Operation, T>(
        &self,
        call: &Call<O>,
        mut found: Vec<(Key, T)>,
    ) -> Result<Page<T>, Failure> {
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let marker = match found.last() {
            Some((last, _)) if more => Some(call.page_token(&self.filters, last)?),
            _ => None,
        };
        Ok(Page { items: found.into_iter().map(|(_, item)| item).collect(), marker })
    }

    /// The page of a list that is at hand, each item with the text it is sorted by.
    pub(crate) fn list<O: Operation, T>(
        &self,
        call: &Call<O>,
        items: impl IntoIterator<Item = (String, T)>,
    ) -> Result<Page<T>, Failure> {
        let keyed =
            items.into_iter().map(|(name, item)| (KeyWriter::new().part(name.as_bytes()).finish(), item));
        let mut found: Vec<(Key, T)> =
            keyed.filter(|(key, _)| self.after.as_ref().is_none_or(|after| key > after)).collect();
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        found.truncate(self.wanted());
        self.page(call, found)
    }
}

/// Rows of an account's table after that key, so many as pass, in key order. The key may belong to another table: then all rows of
/// this one come before it or after it, so that lists can go on from table to table.
pub(crate) async fn scan<R: Record>(
    view: &View,
    table: &'static Table<str, R>,
    after: Option<&Key>,
    limit: usize,
    passes: impl Fn(&R) -> bool + Send,
) -> Result<Vec<(Key, Arc<R>)>, Failure> {
    let range = table.range(Scope::Account(view.account()));
    let mut found = Vec::new();
    if after.is_some_and(|key| *key >= range.end) {
        return Ok(found);
    }
    let mut after = after.filter(|key| range.contains(key)).cloned();
    while found.len() < limit {
        let rows = view.page(table, range.clone(), after.as_ref(), BATCH).await?;
        let last = rows.len() < BATCH;
        after = rows.last().map(|(key, _)| key.clone()).or(after);
        found.extend(rows.into_iter().filter(|(_, row)| passes(row)).take(limit - found.len()));
        if last {
            break;
        }
    }
    Ok(found)
}
