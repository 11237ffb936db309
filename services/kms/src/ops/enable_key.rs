//! EnableKey: a disabled key is of use again. A rotation that fell due while it was disabled is made up for.
//! Source: KMS API reference, `EnableKey`; KMS Developer Guide, "Rotating AWS KMS keys", on disabled keys.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Job, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::jobs::rotate_key::RotateKey;
use crate::model::{
    Found, Reference, Schedule, change, guard_own, has_material, located, not_pending_deletion,
};

pub(crate) struct EnableKey;

impl Operation for EnableKey {
    type Shape = wire::EnableKey;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::ENABLE_KEY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |tx, key| {
                not_pending_deletion(key)?;
                has_material(key)?;
                key.enabled = true;
                // A replica rotates with its primary.
                let overdue =
                    key.rotation.filter(|schedule| schedule.next_at <= tx.now() && !key.is_replica());
                if let Some(schedule) = overdue {
                    key.rotation = Some(Schedule { next_at: tx.now(), ..schedule });
                    tx.remind(tx.now(), RotateKey::NAME, key.scope(), &key.id)?;
                }
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn an_enabled_key_is_of_use_again() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.call("kms:DisableKey", &key.with("")).await.ok();
        let answer = world.call("kms:EnableKey", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-72db-b3e5-60859d948f9c",
          "eventName": "EnableKey",
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
        let _ = world.call("kms:Encrypt", &key.with(r#""Plaintext": "c2VjcmV0""#)).await.ok();
    }
}
