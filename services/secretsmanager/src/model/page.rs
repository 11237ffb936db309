use alcazar_core::Declares;
use alcazar_corridor::{Call, Operation, Refusal};
use alcazar_store::KeyWriter;
use wire_secretsmanager::InvalidNextTokenException;

/// How many a page holds when the request does not say, and at most.
const MOST: usize = 100;

/// A page of a list.
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    /// The token of the next page.
    pub(crate) next: Option<String>,
}

/// A page of what is in memory. The token holds how many have been told; `filters` is everything that the next
/// call must repeat.
pub(crate) fn list<O, T>(
    call: &Call<O>,
    items: Vec<T>,
    filters: &str,
    token: Option<&str>,
    limit: Option<i32>,
) -> Result<Listed<T>, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<InvalidNextTokenException>,
{
    let limit = limited(limit, MOST);
    let told = match token {
        None => 0,
        Some(token) => told_before(call, filters, token).ok_or_else(invalid_token)?,
    };
    let more = items.len() > told.saturating_add(limit);
    let next = if more {
        let key = KeyWriter::new().part(&((told + limit) as u64).to_be_bytes()).finish();
        Some(call.page_token(filters, &key)?)
    } else {
        None
    };
    Ok(Listed { items: items.into_iter().skip(told).take(limit).collect(), next })
}

/// How many a page holds: as many as the request wants, and `most` at most.
pub(crate) fn limited(limit: Option<i32>, most: usize) -> usize {
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(most).clamp(1, most)
}

/// That a token is of no list, or of another one.
pub(super) fn invalid_token() -> InvalidNextTokenException {
    InvalidNextTokenException::new("The NextToken value is invalid.")
}

fn told_before<O: Operation>(call: &Call<O>, filters: &str, token: &str) -> Option<usize> {
    let parts = call.page_after(filters, token)?.parts()?;
    let [told] = parts.as_slice() else { return None };
    usize::try_from(u64::from_be_bytes(told.as_slice().try_into().ok()?)).ok()
}
