//! UntagResource: removes tags from a key; those that are not there are no error.
//! Source: KMS API reference, `UntagResource`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::model::{Found, Reference, change, guard_own, located, not_pending_deletion};

pub(crate) struct UntagResource;

impl Operation for UntagResource {
    type Shape = wire::UntagResource;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found)
            .need(wire::actions::UNTAG_RESOURCE, guard, NoKeys)
            .untagging(input.tag_keys.iter().cloned()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |_, key| {
                not_pending_deletion(key)?;
                for name in &call.input().tag_keys {
                    key.tags.remove(name);
                }
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "kms:CreateKey",
                r#"{"Tags": [{"TagKey": "team", "TagValue": "red"}]}"#,
                &[("key", "/KeyMetadata/KeyId")],
            )],
            input: r#"{"KeyId": "${key}", "TagKeys": ["team"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn the_tag_goes_and_others_stay() {
        let world = World::of(&[crate::SERVICE]).await;
        let key =
            key(&world, r#"{"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]}"#)
                .await;
        let answer = world.call("kms:UntagResource", &key.with(r#""TagKeys": ["a", "c"]"#)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "UntagResource",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "9df764a9-2c87-48b0-963e-7b6430418e7a",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "tagKeys": [
              "a",
              "c"
            ]
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
        let listed = world.call("kms:ListResourceTags", &key.with("")).await.ok().json();
        assert_eq!(listed["Tags"].to_string(), r#"[{"TagKey":"b","TagValue":"2"}]"#);
    }
}
