//! The window of a scheduled deletion is over: the key goes, with its material, aliases and grants. Nothing that it encrypted can be opened
//! any more, except from a backup of the store while the installation's root key is kept.
//!
//! Recorded as the service event `DeleteKey`. Source: KMS Developer Guide, "DeleteKey" in CloudTrail.

use std::sync::Arc;

use alcazar_corridor::{Committed, Done, Failure, Job, JobCall, ServiceEvent, Tx, View};
use alcazar_store::Scope;

use crate::model::{
    ALIASES, GRANTS, Grant, HOLDERS, KEYS, Key, KeyCount, days, end_grant, leave_custody, share,
};

pub(crate) struct DeleteKey;

/// How many grants are read at a time.
const BATCH: usize = 1000;

impl Job for DeleteKey {
    const NAME: &'static str = "kms/delete-key";

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let (scope, id) = (call.reminder().scope(), call.reminder().subject.clone());
        let key = call.view().get(&KEYS, scope, id.as_str()).await?;
        let due = |key: &Arc<Key>| key.deletion.is_some_and(|(due, _)| due <= call.view().now());
        let Some(key) = key.filter(due) else {
            return call.commit(None, |_| Ok(())).await;
        };
        let grants = grants(call.view(), scope, &key).await?;
        let count = KeyCount::of(scope, call.view()).await?;
        let event = ServiceEvent {
            source: "kms.amazonaws.com",
            name: "DeleteKey",
            resource: Some(("AWS::KMS::Key", key.arn.clone())),
            details: format!(r#"{{"keyId":"{}"}}"#, key.id),
        };
        call.commit(Some(event), |tx| {
            for name in &key.aliases {
                tx.remove(&ALIASES, scope, name.as_str())?;
            }
            for grant in &grants {
                end_grant(tx, scope, grant)?;
            }
            if key.relatives().is_empty() {
                tx.remove(&HOLDERS, Scope::Installation, key.id.as_str())?;
            }
            if let Some(custody) = &key.custody {
                leave_custody(tx, scope, custody)?;
            }
            leave(tx, &key)?;
            count.end(tx, &key)?;
            tx.remove(&KEYS, scope, key.id.as_str())
        })
        .await
    }
}

/// A replica that goes is told to the others; a primary that waited for the last one begins its own days of waiting.
fn leave(tx: &mut Tx<'_>, replica: &Key) -> Result<(), Failure> {
    share(tx, replica, |tx, key| {
        let Some(regions) = &mut key.regions else { return Ok(()) };
        regions.replicas.retain(|region| *region != replica.region());
        let alone = regions.replicas.is_empty();
        if let Some(window) = key.deletion_window.take_if(|_| alone) {
            let due = tx.now().plus(days(window));
            key.deletion = Some((due, window));
            tx.remind(due, DeleteKey::NAME, key.scope(), &key.id)?;
        }
        Ok(())
    })
}

/// All grants of the key. A key pending deletion takes no new ones, so the list is whole.
async fn grants(view: &View, scope: Scope, key: &Key) -> Result<Vec<Arc<Grant>>, Failure> {
    let mut grants = Vec::new();
    let mut after = None;
    loop {
        let page = view.page(&GRANTS, GRANTS.range_under(scope, &key.id), after.as_ref(), BATCH).await?;
        let Some((last, _)) = page.last() else { return Ok(grants) };
        after = Some(last.clone());
        grants.extend(page.into_iter().map(|(_, grant)| grant));
    }
}
