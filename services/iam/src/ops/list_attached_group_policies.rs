//! ListAttachedGroupPolicies: the managed policies attached to a group, by name, in pages.
//! Source: IAM API reference, `ListAttachedGroupPolicies`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Group;
use wire_iam as wire;

use crate::model::{Found, attached_page};

pub(crate) struct ListAttachedGroupPolicies;

impl Operation for ListAttachedGroupPolicies {
    type Shape = wire::ListAttachedGroupPolicies;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        Ok(Located::new(()).need(wire::actions::LIST_ATTACHED_GROUP_POLICIES, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
        let page =
            attached_page::<Group, _>(&call, &input.group_name, prefix, marker, input.max_items).await?;
        call.answer(wire::ListAttachedGroupPoliciesResponse {
            is_truncated: page.is_truncated(),
            attached_policies: Some(page.items),
            marker: page.marker,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[]),
                (
                    "iam:CreatePolicy",
                    r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
                (
                    "iam:AttachGroupPolicy",
                    r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
                    &[],
                ),
            ],
            input: r#"{"GroupName":"admins"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListAttachedGroupPolicies;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListAttachedGroupPolicies>().await, @r#"
        200
        <ListAttachedGroupPoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListAttachedGroupPoliciesResult>
        <AttachedPolicies>
        <member>
        <PolicyName>reader</PolicyName>
        <PolicyArn>arn:aws:iam::111122223333:policy/reader</PolicyArn>
        </member>
        </AttachedPolicies>
        <IsTruncated>false</IsTruncated>
        </ListAttachedGroupPoliciesResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListAttachedGroupPoliciesResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListAttachedGroupPolicies",
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
        let told = refused(&world(&[]).await, "ListAttachedGroupPolicies", r#"{"GroupName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn they_are_sorted_by_name_and_told_under_a_path() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"Editor","Path":"/staff/","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachGroupPolicy", r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("AttachGroupPolicy", r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/staff/Editor"}"#)]).await;
        let names =
            texts(&world, "ListAttachedGroupPolicies", r#"{"GroupName":"admins"}"#, "PolicyName").await;
        assert_eq!(names, ["Editor", "reader"]);
        let under = r#"{"GroupName":"admins","PathPrefix":"/staff/"}"#;
        assert_eq!(texts(&world, "ListAttachedGroupPolicies", under, "PolicyName").await, ["Editor"]);
    }
}
