//! StopReplicationToReplica: a replica, asked in its own Region, stands alone from now on, and its primary does not know it any more.
//! Source: Secrets Manager API reference, `StopReplicationToReplica`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_store::Scope;
use wire_secretsmanager::{self as wire, InvalidRequestException};

use crate::model::{Found, put, row, touch};

pub(crate) struct StopReplicationToReplica;

impl Operation for StopReplicationToReplica {
    type Shape = wire::StopReplicationToReplica;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::StopReplicationToReplicaKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::STOP_REPLICATION_TO_REPLICA, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            touch(tx, call.target(), |tx, secret| {
                let Some(region) = secret.primary else {
                    // The message is guessed.
                    let message = "You can't stop replication to a secret that is not a replica.";
                    return Err(InvalidRequestException::new(message).into());
                };
                let there = Scope::Region(secret.account, region);
                let primary = row(tx, there, &secret.name)?;
                if let Some(primary) = primary.filter(|primary| secret.is_replica_of(primary)) {
                    let mut primary = (*primary).clone();
                    primary.replicas.retain(|replica| replica.region != call.region());
                    put(tx, &primary)?;
                }
                secret.primary = None;
                secret.changed_at = tx.now();
                Ok(wire::StopReplicationToReplicaResponse { arn: Some(secret.arn.to_string()) })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "secretsmanager:CreateSecret@eu-west-1",
                r#"{"Name": "app/db", "SecretString": "one", "AddReplicaRegions": [{"Region": "us-east-1"}]}"#,
                &[],
            )],
            input: r#"{"SecretId": "app/db"}"#,
        }
    }
}
