//! Stores of programs that knew no places.

use alcazar_store::{AppendError, Frame, KeyRange, Record, Rows, Scope, ScopeKind, Store, Table, TableError};
use serde::{Deserialize, Serialize};

use super::order::{ORDERS, Place, places};
use super::row::SECRETS;

/// That something was made good.
#[derive(Debug, Serialize, Deserialize)]
struct Done {}

impl Record for Done {}

static UPGRADES: Table<str, Done> = Table::new("secretsmanager/upgrades", ScopeKind::Installation);

/// Every secret has its places.
const PLACES: &str = "places";

/// How many secrets are read at a time.
const BATCH: usize = 250;

/// Gives the secrets of an older program their places in the lists: before calls are served, and once for a store. What such a
/// program makes beside this one, while nodes are upgraded one by one, is listed when it is next changed; the first read of a day is a change.
///
/// # Errors
/// In words for the operator: the store cannot be read or written.
pub async fn upgrade(store: &dyn Store) -> Result<(), String> {
    let done = UPGRADES.key(Scope::Installation, PLACES);
    let told = |error: &dyn std::fmt::Display| format!("secrets: {error}");
    if store.get(done.as_bytes()).await.map_err(|error| told(&error))?.exists() {
        return Ok(());
    }
    let KeyRange { mut start, end } = SECRETS.everywhere();
    loop {
        let range = KeyRange { start: start.clone(), end: end.clone() };
        let rows = store.scan(&range, BATCH).await.map_err(|error| told(&error))?;
        let Some(next) = rows.last().map(|(key, _)| key.successor()) else { break };
        match store.append(placed(rows).map_err(|error| told(&error))?).await {
            Ok(_) => start = next,
            // Somebody has changed one of them: it is read again.
            Err(AppendError::Conflict) => {}
            Err(AppendError::Store(error)) => return Err(told(&error)),
        }
    }
    let put = vec![(done, UPGRADES.encode(&Done {}).map_err(|error| told(&error))?)];
    store.append(Frame { put, ..Frame::default() }).await.map(drop).map_err(|error| told(&error))
}

/// The places of these secrets, as they are.
fn placed(rows: Rows) -> Result<Frame, TableError> {
    let mut frame = Frame::default();
    for (key, row) in rows {
        let secret = row.decoded(|stored| SECRETS.decode(stored))?;
        let place = ORDERS.encode(&Place { name: secret.name.clone() })?;
        frame.put.extend(places(&secret).map(|at| (ORDERS.key(secret.scope(), &at), place.clone())));
        frame.expect.push((key, row.version));
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::test::{call, names, world};

    #[tokio::test]
    async fn secrets_of_an_older_program_are_listed_after_the_upgrade() {
        let world = world().await;
        for number in 0..600 {
            let _ = call(&world, "CreateSecret", json!({"Name": format!("old/{number:03}")})).await.ok();
        }
        // As an older program leaves it: no places.
        let store = world.corridor.universe().store.clone();
        let held = store.scan(&ORDERS.everywhere(), 10_000).await.unwrap();
        assert_eq!(held.len(), 1800);
        let delete = held.into_iter().map(|(key, _)| key).collect();
        store.append(Frame { delete, ..Frame::default() }).await.unwrap();
        assert_eq!(names(&world, json!({})).await, [""; 0]);
        // What changes has its places from then on.
        let change = json!({"SecretId": "old/300", "Description": "changed"});
        let _ = call(&world, "UpdateSecret", change).await.ok();
        assert_eq!(names(&world, json!({})).await, ["old/300"]);
        upgrade(&*store).await.unwrap();
        let listed = names(&world, json!({})).await;
        assert_eq!((listed.len(), listed.first().unwrap().as_str()), (600, "old/000"));
        assert_eq!(names(&world, json!({"SortBy": "last-accessed-date"})).await.len(), 600);
        let position = store.changed_at();
        upgrade(&*store).await.unwrap();
        assert_eq!(store.changed_at(), position, "once for a store");
    }
}
