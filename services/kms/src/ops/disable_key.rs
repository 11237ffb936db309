//! DisableKey: nobody can use the key until it is enabled again; it can still be managed.
//! Source: KMS API reference, `DisableKey`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{
    Found, Reference, change, guard_own, has_material, located, not_pending_deletion, trailing_days,
};

pub(crate) struct DisableKey;

impl Operation for DisableKey {
    type Shape = wire::DisableKey;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        let trailing = trailing_days(view, &found).await?;
        let keys = wire::DisableKeyKeys { trailing_days_without_key_usage: trailing };
        Ok(located(found).need(wire::actions::DISABLE_KEY, guard, keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |_, key| {
                not_pending_deletion(key)?;
                has_material(key)?;
                key.enabled = false;
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

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn a_disabled_key_is_of_no_use() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let answer = world.call("kms:DisableKey", &key.with("")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "DisableKey",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
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
        let refused = refusal(&world, "kms:Encrypt", &key.with(r#""Plaintext": "c2VjcmV0""#)).await;
        assert_eq!(refused, format!("400 DisabledException: {} is disabled.", key.arn));
        let described = world.call("kms:DescribeKey", &key.with("")).await.ok().json();
        assert_eq!(described["KeyMetadata"]["KeyState"], "Disabled");
        assert_eq!(described["KeyMetadata"]["Enabled"], false);
    }
}
