//! DeleteRolePolicy: removes an inline policy from a role.
//! Source: IAM API reference, `DeleteRolePolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct DeleteRolePolicy;

impl Operation for DeleteRolePolicy {
    type Shape = wire::DeleteRolePolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        let keys = wire::DeleteRolePolicyKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::DELETE_ROLE_POLICY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let role = rows.role(&input.role_name)?;
            rows.delete_inline(role, &input.policy_name)
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
                    "iam:PutRolePolicy",
                    r#"{"RoleName":"deploy","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
            ],
            input: r#"{"RoleName":"deploy","PolicyName":"read"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteRolePolicy;
    use crate::testing::{example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeleteRolePolicy>().await, @r#"
        200
        <DeleteRolePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeleteRolePolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeleteRolePolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "policyName": "read",
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
            refused(&world(&[]).await, "DeleteRolePolicy", r#"{"RoleName":"nobody","PolicyName":"read"}"#)
                .await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_missing_is_told() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let told = refused(&world, "DeleteRolePolicy", r#"{"RoleName":"deploy","PolicyName":"read"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role policy with name read cannot be found.");
    }
}
