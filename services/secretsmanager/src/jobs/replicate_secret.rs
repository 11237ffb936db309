//! A secret with replicas has changed: they become as it is, but for their keys and for when they were read. All that has labels is
//! there; the values are encrypted under the replicas' own keys, by KMS in their Regions, as a role of the service's own.
//!
//! What one Region's key or an occupied name prevents stands in that replica's state, and is tried again; the others follow all the same.
//! Source: Secrets Manager User Guide, "Replicate AWS Secrets Manager secrets across Regions"; "CloudTrail entries", replication.

use std::sync::Arc;

use alcazar_corridor::{BuiltInRole, Committed, Done, Failure, Job, JobCall};
use serde_json::Value;

use crate::model::{
    Ciphertext, Replica, ReplicaStatus, Secret, VALUES, copy_value, happened, held, put, remove,
};

pub(crate) struct ReplicateSecret;

static ROLE: BuiltInRole = BuiltInRole::new(
    "AWSServiceRoleForSecretsManagerReplication",
    "secretsmanager.amazonaws.com",
    "SecretsManagerReplication",
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"secretsmanager.${Region}.amazonaws.com"}}}}"#,
);

/// What a Region gets: the row and the values that it lacks; or why not.
struct Copy {
    replica: Replica,
    outcome: Result<Rows, String>,
}

struct Rows {
    secret: Secret,
    /// By version.
    values: Vec<(String, Ciphertext)>,
    /// What stood there before.
    before: Option<Arc<Secret>>,
}

impl Job for ReplicateSecret {
    const NAME: &'static str = "secretsmanager/replicate-secret";

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let (scope, name) = (call.reminder().scope(), call.reminder().subject.clone());
        let Some(secret) = held(call.view(), scope, &name).await? else {
            return call.commit(None, |_| Ok(())).await;
        };
        let mut copies = Vec::new();
        for replica in secret.replicas.iter().filter(|replica| replica.status != ReplicaStatus::InSync) {
            let outcome = copied(&call, &secret, replica).await?;
            copies.push(Copy { replica: replica.clone(), outcome });
        }
        call.commit(None, |tx| {
            let mut primary = (*secret).clone();
            for copy in &copies {
                let held = primary.replicas.iter_mut().find(|held| held.region == copy.replica.region);
                let Some(held) = held else { continue };
                match &copy.outcome {
                    Ok(rows) => {
                        put_copy(tx, rows)?;
                        held.followed();
                        happened(tx, &rows.secret, "ReplicationSucceeded", Value::Null)?;
                    }
                    Err(told) => {
                        // The same once more is not told again.
                        if held.message.as_ref() != Some(told) || held.failures == 0 {
                            happened(tx, &secret, "ReplicationFailed", Value::Null)?;
                        }
                        let again = tx.now().plus(held.failed(told));
                        tx.remind(again, Self::NAME, scope, &name)?;
                    }
                }
            }
            match copies.is_empty() {
                true => Ok(()),
                false => put(tx, &primary),
            }
        })
        .await
    }
}

/// What the Region is to get.
async fn copied(call: &JobCall, secret: &Secret, replica: &Replica) -> Result<Result<Rows, String>, Failure> {
    let mut copy = Secret {
        arn: secret.arn_in(replica.region),
        kms_key_id: replica.kms_key_id.clone(),
        replicas: Vec::new(),
        primary: Some(call.view().region()),
        rotation: None,
        deletion: None,
        accessed_on: None,
        ..secret.clone()
    };
    copy.versions.retain(|version| !version.stages.is_empty() && !version.empty);
    let before = held(call.view(), copy.scope(), &secret.name).await?;
    let ours = before.as_ref().filter(|before| before.is_replica_of(secret));
    if before.is_some() && ours.is_none() && !replica.force {
        let (name, region) = (&secret.name, replica.region.name());
        return Ok(Err(format!("Replication failed: Secret name {name} already exists in region {region}.")));
    }
    copy.accessed_on = ours.and_then(|ours| ours.accessed_on);
    let mut values = Vec::new();
    for version in &mut copy.versions {
        let held = ours.and_then(|ours| ours.version(&version.id));
        version.accessed_on = held.and_then(|held| held.accessed_on);
        version.kms_key_id.clone_from(&replica.kms_key_id);
    }
    for version in &copy.versions {
        if ours.is_some_and(|ours| ours.version(&version.id).is_some()) {
            continue;
        }
        match copy_value(call, &ROLE, secret, &copy, &version.id).await {
            Ok(Some(value)) => values.push((version.id.clone(), value)),
            Ok(None) => {}
            Err(fault) => return Ok(Err(format!("Replication failed: {}", fault.message()))),
        }
    }
    Ok(Ok(Rows { secret: copy, values, before }))
}

fn put_copy(tx: &mut alcazar_corridor::Tx<'_>, rows: &Rows) -> Result<(), Failure> {
    let secret = &rows.secret;
    if let Some(before) = &rows.before {
        if before.arn != secret.arn {
            remove(tx, before)?;
        }
        for gone in before.versions.iter().filter(|version| secret.version(&version.id).is_none()) {
            tx.remove(&VALUES, before.scope(), &before.value_key(&gone.id))?;
        }
    }
    for (id, value) in &rows.values {
        tx.put(&VALUES, secret.scope(), &secret.value_key(id), value)?;
    }
    put(tx, secret)
}

#[cfg(test)]
mod tests {
    use alcazar_core::Region;
    use alcazar_policy::{Policy, PolicyKind};

    #[test]
    fn the_roles_policy_is_a_policy() {
        let text = super::ROLE.policy("111122223333".parse().unwrap(), Region::default());
        assert_eq!(Policy::parse(PolicyKind::Identity, &text).unwrap().statements().len(), 1);
    }
}
