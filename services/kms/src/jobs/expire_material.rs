//! Imported material has reached its end: it is deleted, and the key waits for the same material to be imported again.
//!
//! Recorded as the service event `DeleteExpiredKeyMaterial`. Source: KMS Developer Guide, "DeleteExpiredKeyMaterial" in CloudTrail.

use alcazar_corridor::{Committed, Done, Failure, Job, JobCall, ServiceEvent};

use crate::model::{KEY_KIND, KEYS, Key, drop_material};

pub(crate) struct ExpireMaterial;

impl ExpireMaterial {
    /// What its reminder is about: one material of a key.
    pub(crate) fn subject(key_id: &str, material_id: &str) -> String {
        format!("{key_id}/{material_id}")
    }
}

impl Job for ExpireMaterial {
    const NAME: &'static str = "kms/expire-key-material";

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let scope = call.reminder().scope();
        let (key_id, id) = call.reminder().subject.split_once('/').unwrap_or_default();
        let key = call.view().get(&KEYS, scope, key_id).await?;
        let Some(key) = key.filter(|key| is_due(key, id, call.view().now())) else {
            return call.commit(None, |_| Ok(())).await;
        };
        let event = ServiceEvent {
            source: "kms.amazonaws.com",
            name: "DeleteExpiredKeyMaterial",
            resource: Some((KEY_KIND, key.arn.clone())),
            details: format!(r#"{{"keyId":"{}","keyMaterialId":"{id}"}}"#, key.id),
        };
        let (key_id, id) = (key_id.to_owned(), id.to_owned());
        call.commit(Some(event), |tx| {
            let mut key = (*key).clone();
            drop_material(tx, &mut key, &id)?;
            tx.put(&KEYS, scope, key_id.as_str(), &key)
        })
        .await
    }
}

fn is_due(key: &Key, id: &str, now: alcazar_core::Timestamp) -> bool {
    let mut held = key.material.iter().chain(&key.pending).filter(|material| material.id == id);
    held.any(|material| material.expires_at.is_some_and(|expires_at| expires_at <= now))
}
