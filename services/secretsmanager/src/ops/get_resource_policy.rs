//! GetResourcePolicy: a secret's resource policy as it was put; none for a secret without one. A user or role that it names and that is
//! no more stands in it as its unique id.
//! Source: Secrets Manager API reference, `GetResourcePolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{Found, not_deleted};

pub(crate) struct GetResourcePolicy;

impl Operation for GetResourcePolicy {
    type Shape = wire::GetResourcePolicy;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::GetResourcePolicyKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::GET_RESOURCE_POLICY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let secret = call.target().secret()?;
        not_deleted(secret)?;
        let policy = match &call.input().policy_name {
            None => secret.policy.as_ref(),
            // The message is guessed.
            Some(name) => Some(secret.policies.get(name).ok_or_else(|| {
                let message = "Secrets Manager can't find the specified resource policy.";
                wire::ResourceNotFoundException::new(message)
            })?),
        };
        let shown = match policy {
            Some(policy) => Some(call.view().shown(policy).await?.text().to_owned()),
            None => None,
        };
        let answer = wire::GetResourcePolicyResponse {
            arn: Some(secret.arn.to_string()),
            name: Some(secret.name.clone()),
            resource_policy: shown,
            policy_name: call.input().policy_name.clone(),
        };
        call.answer(answer).await
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
    async fn the_policy_is_told_letter_for_letter() {
        let world = world().await;
        secret(&world, "app/db").await;
        let named = json!({"SecretId": "app/db"});
        assert_eq!(
            call(&world, "GetResourcePolicy", named.clone()).await.ok().json().get("ResourcePolicy"),
            None
        );
        let text = r#"{ "Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:DeleteSecret", "Resource": "*"} }"#;
        let put = json!({"SecretId": "app/db", "ResourcePolicy": text});
        let _ = call(&world, "PutResourcePolicy", put).await.ok();
        let answer = call(&world, "GetResourcePolicy", named).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:app/db-QAIxhI",
          "Name": "app/db",
          "ResourcePolicy": "{ \"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"secretsmanager:DeleteSecret\", \"Resource\": \"*\"} }"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-754e-9324-4dd9c61a139e",
          "eventName": "GetResourcePolicy",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
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
          "responseElements": null,
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
    }
}
