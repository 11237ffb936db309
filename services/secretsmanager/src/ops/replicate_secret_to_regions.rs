//! ReplicateSecretToRegions: the secret stands in further Regions too, read-only, each under a key there, and follows its primary.
//!
//! The answer comes before the replicas do. A Region whose replica has failed may be named again: that one is tried again. Source: Secrets Manager API reference, `ReplicateSecretToRegions`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{
    Found, add_replicas, ask_for_key, change, checked_replicas, no_replica, not_deleted, replication_status,
};

pub(crate) struct ReplicateSecretToRegions;

impl Operation for ReplicateSecretToRegions {
    type Shape = wire::ReplicateSecretToRegions;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::ReplicateSecretToRegionsKeys {
            add_replica_regions: input
                .add_replica_regions
                .iter()
                .filter_map(|it| it.region.clone())
                .collect(),
            force_overwrite_replica_secret: input.force_overwrite_replica_secret.unwrap_or(false),
            secret_id: found.secret_id(),
        };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::REPLICATE_SECRET_TO_REGIONS, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let secret = call.target().secret()?;
        not_deleted(secret)?;
        no_replica(secret)?;
        let force = input.force_overwrite_replica_secret.unwrap_or(false);
        let mut replicas = checked_replicas(secret, call.region(), &input.add_replica_regions, force)?;
        for replica in &mut replicas {
            ask_for_key(&call, replica).await?;
        }
        call.commit(|tx, call| {
            change(tx, call.target(), |_, secret| {
                not_deleted(secret)?;
                // Checked again on the row as it is now.
                let _ = checked_replicas::<wire::ReplicateSecretToRegions>(
                    secret,
                    call.region(),
                    &call.input().add_replica_regions,
                    force,
                )?;
                add_replicas(secret, &replicas);
                Ok(wire::ReplicateSecretToRegionsResponse {
                    arn: Some(secret.arn.to_string()),
                    replication_status: replication_status(secret),
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db", "AddReplicaRegions": [{"Region": "eu-west-1"}]}"#,
        }
    }
}
