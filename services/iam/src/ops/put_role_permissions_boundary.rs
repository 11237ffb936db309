//! PutRolePermissionsBoundary: bounds what a role may do by a managed policy, the account's own or AWS's.
//!
//! `iam:PermissionsBoundary` is the boundary that is asked for. The policy's usage count changes with it.
//! Source: IAM API reference, `PutRolePermissionsBoundary`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct PutRolePermissionsBoundary;

impl Operation for PutRolePermissionsBoundary {
    type Shape = wire::PutRolePermissionsBoundary;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        let keys =
            wire::PutRolePermissionsBoundaryKeys { permissions_boundary: input.permissions_boundary.clone() };
        Ok(Located::new(()).need(wire::actions::PUT_ROLE_PERMISSIONS_BOUNDARY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let role = rows.role(&input.role_name)?;
            rows.put_boundary(role, &input.permissions_boundary)
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
            ],
            input: r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PutRolePermissionsBoundary;
    use crate::testing::{done, example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<PutRolePermissionsBoundary>().await, @r#"
        200
        <PutRolePermissionsBoundaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </PutRolePermissionsBoundaryResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "PutRolePermissionsBoundary",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "permissionsBoundary": "arn:aws:iam::111122223333:policy/reader",
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
        let told = refused(
            &world(&[]).await,
            "PutRolePermissionsBoundary",
            r#"{"RoleName":"nobody","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_missing_is_no_boundary() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let told = refused(
            &world,
            "PutRolePermissionsBoundary",
            r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(
            told,
            "404 NoSuchEntity: Scope ARN: arn:aws:iam::111122223333:policy/reader does not exist or is not attachable."
        );
        let told = refused(
            &world,
            "PutRolePermissionsBoundary",
            r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::111122223333:not_a_policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "400 InvalidInput: ARN arn:aws:iam::111122223333:not_a_policy/reader is not valid.");
    }

    #[tokio::test]
    async fn the_policy_that_was_the_boundary_is_counted_no_longer() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("PutRolePermissionsBoundary", r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#)]).await;
        let counts = || {
            texts(
                &world,
                "GetPolicy",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
                "PermissionsBoundaryUsageCount",
            )
        };
        assert_eq!(counts().await, ["1"]);
        let other =
            r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::aws:policy/IAMReadOnlyAccess"}"#;
        done(&world, "PutRolePermissionsBoundary", other).await;
        assert_eq!(counts().await, ["0"]);
    }
}
