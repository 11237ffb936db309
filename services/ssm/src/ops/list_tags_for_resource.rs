//! ListTagsForResource: the tags of a parameter.
//! Source: Systems Manager API reference, `ListTagsForResource`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm as wire;

use crate::model::{Found, no_resource, only_parameters, tag_list};

pub(crate) struct ListTagsForResource;

impl Operation for ListTagsForResource {
    type Shape = wire::ListTagsForResource;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::own(&input.resource_id, view).await?;
        let guard = found.guard();
        Ok(Located::new(found).need(wire::actions::LIST_TAGS_FOR_RESOURCE, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        only_parameters(call.input().resource_type)?;
        let parameter = call.target().found().ok_or_else(no_resource)?;
        let tag_list = Some(tag_list(&parameter.tags));
        call.answer(wire::ListTagsForResourceResult { tag_list }).await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "ssm:PutParameter",
                r#"{"Name": "/app/db", "Value": "one", "Type": "String", "Tags": [{"Key": "team", "Value": "red"}]}"#,
                &[],
            )],
            input: r#"{"ResourceType": "Parameter", "ResourceId": "/app/db"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::test::{call, outcome, put, world};

    #[tokio::test]
    async fn tags_are_told() {
        let world = world().await;
        put(&world, "/p", "v").await;
        let answer =
            call(&world, "ListTagsForResource", json!({"ResourceType": "Parameter", "ResourceId": "/p"}))
                .await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "TagList": []
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-74ac-816a-f38f59d2ddeb",
          "eventName": "ListTagsForResource",
          "eventSource": "ssm.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "3ed2b061-1e97-4a9c-be87-c83e7ed97c2d",
          "requestParameters": {
            "resourceId": "/p",
            "resourceType": "Parameter"
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
        let none = outcome(
            &world,
            "ListTagsForResource",
            json!({"ResourceType": "Parameter", "ResourceId": "/none"}),
        )
        .await;
        assert!(none.starts_with("400 InvalidResourceId"), "{none}");
    }
}
