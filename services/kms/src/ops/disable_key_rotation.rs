//! DisableKeyRotation: no more automatic rotations. What was encrypted before stays readable.
//! Source: KMS API reference, `DisableKeyRotation`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Job, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::jobs::rotate_key::RotateKey;
use crate::model::{
    Found, Reference, change, enabled, guard_own, located, not_replica, rotates_itself, share,
};

pub(crate) struct DisableKeyRotation;

impl Operation for DisableKeyRotation {
    type Shape = wire::DisableKeyRotation;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::DISABLE_KEY_ROTATION, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, key| {
                rotates_itself(key)?;
                not_replica(key)?;
                enabled(key)?;
                if let Some(schedule) = key.rotation.take() {
                    tx.forget(schedule.next_at, RotateKey::NAME, key.scope(), &key.id)?;
                    share(tx, key, |_, replica| {
                        replica.rotation = None;
                        Ok(())
                    })?;
                }
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("kms:CreateKey", "{}", &[("key", "/KeyMetadata/KeyId")]),
                ("kms:EnableKeyRotation", r#"{"KeyId": "${key}"}"#, &[]),
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
    async fn the_schedule_is_gone_and_nothing_falls_due() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.call("kms:EnableKeyRotation", &key.with("")).await.ok();
        let answer = world.call("kms:DisableKeyRotation", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "DisableKeyRotation",
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
        let status = world.call("kms:GetKeyRotationStatus", &key.with("")).await.ok().json();
        assert_eq!(status["KeyRotationEnabled"], false);
        assert_eq!(world.pass(std::time::Duration::from_secs(400 * 86_400)).await, 0);
    }
}
