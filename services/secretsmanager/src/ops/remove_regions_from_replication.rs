//! RemoveRegionsFromReplication: the replicas in these Regions go, with their values.
//! Source: Secrets Manager API reference, `RemoveRegionsFromReplication`.

use alcazar_core::Region;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_store::Scope;
use wire_secretsmanager::{self as wire, InvalidParameterException};

use crate::model::{Found, change, not_deleted, remove, replication_status, row};

pub(crate) struct RemoveRegionsFromReplication;

impl Operation for RemoveRegionsFromReplication {
    type Shape = wire::RemoveRegionsFromReplication;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::RemoveRegionsFromReplicationKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::REMOVE_REGIONS_FROM_REPLICATION, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                not_deleted(secret)?;
                for name in &call.input().remove_replica_regions {
                    let at = secret.replicas.iter().position(|replica| replica.region.name() == name);
                    // The message is guessed.
                    let at = at.ok_or_else(|| {
                        InvalidParameterException::new(format!("The secret has no replica in region {name}."))
                    })?;
                    let region: Region = secret.replicas.remove(at).region;
                    let there = Scope::Region(secret.account, region);
                    let replica = row(tx, there, &secret.name)?;
                    if let Some(replica) = replica.filter(|replica| replica.is_replica_of(secret)) {
                        remove(tx, &replica)?;
                    }
                }
                Ok(wire::RemoveRegionsFromReplicationResponse {
                    arn: Some(secret.arn.to_string()),
                    replication_status: replication_status(secret),
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "secretsmanager:CreateSecret",
                r#"{"Name": "app/db", "SecretString": "one", "AddReplicaRegions": [{"Region": "eu-west-1"}]}"#,
                &[],
            )],
            input: r#"{"SecretId": "app/db", "RemoveReplicaRegions": ["eu-west-1"]}"#,
        }
    }
}
