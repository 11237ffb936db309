//! ListGroupPolicies: the names of a group's inline policies, in pages.
//! Source: IAM API reference, `ListGroupPolicies`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Group;
use wire_iam as wire;

use crate::model::{Found, inline_names};

pub(crate) struct ListGroupPolicies;

impl Operation for ListGroupPolicies {
    type Shape = wire::ListGroupPolicies;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        Ok(Located::new(()).need(wire::actions::LIST_GROUP_POLICIES, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let page =
            inline_names::<Group, _>(&call, &input.group_name, input.marker.as_deref(), input.max_items)
                .await?;
        call.answer(wire::ListGroupPoliciesResponse {
            is_truncated: page.is_truncated(),
            policy_names: page.items,
            marker: page.marker,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[]),
                (
                    "iam:PutGroupPolicy",
                    r#"{"GroupName":"admins","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
            ],
            input: r#"{"GroupName":"admins"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListGroupPolicies;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListGroupPolicies>().await, @r#"
        200
        <ListGroupPoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListGroupPoliciesResult>
        <PolicyNames>
        <member>read</member>
        </PolicyNames>
        <IsTruncated>false</IsTruncated>
        </ListGroupPoliciesResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListGroupPoliciesResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListGroupPolicies",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "groupName": "admins"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:group/admins",
              "accountId": "111122223333",
              "type": "AWS::IAM::Group"
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
    async fn a_group_that_is_missing_is_told_to_an_administrator() {
        let told = refused(&world(&[]).await, "ListGroupPolicies", r#"{"GroupName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn names_come_in_pages() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#), ("PutGroupPolicy", r#"{"GroupName":"admins","PolicyName":"write","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("PutGroupPolicy", r#"{"GroupName":"admins","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        let first = world.call("iam:ListGroupPolicies", r#"{"GroupName":"admins","MaxItems":1}"#).await.ok();
        assert_eq!([first.text("/member"), first.text("/IsTruncated")], ["read", "true"]);
        let rest = format!(r#"{{"GroupName":"admins","Marker":"{}"}}"#, first.text("/Marker"));
        assert_eq!(texts(&world, "ListGroupPolicies", &rest, "member").await, ["write"]);
    }
}
