//! TagResource: adds tags to a secret or gives them other values; at most 50.
//! Source: Secrets Manager API reference, `TagResource`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_secretsmanager as wire;

use crate::model::{Found, change, checked_tags, not_deleted, tag_pairs};

pub(crate) struct TagResource;

impl Operation for TagResource {
    type Shape = wire::TagResource;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::of(&input.secret_id, view).await?;
        let keys = wire::TagResourceKeys { secret_id: found.secret_id() };
        let guard = found.guard(view);
        Ok(Located::new(found).need(wire::actions::TAG_RESOURCE, guard, keys).tagging(tag_pairs(&input.tags)))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, secret| {
                not_deleted(secret)?;
                secret.tags = checked_tags(std::mem::take(&mut secret.tags), &call.input().tags)?;
                secret.changed_at = tx.now();
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("secretsmanager:CreateSecret", r#"{"Name": "app/db", "SecretString": "one"}"#, &[])],
            input: r#"{"SecretId": "app/db", "Tags": [{"Key": "team", "Value": "red"}]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, secret, told, user, world};

    #[tokio::test]
    async fn tags_are_added_and_replaced_and_conditions_see_them() {
        let world = world().await;
        secret(&world, "app/db").await;
        for value in ["red", "blue"] {
            let tags = json!([{"Key": "team", "Value": value}, {"Key": "empty"}]);
            let answer = call(&world, "TagResource", json!({"SecretId": "app/db", "Tags": tags})).await.ok();
            if value == "blue" {
                insta::assert_snapshot!(world.told(&answer).await, @r#"
                200
                --- recorded
                {
                  "awsRegion": "us-east-1",
                  "eventCategory": "Management",
                  "eventID": "01a20320-a200-717d-804c-9e0aeba6dfbd",
                  "eventName": "TagResource",
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
                    "tags": [
                      {
                        "key": "team",
                        "value": "blue"
                      },
                      {
                        "key": "empty"
                      }
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
            }
        }
        let described = call(&world, "DescribeSecret", json!({"SecretId": "app/db"})).await.ok().json();
        insta::assert_snapshot!(described["Tags"], @r#"[{"Key":"team","Value":"blue"},{"Key":"empty","Value":""}]"#);
        let who = user(&world, "blue", &["sts:GetCallerIdentity"]).await;
        let statement = json!({"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*", "Condition": {"StringEquals": {"secretsmanager:ResourceTag/team": "blue"}}});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let put = json!({"UserName": "blue", "PolicyName": "p", "PolicyDocument": policy}).to_string();
        let _ = world.call("iam:PutUserPolicy", &put).await.ok();
        let get = json!({"SecretId": "app/db"}).to_string();
        assert_eq!(told(&world.call_as(&who, "secretsmanager:GetSecretValue", &get).await), "200");
        let untag = json!({"SecretId": "app/db", "TagKeys": ["team", "none"]});
        let _ = call(&world, "UntagResource", untag).await.ok();
        let refused = told(&world.call_as(&who, "secretsmanager:GetSecretValue", &get).await);
        assert!(refused.starts_with("400 AccessDeniedException"), "{refused}");
    }

    #[tokio::test]
    async fn fifty_are_enough_and_awss_own_are_reserved() {
        let world = world().await;
        secret(&world, "app/db").await;
        let tag = |key: &str| json!({"Key": key, "Value": ""});
        let fifty: Vec<_> = (0..50).map(|number| tag(&number.to_string())).collect();
        let put = |tags: serde_json::Value| json!({"SecretId": "app/db", "Tags": tags});
        let _ = call(&world, "TagResource", put(json!(fifty))).await.ok();
        let mut told = Vec::new();
        for tags in [
            json!([tag("one more")]),
            json!([tag("aws:x")]),
            json!([tag("a"), tag("a")]),
            json!([{"Value": "x"}]),
        ] {
            told.push(outcome(&world, "TagResource", put(tags)).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 InvalidParameterException: A secret can have at most 50 tags.
        400 InvalidParameterException: Tag keys that begin with aws: are reserved.
        400 InvalidParameterException: Duplicate tag keys are not allowed.
        400 InvalidParameterException: You must provide a value for the key of each tag.
        ");
    }
}
