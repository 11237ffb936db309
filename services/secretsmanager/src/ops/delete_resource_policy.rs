//! DeleteResourcePolicy: a secret is left to the identity policies of its account.
//! Source: Secrets Manager API reference, `DeleteResourcePolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{Found, change, not_deleted};

pub(crate) struct DeleteResourcePolicy;

impl Operation for DeleteResourcePolicy {
    type Shape = wire::DeleteResourcePolicy;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::DeleteResourcePolicyKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::DELETE_RESOURCE_POLICY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |_, secret| {
                not_deleted(secret)?;
                let policy_name = call.input().policy_name.clone();
                match &policy_name {
                    None => secret.policy = None,
                    Some(name) => drop(secret.policies.remove(name)),
                }
                Ok(wire::DeleteResourcePolicyResponse {
                    arn: Some(secret.arn.to_string()),
                    name: Some(secret.name.clone()),
                    policy_name,
                })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, secret, world};

    #[tokio::test]
    async fn the_policy_is_gone() {
        let world = world().await;
        secret(&world, "app/db").await;
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}"#;
        let put = json!({"SecretId": "app/db", "ResourcePolicy": text});
        let _ = call(&world, "PutResourcePolicy", put).await.ok();
        let named = json!({"SecretId": "app/db"});
        assert_eq!(
            call(&world, "GetSecretValue", named.clone()).await.status,
            400,
            "it denies its own account too"
        );
        let answer = call(&world, "DeleteResourcePolicy", named.clone()).await;
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
          "eventName": "DeleteResourcePolicy",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "e20bd75f-cd7d-47e2-bae4-a700242d4169",
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
        let _ = call(&world, "GetSecretValue", named).await.ok();
    }
}
