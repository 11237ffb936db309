//! CancelKeyDeletion: a key pending deletion stays. It comes back disabled.
//! Source: KMS API reference, `CancelKeyDeletion`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Job, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, KMSInvalidStateException};

use crate::jobs::delete_key::DeleteKey;
use crate::model::{Found, Reference, change, guard_own, located};

pub(crate) struct CancelKeyDeletion;

impl Operation for CancelKeyDeletion {
    type Shape = wire::CancelKeyDeletion;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::CANCEL_KEY_DELETION, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, key| {
                if let Some((due, _)) = key.deletion.take() {
                    tx.forget(due, DeleteKey::NAME, key.scope(), &key.id)?;
                } else if key.deletion_window.take().is_none() {
                    let message = format!("{} is not pending deletion.", key.arn);
                    return Err(KMSInvalidStateException::new(message).into());
                }
                key.enabled = false;
                Ok(wire::CancelKeyDeletionResponse { key_id: Some(key.arn.to_string()) })
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("kms:CreateKey", "{}", &[("key", "/KeyMetadata/KeyId")]),
                ("kms:ScheduleKeyDeletion", r#"{"KeyId": "${key}"}"#, &[]),
            ],
            input: r#"{"KeyId": "${key}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn the_key_comes_back_disabled() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.call("kms:ScheduleKeyDeletion", &key.with("")).await.ok();
        let answer = world.call("kms:CancelKeyDeletion", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "KeyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "CancelKeyDeletion",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "37c02559-b74f-4ab1-a8e5-d2d3fc435573",
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
          "responseElements": {
            "keyId": "arn:aws:kms:us-east-1:111122223333:key/8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c"
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
        let described = world.call("kms:DescribeKey", &key.with("")).await.ok().json();
        assert_eq!(described["KeyMetadata"]["KeyState"], "Disabled");
        assert!(described["KeyMetadata"].get("DeletionDate").is_none());
    }
}
