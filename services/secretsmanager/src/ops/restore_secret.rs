//! RestoreSecret: a deleted secret is of use again.
//! Source: Secrets Manager API reference, `RestoreSecret`.

use alcazar_corridor::{Call, Committed, Example, Input, Job, Located, Operation, Output, Refusal, View};
use serde_json::Value;
use wire_secretsmanager as wire;

use crate::jobs::delete_secret::DeleteSecret;
use crate::model::{Found, change, happened};

pub(crate) struct RestoreSecret;

impl Operation for RestoreSecret {
    type Shape = wire::RestoreSecret;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::RestoreSecretKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::RESTORE_SECRET, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                if let Some(deletion) = secret.deletion.take() {
                    tx.forget(deletion.due, DeleteSecret::NAME, secret.scope(), &secret.name)?;
                    happened(tx, secret, "CancelSecretVersionDelete", Value::Null)?;
                    secret.resume(tx)?;
                }
                Ok(wire::RestoreSecretResponse {
                    arn: Some(secret.arn.to_string()),
                    name: Some(secret.name.clone()),
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[]),
                ("secretsmanager:DeleteSecret", r#"{"SecretId": "app/db"}"#, &[]),
            ],
            input: r#"{"SecretId": "app/db"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::test::{call, outcome, secret, world};

    #[tokio::test]
    async fn a_restored_secret_outlives_its_window() {
        let world = world().await;
        secret(&world, "app/db").await;
        let named = json!({"SecretId": "app/db"});
        let _ = call(&world, "DeleteSecret", named.clone()).await.ok();
        let answer = call(&world, "RestoreSecret", named.clone()).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
          "Name": "app/db"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-754e-9324-4dd9c61a139e",
          "eventName": "RestoreSecret",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "c17d404c-9e0a-4ba6-9fbd-8b0eb97d53ff",
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
        assert_eq!(world.pass(Duration::from_secs(31 * 86_400)).await, 0);
        assert_eq!(call(&world, "GetSecretValue", named.clone()).await.ok().text("/SecretString"), "one");
        let described = call(&world, "DescribeSecret", named).await.ok().json();
        assert_eq!(described.get("DeletedDate"), None);
        let missing = outcome(&world, "RestoreSecret", json!({"SecretId": "none"})).await;
        assert_eq!(
            missing,
            "400 ResourceNotFoundException: Secrets Manager can't find the specified secret."
        );
    }
}
