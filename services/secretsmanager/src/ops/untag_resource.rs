//! UntagResource: removes tags from a secret; those that are not there are none.
//! Source: Secrets Manager API reference, `UntagResource`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{Found, change, not_deleted};

pub(crate) struct UntagResource;

impl Operation for UntagResource {
    type Shape = wire::UntagResource;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::UntagResourceKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found)
            .need(wire::actions::UNTAG_RESOURCE, guard, keys)
            .untagging(input.tag_keys.iter().cloned()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                not_deleted(secret)?;
                for key in &call.input().tag_keys {
                    secret.tags.remove(key);
                }
                secret.changed_at = tx.now();
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db", "TagKeys": ["team"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, secret, world};

    #[tokio::test]
    async fn tags_go_by_key() {
        let world = world().await;
        secret(&world, "app/db").await;
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        let _ = call(&world, "TagResource", json!({"SecretId": "app/db", "Tags": tags})).await.ok();
        let answer =
            call(&world, "UntagResource", json!({"SecretId": "app/db", "TagKeys": ["a", "c"]})).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-717d-804c-9e0aeba6dfbd",
          "eventName": "UntagResource",
          "eventSource": "secretsmanager.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "5cb9786b-f6c2-4eeb-9590-07df1290e476",
          "requestParameters": {
            "secretId": "app/db",
            "tagKeys": [
              "a",
              "c"
            ]
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
        let described = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await.ok().json();
        assert_eq!(described["Tags"], json!([{"Key": "b", "Value": "2"}]));
    }
}
