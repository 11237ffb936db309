//! AddTagsToResource: adds tags to a parameter or gives them other values; at most 50.
//! Source: Systems Manager API reference, `AddTagsToResource`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use crate::model::{Found, checked_tags, no_resource, only_parameters, tag_pairs};

pub(crate) struct AddTagsToResource;

impl Operation for AddTagsToResource {
    type Shape = wire::AddTagsToResource;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::own(&input.resource_id, view).await?;
        let guard = found.guard();
        let located = Located::new(found).need(wire::actions::ADD_TAGS_TO_RESOURCE, guard, NoKeys);
        Ok(located.tagging(tag_pairs(&input.tags)))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        only_parameters(call.input().resource_type)?;
        let mut parameter = (**call.target().found().ok_or_else(no_resource)?).clone();
        parameter.tags = checked_tags(parameter.tags, &call.input().tags)?;
        call.commit(|tx, _| {
            parameter.put_alone(tx)?;
            Ok(wire::AddTagsToResourceResult {})
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("ssm:PutParameter", r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"#, &[])],
            input: r#"{"ResourceType": "Parameter", "ResourceId": "/app/db", "Tags": [{"Key": "team", "Value": "red"}]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, put, world};

    #[tokio::test]
    async fn tags_are_added_and_replaced() {
        let world = world().await;
        put(&world, "/p", "v").await;
        let tag = |value: &str| json!({"ResourceType": "Parameter", "ResourceId": "/p", "Tags": [{"Key": "team", "Value": value}]});
        let answer = call(&world, "AddTagsToResource", tag("red")).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {}
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-74ac-816a-f38f59d2ddeb",
          "eventName": "AddTagsToResource",
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
            "tags": [
              {
                "key": "team",
                "value": "red"
              }
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
        let _ = call(&world, "AddTagsToResource", tag("blue")).await.ok();
        let listed =
            call(&world, "ListTagsForResource", json!({"ResourceType": "Parameter", "ResourceId": "/p"}))
                .await
                .ok();
        assert_eq!(listed.json(), json!({"TagList": [{"Key": "team", "Value": "blue"}]}));
    }

    #[tokio::test]
    async fn what_cannot_be_tagged_is_refused() {
        let world = world().await;
        put(&world, "/p", "v").await;
        let many: Vec<_> = (0..51).map(|number| json!({"Key": format!("k{number}"), "Value": ""})).collect();
        let one = json!([{"Key": "k", "Value": "v"}]);
        let mut lines = Vec::new();
        for (kind, id, tags) in [
            ("Parameter", "/none", &one),
            ("Document", "/p", &one),
            ("Parameter", "/p", &json!([{"Key": "AWS:x", "Value": "v"}])),
            ("Parameter", "/p", &json!(many)),
        ] {
            lines.push(
                outcome(
                    &world,
                    "AddTagsToResource",
                    json!({"ResourceType": kind, "ResourceId": id, "Tags": tags}),
                )
                .await,
            );
        }
        insta::assert_snapshot!(lines.join("\n"), @"
        400 InvalidResourceId: The resource ID isn't valid. Verify that you entered the correct ID and try again.
        400 InvalidResourceType: The resource type isn't valid. For example, if you are attempting to tag an EC2 instance, the instance must be a registered managed node.
        400 ValidationException: Tag keys that begin with aws: are reserved.
        400 TooManyTagsError: The Targets parameter includes too many tags. Remove one or more tags and try the command again.
        ");
    }
}
