//! Lists of parameters: ranges of the one index, read from where the last page ended, and never further than a page is worth.

use std::sync::Arc;

use alcazar_corridor::{Call, Failure, Operation};
use alcazar_store::{Key, KeyRange, Record, Scope, Table};

use super::Name;

/// How many rows a page that filters may look at. It is then shorter than was asked for, or empty, and the next token goes on from there;
/// AWS says the same of its own. Source: Systems Manager API reference, `GetParametersByPath`.
const LOOKED_AT: usize = 1000;

/// How many rows are read at a time where most are left out.
const BATCH: usize = 100;

/// A page of a list.
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    /// The key after which the next page begins.
    pub(crate) next: Option<Key>,
}

/// What is in a directory of the hierarchy, or what is below it too. A path ends in a slash.
pub(crate) fn range<R: Record>(
    table: &Table<Name, R>,
    scope: Scope,
    path: &str,
    recursive: bool,
) -> KeyRange {
    match recursive {
        true => table.range_beginning(scope, &(), path),
        false => table.range_under(scope, path),
    }
}

/// The names that begin with that text, in which there is a slash: of its own directory, and of those below.
pub(crate) fn ranges_beginning<R: Record>(
    table: &Table<Name, R>,
    scope: Scope,
    text: &Name,
) -> [KeyRange; 2] {
    let (directory, leaf) = text.parts();
    let deeper = match leaf {
        "" => text.as_str().to_owned(),
        // All of the directory `/a` too, if the text is `/a`: its names begin so.
        leaf => format!("{directory}{leaf}"),
    };
    [table.range_beginning(scope, directory, leaf), table.range_beginning(scope, &(), &deeper)]
}

/// The row of one name.
pub(crate) fn range_of<R: Record>(table: &Table<Name, R>, scope: Scope, name: &Name) -> KeyRange {
    let start = table.key(scope, name);
    KeyRange { end: start.successor(), start }
}

/// Ranges in key order, none of which overlap.
pub(crate) fn merged(mut ranges: Vec<KeyRange>) -> Vec<KeyRange> {
    ranges.sort_by(|one, other| one.start.cmp(&other.start));
    let mut merged: Vec<KeyRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => {
                if range.end > last.end {
                    last.end = range.end;
                }
            }
            _ => merged.push(range),
        }
    }
    merged
}

/// A page of the rows in those ranges that the filter lets through.
pub(crate) async fn page<O, R>(
    call: &Call<O>,
    table: &Table<Name, R>,
    ranges: &[KeyRange],
    after: Option<&Key>,
    limit: usize,
    filter: Option<&(dyn Fn(&R) -> bool + Sync)>,
) -> Result<Listed<Arc<R>>, Failure>
where
    O: Operation,
    R: Record,
{
    let mut listed = Listed { items: Vec::new(), next: None };
    let mut last: Option<Key> = None;
    let mut looked_at = 0;
    for range in ranges.iter().filter(|range| after.is_none_or(|after| *after < range.end)) {
        let mut from = after.filter(|after| **after >= range.start).cloned();
        loop {
            // A filter may let everything through, as one by name does: the first look is for no more than the page.
            let left_out = filter.is_some() && looked_at > 0;
            let batch = if left_out { BATCH } else { limit + 1 - listed.items.len() };
            let rows = call.view().page(table, range.clone(), from.as_ref(), batch).await?;
            let all = rows.len() < batch;
            for (key, row) in rows {
                if filter.is_none_or(|filter| filter(&row)) {
                    if listed.items.len() == limit {
                        listed.next = last;
                        return Ok(listed);
                    }
                    listed.items.push(row);
                }
                from = Some(key.clone());
                last = Some(key);
                looked_at += 1;
                if filter.is_some() && looked_at >= LOOKED_AT {
                    listed.next = last;
                    return Ok(listed);
                }
            }
            if all {
                break;
            }
        }
    }
    Ok(listed)
}
