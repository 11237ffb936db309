//! RemoveTagsFromResource: takes tags from a parameter. Those that it does not have are no error.
//! Source: Systems Manager API reference, `RemoveTagsFromResource`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use crate::model::{Found, no_resource, only_parameters};

pub(crate) struct RemoveTagsFromResource;

impl Operation for RemoveTagsFromResource {
    type Shape = wire::RemoveTagsFromResource;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::own(&input.resource_id, view).await?;
        let guard = found.guard();
        let located = Located::new(found).need(wire::actions::REMOVE_TAGS_FROM_RESOURCE, guard, NoKeys);
        Ok(located.untagging(input.tag_keys.iter().cloned()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        only_parameters(call.input().resource_type)?;
        let mut parameter = (**call.target().found().ok_or_else(no_resource)?).clone();
        for key in &call.input().tag_keys {
            parameter.tags.remove(key);
        }
        call.commit(|tx, _| {
            parameter.put_alone(tx)?;
            Ok(wire::RemoveTagsFromResourceResult {})
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "ssm:PutParameter",
                r#"{"Name": "/app/db", "Value": "one", "Type": "String", "Tags": [{"Key": "team", "Value": "red"}]}"#,
                &[],
            )],
            input: r#"{"ResourceType": "Parameter", "ResourceId": "/app/db", "TagKeys": ["team"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, world};

    #[tokio::test]
    async fn tags_go_and_missing_ones_are_no_error() {
        let world = world().await;
        let input = json!({"Name": "/p", "Value": "v", "Type": "String", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]});
        let _ = call(&world, "PutParameter", input).await.ok();
        let input = json!({"ResourceType": "Parameter", "ResourceId": "/p", "TagKeys": ["a", "none"]});
        let answer = call(&world, "RemoveTagsFromResource", input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {}
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-74ac-816a-f38f59d2ddeb",
          "eventName": "RemoveTagsFromResource",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "3ed2b061-1e97-4a9c-be87-c83e7ed97c2d",
          "requestParameters": {
            "resourceId": "/p",
            "resourceType": "Parameter",
            "tagKeys": [
              "a",
              "none"
            ]
          },
          "resources": [
            {
              "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/p",
              "accountId": "111122223333",
              "type": "AWS::SSM::Parameter"
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
        let listed =
            call(&world, "ListTagsForResource", json!({"ResourceType": "Parameter", "ResourceId": "/p"}))
                .await
                .ok();
        assert_eq!(listed.json(), json!({"TagList": [{"Key": "b", "Value": "2"}]}));
        let none = json!({"ResourceType": "Parameter", "ResourceId": "/none", "TagKeys": ["a"]});
        assert!(outcome(&world, "RemoveTagsFromResource", none).await.starts_with("400 InvalidResourceId"));
    }
}
