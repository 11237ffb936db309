//! ListRoleTags: the tags of a role, by key, in pages.
//! Source: IAM API reference, `ListRoleTags`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, read, tags};

pub(crate) struct ListRoleTags;

impl Operation for ListRoleTags {
    type Shape = wire::ListRoleTags;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        Ok(Located::new(()).need(wire::actions::LIST_ROLE_TAGS, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let role = read::<Role, _>(&call, &input.role_name).await?;
        let page = tags::page(&call, &input.role_name, &role.tags, input.marker.as_deref(), input.max_items)?;
        call.answer(wire::ListRoleTagsResponse {
            is_truncated: page.is_truncated(),
            tags: page.items,
            marker: page.marker,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "iam:CreateRole",
                    r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
                    &[],
                ),
                (
                    "iam:TagRole",
                    r#"{"RoleName":"deploy","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
                    &[],
                ),
            ],
            input: r#"{"RoleName":"deploy"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListRoleTags;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListRoleTags>().await, @r#"
        200
        <ListRoleTagsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListRoleTagsResult>
        <Tags>
        <member>
        <Key>Stage</Key>
        <Value>
        </Value>
        </member>
        <member>
        <Key>Team</Key>
        <Value>blue</Value>
        </member>
        </Tags>
        <IsTruncated>false</IsTruncated>
        </ListRoleTagsResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListRoleTagsResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListRoleTags",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "roleName": "deploy"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:role/deploy",
              "accountId": "111122223333",
              "type": "AWS::IAM::Role"
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

    #[tokio::test]
    async fn a_role_that_is_missing_is_told_to_an_administrator() {
        let told = refused(&world(&[]).await, "ListRoleTags", r#"{"RoleName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn tags_come_in_pages() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("TagRole", r#"{"RoleName":"deploy","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#)]).await;
        let first = world.call("iam:ListRoleTags", r#"{"RoleName":"deploy","MaxItems":1}"#).await.ok();
        assert_eq!([first.text("/Key"), first.text("/IsTruncated")], ["Stage", "true"]);
        let rest = format!(r#"{{"RoleName":"deploy","Marker":"{}"}}"#, first.text("/Marker"));
        assert_eq!(texts(&world, "ListRoleTags", &rest, "Key").await, ["Team"]);
    }
}
