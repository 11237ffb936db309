//! TagResource: adds tags to a key or gives them other values; at most 50.
//! Source: KMS API reference, `TagResource`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{
    Found, Reference, change, checked_tags, guard_own, located, not_pending_deletion, tag_pairs,
};

pub(crate) struct TagResource;

impl Operation for TagResource {
    type Shape = wire::TagResource;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::TAG_RESOURCE, guard, NoKeys).tagging(tag_pairs(&input.tags)))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |_, key| {
                not_pending_deletion(key)?;
                key.tags = checked_tags(std::mem::take(&mut key.tags), &call.input().tags)?;
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: example::KEY,
            input: r#"{"KeyId": "${key}", "Tags": [{"TagKey": "team", "TagValue": "red"}]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{key, refusal};

    #[tokio::test]
    async fn tags_are_added_and_replaced_and_case_counts() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, r#"{"Tags": [{"TagKey": "team", "TagValue": "red"}]}"#).await;
        let tags = r#""Tags": [{"TagKey": "team", "TagValue": "blue"}, {"TagKey": "Team", "TagValue": ""}]"#;
        let answer = world.call("kms:TagResource", &key.with(tags)).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "TagResource",
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
            "tags": [
              {
                "tagKey": "team",
                "tagValue": "blue"
              },
              {
                "tagKey": "Team",
                "tagValue": ""
              }
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
        insta::assert_snapshot!(listed["Tags"], @r#"[{"TagKey":"team","TagValue":"blue"},{"TagKey":"Team","TagValue":""}]"#);
    }

    #[tokio::test]
    async fn fifty_are_enough_and_awss_own_are_reserved() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let tag = |name: &str| format!(r#"{{"TagKey": "{name}", "TagValue": ""}}"#);
        let fifty: Vec<String> = (0..50).map(|number| tag(&number.to_string())).collect();
        let put = |tags: &str| key.with(&format!(r#""Tags": [{tags}]"#));
        let _ = world.call("kms:TagResource", &put(&fifty.join(","))).await.ok();
        let mut told = Vec::new();
        for tags in [tag("one more"), tag("aws:x"), format!("{}, {}", tag("a"), tag("a"))] {
            told.push(refusal(&world, "kms:TagResource", &put(&tags)).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 TagException: Too many tags
        400 TagException: Tags beginning with aws: are reserved
        400 TagException: Duplicate tag keys
        ");
        let _ = world.call("kms:TagResource", &put(&tag("49"))).await.ok();
    }
}
