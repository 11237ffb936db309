//! PutResourcePolicy: who else may use a secret; with BlockPublicPolicy, not everybody. Policies with names stand beside the one without, and all count.
//! The principals that a policy names must exist; it keeps them by their unique ids.
//! Source: Secrets Manager API reference, `PutResourcePolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{Found, change, checked_policy, not_deleted, put_policy};

pub(crate) struct PutResourcePolicy;

impl Operation for PutResourcePolicy {
    type Shape = wire::PutResourcePolicy;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::PutResourcePolicyKeys {
            secret_id: found.secret_id(),
            block_public_policy: input.block_public_policy.unwrap_or(false),
        };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::PUT_RESOURCE_POLICY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let _ = call.target().secret()?;
        let block_public = input.block_public_policy == Some(true);
        let policy = checked_policy(&input.resource_policy, block_public, call.view()).await?;
        call.commit(|tx, call| {
            change(tx, call.target(), |_, secret| {
                not_deleted(secret)?;
                let policy_name = call.input().policy_name.clone();
                put_policy(secret, policy_name.as_ref(), policy.clone())?;
                Ok(wire::PutResourcePolicyResponse {
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
            input: r#"{"SecretId": "app/db", "ResourcePolicy": "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"111122223333\"}, \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"*\"}}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, told, user, world};

    fn policy(principal: &str) -> String {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    }

    #[tokio::test]
    async fn whom_the_policy_lets_in_reads_and_everybody_is_refused_on_demand() {
        let world = world().await;
        let arn = crate::test::secret(&world, "app/db").await;
        let nobody = user(&world, "nobody", &["sts:GetCallerIdentity"]).await;
        let get = json!({"SecretId": "app/db"}).to_string();
        let before = told(&world.call_as(&nobody, "secretsmanager:GetSecretValue", &get).await);
        assert!(before.starts_with("400 AccessDeniedException"), "{before}");
        let input = json!({"SecretId": "app/db", "ResourcePolicy": policy("arn:aws:iam::111122223333:user/nobody"), "BlockPublicPolicy": true});
        let answer = call(&world, "PutResourcePolicy", input).await;
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
          "eventID": "01a20320-a200-754c-a30e-47edd534c574",
          "eventName": "PutResourcePolicy",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "898c0d95-8e37-4722-ae19-1a9015771d60",
          "requestParameters": {
            "blockPublicPolicy": true,
            "resourcePolicy": "{\"Statement\":[{\"Action\":\"secretsmanager:GetSecretValue\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:user/nobody\"},\"Resource\":\"*\"}],\"Version\":\"2012-10-17\"}",
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
        assert_eq!(told(&world.call_as(&nobody, "secretsmanager:GetSecretValue", &get).await), "200");
        let mut lines = Vec::new();
        for (text, block) in [(policy("*"), true), ("{}".to_owned(), false), (policy("*"), false)] {
            let input = json!({"SecretId": "app/db", "ResourcePolicy": text, "BlockPublicPolicy": block});
            lines.push(outcome(&world, "PutResourcePolicy", input).await);
        }
        insta::assert_snapshot!(lines.join("\n"), @"
        400 PublicPolicyException: You can't make the resource policy public because BlockPublicPolicy is enabled.
        400 MalformedPolicyDocumentException: Syntax errors in policy.
        200
        ");
        // Whom it names must be there, and is meant for good: another of the same name is not.
        for operation in ["PutResourcePolicy", "ValidateResourcePolicy"] {
            let input =
                json!({"SecretId": "app/db", "ResourcePolicy": policy("arn:aws:iam::111122223333:user/no")});
            let expected = "400 MalformedPolicyDocumentException: This resource policy contains an unsupported principal.";
            assert_eq!(outcome(&world, operation, input).await, expected);
        }
        let input =
            json!({"SecretId": "app/db", "ResourcePolicy": policy("arn:aws:iam::111122223333:user/nobody")});
        assert_eq!(outcome(&world, "PutResourcePolicy", input).await, "200");
        let moved = json!({"UserName": "nobody", "NewUserName": "somebody"}).to_string();
        let _ = world.call("iam:UpdateUser", &moved).await.ok();
        assert_eq!(told(&world.call_as(&nobody, "secretsmanager:GetSecretValue", &get).await), "200");
        let shown = call(&world, "GetResourcePolicy", json!({"SecretId": "app/db"})).await.ok();
        assert!(shown.text("/ResourcePolicy").contains(r#""AWS":"AIDA"#), "{}", shown.body);
        let input = json!({"SecretId": "app/db", "ResourcePolicy": policy("*")});
        assert_eq!(outcome(&world, "PutResourcePolicy", input).await, "200");
        // Another account finds it by its ARN, and may read the secret but not use the first account's AWS managed key.
        let other = world.account("444455556666").await;
        let get = json!({"SecretId": arn}).to_string();
        let theirs = told(&world.call_as(&other, "secretsmanager:GetSecretValue", &get).await);
        assert_eq!(theirs, "400 AccessDeniedException: Access to KMS is not allowed");
    }
}
