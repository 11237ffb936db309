//! DeleteSecret: the secret is of no use from now on, and gone after 7 to 30 days unless it is restored; or gone at once, if that is forced.
//!
//! A forced deletion of a secret that is not there is answered as one of a secret that was.
//! Source: Secrets Manager API reference, `DeleteSecret`.

use alcazar_corridor::{Call, Committed, Example, Input, Job, Located, Operation, Output, Refusal, View};
use serde_json::Value;
use wire_secretsmanager::{self as wire, InvalidParameterException, InvalidRequestException};

use crate::jobs;
use crate::model::{
    Deletion, Found, Secret, change, checked_window, days, happened, new_arn, no_replica, remove, row, window,
};

pub(crate) struct DeleteSecret;

impl Operation for DeleteSecret {
    type Shape = wire::DeleteSecret;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::DeleteSecretKeys {
            force_delete_without_recovery: forced(input),
            recovery_window_in_days: input.recovery_window_in_days,
            secret_id: found.secret_id(),
        };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::DELETE_SECRET, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        checked_window(call.input())?;
        if forced(call.input()) {
            return force(call).await;
        }
        let due = call.now().plus(days(window(call.input())));
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                if secret.deletion.is_some() {
                    let message = "You can't perform this operation on the secret because it was already scheduled for deletion.";
                    return Err(InvalidRequestException::new(message).into());
                }
                without_replicas(secret)?;
                secret.deletion = Some(Deletion { since: tx.now(), due });
                happened(tx, secret, "StartSecretVersionDelete", Value::Null)?;
                tx.remind(due, jobs::delete_secret::DeleteSecret::NAME, secret.scope(), &secret.name)?;
                Ok(wire::DeleteSecretResponse {
                    arn: Some(secret.arn.to_string()),
                    name: Some(secret.name.clone()),
                    deletion_date: Some(due),
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db", "RecoveryWindowInDays": 7}"#,
        }
    }
}

fn forced(input: &Input<DeleteSecret>) -> bool {
    input.force_delete_without_recovery == Some(true)
}

/// Replicas go first.
fn without_replicas(secret: &Secret) -> Result<(), Refusal<wire::DeleteSecret>> {
    let regions: Vec<&str> = secret.replicas.iter().map(|replica| replica.region.name()).collect();
    if regions.is_empty() {
        return Ok(());
    }
    let (arn, regions) = (&secret.arn, regions.join(", "));
    let message = format!("You can't delete secret {arn} that still has replica regions [{regions}].");
    Err(InvalidParameterException::new(message).into())
}

/// Removes it now, with its versions and the reminder of an earlier deletion.
async fn force(
    call: Call<DeleteSecret>,
) -> Result<Committed<wire::DeleteSecretResponse>, Refusal<wire::DeleteSecret>> {
    let deletion_date = Some(call.now());
    let Some(secret) = call.target().found().cloned() else {
        let name = call.input().secret_id.clone();
        let arn = if name.starts_with("arn:") { name.clone() } else { new_arn(&call, &name).to_string() };
        return call
            .answer(wire::DeleteSecretResponse { arn: Some(arn), name: Some(name), deletion_date })
            .await;
    };
    no_replica(&secret)?;
    without_replicas(&secret)?;
    call.commit(|tx, _| {
        let held = row(tx, secret.scope(), &secret.name)?;
        if let Some(held) = held.filter(|held| held.arn == secret.arn) {
            if let Some(deletion) = held.deletion {
                let job = jobs::delete_secret::DeleteSecret::NAME;
                tx.forget(deletion.due, job, held.scope(), &held.name)?;
            }
            remove(tx, &held)?;
        }
        Ok(wire::DeleteSecretResponse {
            arn: Some(secret.arn.to_string()),
            name: Some(secret.name.clone()),
            deletion_date,
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::test::{call, outcome, secret, world};

    const DAY: Duration = Duration::from_secs(86_400);

    #[tokio::test]
    async fn it_waits_thirty_days_unless_told_otherwise_and_is_gone_then() {
        let world = world().await;
        secret(&world, "app/db").await;
        let answer = call(&world, "DeleteSecret", json!({"SecretId": "app/db"})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
          "DeletionDate": 1797940800,
          "Name": "app/db"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7cb9-b86b-f6c27eeb5590",
          "eventName": "DeleteSecret",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "f2221fc9-415f-4fab-951d-e723729f7e30",
          "requestParameters": {
            "secretId": "app/db"
          },
          "resources": [
            {
              "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
              "accountId": "111122223333",
              "type": "AWS::SecretsManager::Secret"
            }
          ],
          "responseElements": {
            "arn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
            "deletionDate": "Dec 22, 2026, 12:00:00 PM",
            "name": "app/db"
          },
          "sourceIPAddress": "203.0.113.7",
          "userAgent": "test",
          "userIdentity": {
            "accessKeyId": "AKIAROOTROOTROOTROOT",
            "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:root",
            "principalId": "111122223333",
            "type": "Root"
          }
        }
        "#);
        assert_eq!(world.pass(29 * DAY).await, 0);
        let described = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await.ok().json();
        assert_eq!(described["DeletedDate"].as_f64(), Some(1_795_348_800.0));
        assert_eq!(world.pass(DAY).await, 1);
        insta::assert_snapshot!(world.records(1).await, @r#"
        {
          "additionalEventData": {
            "SecretId": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI"
          },
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a29d9f-6a00-7876-9444-42c9dccec7ed",
          "eventName": "EndSecretVersionDelete",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-12-22T12:00:00Z",
          "eventType": "AwsServiceEvent",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestParameters": null,
          "resources": [
            {
              "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
              "accountId": "111122223333",
              "type": "AWS::SecretsManager::Secret"
            }
          ],
          "responseElements": null,
          "sourceIPAddress": "secretsmanager.amazonaws.com",
          "userAgent": "secretsmanager.amazonaws.com",
          "userIdentity": {
            "accountId": "111122223333",
            "invokedBy": "secretsmanager.amazonaws.com"
          }
        }
        "#);
        let gone = outcome(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await;
        assert_eq!(gone, "400 ResourceNotFoundException: Secrets Manager can't find the specified secret.");
        secret(&world, "app/db").await;
    }

    #[tokio::test]
    async fn a_forced_deletion_is_at_once_and_frees_the_name() {
        let world = world().await;
        let arn = secret(&world, "app/db").await;
        let _ = call(&world, "DeleteSecret", json!({"SecretId": "app/db"})).await.ok();
        let force = json!({"SecretId": "app/db", "ForceDeleteWithoutRecovery": true});
        assert_eq!(call(&world, "DeleteSecret", force.clone()).await.ok().text("/ARN"), arn);
        assert_ne!(secret(&world, "app/db").await, arn, "another secret of that name");
        assert_eq!(world.pass(31 * DAY).await, 0, "the reminder went with the secret");
        let _ = call(&world, "GetSecretValue", json!({"SecretId": "app/db"})).await.ok();
        let missing = json!({"SecretId": "never-was", "ForceDeleteWithoutRecovery": true});
        assert_eq!(outcome(&world, "DeleteSecret", missing).await, "200");
    }

    #[tokio::test]
    async fn what_contradicts_itself_is_refused() {
        let world = world().await;
        secret(&world, "app/db").await;
        let mut told = Vec::new();
        for (days, force) in [(6, false), (31, false), (7, true)] {
            let input = json!({"SecretId": "app/db", "RecoveryWindowInDays": days, "ForceDeleteWithoutRecovery": force});
            told.push(outcome(&world, "DeleteSecret", input).await);
        }
        told.push(outcome(&world, "DeleteSecret", json!({"SecretId": "none"})).await);
        for _ in 0..2 {
            told.push(outcome(&world, "DeleteSecret", json!({"SecretId": "app/db"})).await);
        }
        told.push(outcome(&world, "GetSecretValue", json!({"SecretId": "app/db"})).await);
        told.push(outcome(&world, "CreateSecret", json!({"Name": "app/db"})).await);
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidParameterException: The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).
        400 InvalidParameterException: The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).
        400 InvalidParameterException: You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.
        400 ResourceNotFoundException: Secrets Manager can't find the specified secret.
        200
        400 InvalidRequestException: You can't perform this operation on the secret because it was already scheduled for deletion.
        400 InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.
        400 InvalidRequestException: You can't create this secret because a secret with this name is already scheduled for deletion.
        ");
    }
}
