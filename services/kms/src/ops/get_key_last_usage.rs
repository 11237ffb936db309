//! GetKeyLastUsage: when a key last did something for somebody, and what. Replicas of a multi-Region key are told apart.
//!
//! It is read from the audit, which knows of the last call at once. Dry runs and refusals are no uses.
//! Source: KMS API reference, `GetKeyLastUsage`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{Found, Reference, guard_own, last_usage, located};

pub(crate) struct GetKeyLastUsage;

impl Operation for GetKeyLastUsage {
    type Shape = wire::GetKeyLastUsage;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::GET_KEY_LAST_USAGE, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let key = call.target().key()?;
        let usage = last_usage(call.view(), key).await?;
        let answer = wire::GetKeyLastUsageResponse {
            key_id: Some(key.arn.to_string()),
            key_last_usage: Some(usage.data.unwrap_or_default()),
            tracking_start_date: Some(usage.tracked_since),
            key_creation_date: Some(key.created_at),
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alcazar_testkit::World;

    use crate::test::{key, policy};

    const LAST: &str = "kms:GetKeyLastUsage";

    #[tokio::test]
    async fn the_last_use_is_told_and_nothing_before_there_is_one() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        insta::assert_snapshot!(world.call(LAST, &key.with("")).await.ok().to_string(), @r#"
        200
        {
          "KeyCreationDate": 1795348800,
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyLastUsage": {},
          "TrackingStartDate": 1795348800
        }
        "#);
        let _ = world.call("kms:Encrypt", &key.with(r#""Plaintext": "AAAA""#)).await.ok();
        let _ = world.pass(Duration::from_secs(3600)).await;
        // None of these is a use.
        let _ = world.call("kms:DescribeKey", &key.with("")).await.ok();
        let _ = world.call("kms:Encrypt", &key.with(r#""Plaintext": "AAAA", "DryRun": true"#)).await;
        let _ = world.call("kms:Decrypt", &key.with(r#""CiphertextBlob": "AAAA""#)).await;
        let answer = world.call(LAST, &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyCreationDate": 1795348800,
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
          "KeyLastUsage": {
            "CloudTrailEventId": "01a20320-a200-79f2-aac6-99747ca2f13c",
            "KmsRequestId": "37c02559-b74f-4ab1-a8e5-d2d3fc435573",
            "Operation": "Encrypt",
            "Timestamp": 1795348800
          },
          "TrackingStartDate": 1795348800
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20357-9080-7222-9fc9-415f5fab951d",
          "eventName": "GetKeyLastUsage",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T13:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "4dbdf2ea-0743-4b47-90e9-b27a46fbc23b",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
          },
          "resources": [
            {
              "ARN": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
              "accountId": "111122223333",
              "type": "AWS::KMS::Key"
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

    #[tokio::test]
    async fn a_policy_may_keep_a_key_that_is_in_use() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let root = "arn:aws:iam::111122223333:root";
        let text: String = serde_json::from_str(&policy(&[(root, &["kms:*"])])).unwrap();
        let mut text: serde_json::Value = serde_json::from_str(&text).unwrap();
        let deny = r#"{"Effect": "Deny", "Principal": "*", "Action": ["kms:DisableKey", "kms:ScheduleKeyDeletion"],
            "Resource": "*", "Condition": {"NumericLessThan": {"kms:TrailingDaysWithoutKeyUsage": "30"}}}"#;
        text["Statement"].as_array_mut().unwrap().push(serde_json::from_str(deny).unwrap());
        let text = serde_json::Value::String(text.to_string());
        let _ = world.call("kms:PutKeyPolicy", &key.with(&format!(r#""Policy": {text}"#))).await.ok();
        let day = Duration::from_secs(24 * 3600);
        let mut told = Vec::new();
        let _ = world.pass(day * 20).await;
        let _ = world.call("kms:Encrypt", &key.with(r#""Plaintext": "AAAA""#)).await.ok();
        for days in [29, 1] {
            let _ = world.pass(day * days).await;
            for operation in ["kms:DisableKey", "kms:ScheduleKeyDeletion"] {
                told.push(world.call(operation, &key.with("")).await.status);
            }
        }
        assert_eq!(told, [400, 400, 200, 200]);
    }
}
