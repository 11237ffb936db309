//! UpdateKeyDescription: another description for a key.
//! Source: KMS API reference, `UpdateKeyDescription`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{Found, Reference, change, guard_own, located, not_pending_deletion};

pub(crate) struct UpdateKeyDescription;

impl Operation for UpdateKeyDescription {
    type Shape = wire::UpdateKeyDescription;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::UPDATE_KEY_DESCRIPTION, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |_, key| {
                not_pending_deletion(key)?;
                key.description.clone_from(&call.input().description);
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}", "Description": "new"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn the_new_description_is_there_at_once() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"Description": "old"}"#).await;
        let answer = world.call("kms:UpdateKeyDescription", &key.with(r#""Description": "new""#)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "UpdateKeyDescription",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "description": "new",
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
        let described = world.call("kms:DescribeKey", &key.with("")).await.ok();
        assert_eq!(described.text("/KeyMetadata/Description"), "new");
    }
}
