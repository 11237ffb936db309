//! ListAttachedRolePolicies: the managed policies attached to a role, by name, in pages.
//! Source: IAM API reference, `ListAttachedRolePolicies`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, attached_page};

pub(crate) struct ListAttachedRolePolicies;

impl Operation for ListAttachedRolePolicies {
    type Shape = wire::ListAttachedRolePolicies;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        Ok(Located::new(()).need(wire::actions::LIST_ATTACHED_ROLE_POLICIES, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
        let page = attached_page::<Role, _>(&call, &input.role_name, prefix, marker, input.max_items).await?;
        call.answer(wire::ListAttachedRolePoliciesResponse {
            is_truncated: page.is_truncated(),
            attached_policies: Some(page.items),
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
                    "iam:CreatePolicy",
                    r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
                (
                    "iam:AttachRolePolicy",
                    r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
                    &[],
                ),
            ],
            input: r#"{"RoleName":"deploy"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListAttachedRolePolicies;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListAttachedRolePolicies>().await, @r#"
        200
        <ListAttachedRolePoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListAttachedRolePoliciesResult>
        <AttachedPolicies>
        <member>
        <PolicyName>reader</PolicyName>
        <PolicyArn>arn:aws:iam::111122223333:policy/reader</PolicyArn>
        </member>
        </AttachedPolicies>
        <IsTruncated>false</IsTruncated>
        </ListAttachedRolePoliciesResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListAttachedRolePoliciesResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListAttachedRolePolicies",
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
        let told = refused(&world(&[]).await, "ListAttachedRolePolicies", r#"{"RoleName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn they_are_sorted_by_name_and_told_under_a_path() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"Editor","Path":"/staff/","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachRolePolicy", r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("AttachRolePolicy", r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::111122223333:policy/staff/Editor"}"#)]).await;
        let names = texts(&world, "ListAttachedRolePolicies", r#"{"RoleName":"deploy"}"#, "PolicyName").await;
        assert_eq!(names, ["Editor", "reader"]);
        let under = r#"{"RoleName":"deploy","PathPrefix":"/staff/"}"#;
        assert_eq!(texts(&world, "ListAttachedRolePolicies", under, "PolicyName").await, ["Editor"]);
    }
}
