//! KMS's way of paging: `Limit`, `Marker`, `NextMarker` and `Truncated`.

use std::sync::Arc;

use alcazar_core::Declares;
use alcazar_corridor::{Call, Failure, Operation, Refusal};
use alcazar_store::{KeyPart, KeyRange, KeyWriter, Record, Table};
use wire_kms::InvalidMarkerException;

/// A page of a list.
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

/// A page of rows. `filters` is everything that the next call must repeat.
pub(crate) async fn list_rows<O, K, R>(
    call: &Call<O>,
    table: &Table<K, R>,
    range: KeyRange,
    filters: &str,
    marker: Option<&str>,
    limit: usize,
) -> Result<Listed<Arc<R>>, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidMarkerException>,
    K: KeyPart + ?Sized,
    R: Record,
{
    let page = call.page(table, range, filters, marker, limit).await?.ok_or_else(invalid)?;
    Ok(Listed { items: page.items, next: page.next })
}

/// A page of what is already in memory: tags, rotations. The marker holds how many have been told.
pub(crate) fn list<O, T>(
    call: &Call<O>,
    items: Vec<T>,
    filters: &str,
    marker: Option<&str>,
    limit: usize,
) -> Result<Listed<T>, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidMarkerException>,
{
    let told = match marker {
        None => 0,
        Some(marker) => told_before(call, filters, marker).ok_or_else(invalid)?,
    };
    let more = items.len() > told.saturating_add(limit);
    let next = if more { Some(mark(call, filters, told + limit)?) } else { None };
    Ok(Listed { items: items.into_iter().skip(told).take(limit).collect(), next })
}

fn mark<O: Operation>(call: &Call<O>, filters: &str, told: usize) -> Result<String, Failure> {
    call.page_token(filters, &KeyWriter::new().part(&(told as u64).to_be_bytes()).finish())
}

fn told_before<O: Operation>(call: &Call<O>, filters: &str, marker: &str) -> Option<usize> {
    let parts = call.page_after(filters, marker)?.parts()?;
    let [told] = parts.as_slice() else { return None };
    usize::try_from(u64::from_be_bytes(told.as_slice().try_into().ok()?)).ok()
}

fn invalid() -> InvalidMarkerException {
    InvalidMarkerException::new("The marker is invalid.")
}

/// How many a page holds: as asked, within the operation's own bounds.
pub(crate) fn limit(asked: Option<i32>, default: usize, most: usize) -> usize {
    asked.and_then(|asked| usize::try_from(asked).ok()).unwrap_or(default).clamp(1, most)
}
