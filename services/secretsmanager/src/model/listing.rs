//! Lists of secrets: walked in their order from where the last page ended, and never further than a page is worth.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use alcazar_core::Declares;
use alcazar_corridor::{Call, Failure, Operation, Refusal, View};
use alcazar_store::Key;
use wire_secretsmanager::{Filter, InvalidNextTokenException, InvalidParameterException};

use super::Secret;
use super::filter::{beginnings, checked_filters, passes};
use super::order::Order;
use super::page::invalid_token;

/// How many secrets a page may look at. It is then shorter than was asked for, or empty, and the next token goes on from there; AWS tells its
/// clients to go on for as long as there is a token. Source: Secrets Manager API reference, `ListSecrets`.
const LOOKED_AT: usize = 1000;

/// How many are read at a time where some were left out.
const BATCH: usize = 100;

/// What is to be listed.
pub(crate) struct Wanted<'a> {
    pub(crate) order: Order,
    pub(crate) filters: &'a [Filter],
    /// Those too that are deleted and wait.
    pub(crate) deleted: bool,
    pub(crate) limit: usize,
}

/// A page of a list, and the place after which the next one begins.
struct Listing {
    secrets: Vec<Arc<Secret>>,
    next: Option<Key>,
}

/// A page of the caller's secrets in the called Region from the token's place on, and the token of the next page.
pub(crate) async fn listing<O>(
    call: &Call<O>,
    wanted: &Wanted<'_>,
    token: Option<&str>,
) -> Result<(Vec<Arc<Secret>>, Option<String>), Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidParameterException> + Declares<InvalidNextTokenException>,
{
    let Wanted { order, filters, deleted, .. } = wanted;
    checked_filters(filters)?;
    // The places of an older program's tokens are others: the word keeps them away.
    let binding = format!("places/{deleted}/{filters:?}/{order:?}");
    let after = match token {
        None => None,
        Some(token) => Some(call.page_after(&binding, token).ok_or_else(invalid_token)?),
    };
    let beginnings = beginnings(filters);
    let listing = match named(call.view(), wanted, &beginnings).await? {
        Some(few) => sorted(wanted, after.as_ref(), few),
        None => walked(call.view(), wanted, after.as_ref(), &beginnings).await?,
    };
    let next_token = listing.next.map(|place| call.page_token(&binding, &place)).transpose()?;
    Ok((listing.secrets, next_token))
}

impl Wanted<'_> {
    fn takes(&self, secret: &Secret, view: &View) -> bool {
        (self.deleted || secret.deletion.is_none()) && passes(secret, self.filters, view.region().name())
    }
}

/// The secrets whose names begin as a filter wants it, with their places, if they are few enough to be sorted for each page.
async fn named(
    view: &View,
    wanted: &Wanted<'_>,
    beginnings: &[&str],
) -> Result<Option<Vec<(Key, Arc<Secret>)>>, Failure> {
    if beginnings.is_empty() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for range in Order::BY_NAME.ranges(view.here(), beginnings) {
        let room = LOOKED_AT + 1 - found.len();
        let rows = Order::BY_NAME.next(view, view.here(), range, None, room).await?;
        found.extend(rows.into_iter().filter_map(|(_, secret)| secret));
        if found.len() > LOOKED_AT {
            return Ok(None);
        }
    }
    found.retain(|secret| wanted.takes(secret, view));
    Ok(Some(found.into_iter().map(|secret| (wanted.order.place(&secret), secret)).collect()))
}

fn sorted(wanted: &Wanted<'_>, after: Option<&Key>, mut found: Vec<(Key, Arc<Secret>)>) -> Listing {
    if let Some(after) = after {
        found.retain(|(place, _)| wanted.order.is_after(place, after));
    }
    wanted.order.sort(&mut found);
    let more = found.len() > wanted.limit;
    found.truncate(wanted.limit);
    let next = found.last().map(|(place, _)| place.clone()).filter(|_| more);
    Listing { secrets: found.into_iter().map(|(_, secret)| secret).collect(), next }
}

async fn walked(
    view: &View,
    wanted: &Wanted<'_>,
    after: Option<&Key>,
    beginnings: &[&str],
) -> Result<Listing, Failure> {
    let Wanted { order, limit, .. } = *wanted;
    let mut listing = Listing { secrets: Vec::new(), next: None };
    let (mut last, mut looked_at) = (None, 0);
    for range in order.ranges(view.here(), beginnings) {
        if after.is_some_and(|after| order.is_over(&range, after)) {
            continue;
        }
        let mut from = after.filter(|after| range.contains(after)).cloned();
        loop {
            let batch = if looked_at == 0 { limit + 1 } else { BATCH };
            let places = order.next(view, view.here(), range.clone(), from.as_ref(), batch).await?;
            let all = places.len() < batch;
            for (place, secret) in places {
                if let Some(secret) = secret.filter(|secret| wanted.takes(secret, view)) {
                    if listing.secrets.len() == limit {
                        listing.next = last;
                        return Ok(listing);
                    }
                    listing.secrets.push(secret);
                }
                from = Some(place.clone());
                last = Some(place);
                looked_at += 1;
                if looked_at >= LOOKED_AT {
                    listing.next = last;
                    return Ok(listing);
                }
            }
            if all {
                break;
            }
        }
    }
    Ok(listing)
}
