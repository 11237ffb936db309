//! ListResourceTags: the tags of a key, in the order they were put.
//! Source: KMS API reference, `ListResourceTags`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, Tag};

use crate::example;
use crate::model::{Found, Reference, guard_own, limit, list, located};

pub(crate) struct ListResourceTags;

impl Operation for ListResourceTags {
    type Shape = wire::ListResourceTags;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(located(found).need(wire::actions::LIST_RESOURCE_TAGS, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let key = call.target().key()?;
        let tags = key.tags.iter().map(|(name, value)| Tag::new(name.to_owned(), value.to_owned()));
        let (marker, limit) = (call.input().marker.as_deref(), limit(call.input().limit, 50, 50));
        let page = list(&call, tags.collect(), &key.id, marker, limit)?;
        let truncated = Some(page.next.is_some());
        let answer =
            wire::ListResourceTagsResponse { tags: Some(page.items), next_marker: page.next, truncated };
        call.answer(answer).await
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
    async fn tags_come_in_pages() {
        let world = World::of(&[crate::SERVICE]).await;
        let key =
            key(&world, r#"{"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]}"#)
                .await;
        let first = world.call("kms:ListResourceTags", &key.with(r#""Limit": 1"#)).await.ok();
        assert_eq!((first.text("/Tags/0/TagKey"), first.text("/Truncated")), ("a".into(), "true".into()));
        let marker = first.text("/NextMarker");
        let answer = world.call("kms:ListResourceTags", &key.with(&format!(r#""Marker": "{marker}""#))).await;
        insta::assert_snapshot!(world.told(&answer).await.replace(&marker, "<marker>"), @r#"
        200
        {
          "Tags": [
            {
              "TagKey": "b",
              "TagValue": "2"
            }
          ],
          "Truncated": false
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-79f2-aac6-99747ca2f13c",
          "eventName": "ListResourceTags",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "22db33e5-6085-4d94-8f9c-714dc43efc37",
          "requestParameters": {
            "keyId": "8c7654ec-fd7b-4b62-bb80-3e2f4e02ad1c",
            "marker": "<marker>"
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
}
