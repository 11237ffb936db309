//! DeleteRolePermissionsBoundary: a role is bounded no longer.
//!
//! `iam:PermissionsBoundary` is the boundary that the role has. The policy's usage count changes with it.
//! Source: IAM API reference, `DeleteRolePermissionsBoundary`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct DeleteRolePermissionsBoundary;

impl Operation for DeleteRolePermissionsBoundary {
    type Shape = wire::DeleteRolePermissionsBoundary;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        let keys = wire::DeleteRolePermissionsBoundaryKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::DELETE_ROLE_PERMISSIONS_BOUNDARY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let role = rows.role(&call.input().role_name)?;
            rows.delete_boundary(role)
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
                    "iam:PutRolePermissionsBoundary",
                    r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#,
                    &[],
                ),
            ],
            input: r#"{"RoleName":"deploy"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteRolePermissionsBoundary;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeleteRolePermissionsBoundary>().await, @r#"
        200
        <DeleteRolePermissionsBoundaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeleteRolePermissionsBoundaryResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeleteRolePermissionsBoundary",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
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
        let told =
            refused(&world(&[]).await, "DeleteRolePermissionsBoundary", r#"{"RoleName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn it_is_counted_no_longer_and_another_time_changes_nothing() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("PutRolePermissionsBoundary", r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#), ("DeleteRolePermissionsBoundary", r#"{"RoleName":"deploy"}"#), ("DeleteRolePermissionsBoundary", r#"{"RoleName":"deploy"}"#)]).await;
        let policy = r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#;
        assert_eq!(texts(&world, "GetPolicy", policy, "PermissionsBoundaryUsageCount").await, ["0"]);
        assert!(
            texts(&world, "GetRole", r#"{"RoleName":"deploy"}"#, "PermissionsBoundaryArn").await.is_empty()
        );
    }
}
