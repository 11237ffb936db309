//! DeleteRole: removes a role that has no policies any more. Its sessions end with it.
//! Source: IAM API reference, `DeleteRole`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::policy::Use;
use crate::model::{Found, Rows};

pub(crate) struct DeleteRole;

impl Operation for DeleteRole {
    type Shape = wire::DeleteRole;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        let keys = wire::DeleteRoleKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::DELETE_ROLE, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let role = rows.role(&call.input().role_name)?;
            let first = match &role {
                role if !role.attached.is_empty() => "detach all policies",
                role if !role.inline.is_empty() => "delete policies",
                _ => {
                    if let Some(boundary) = &role.permissions_boundary {
                        rows.count(boundary, Use::Boundary, -1)?;
                    }
                    return Ok(rows.delete(&role)?);
                }
            };
            Err(wire::DeleteConflictException::new(format!("Cannot delete entity, must {first} first."))
                .into())
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "iam:CreateRole",
                r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
                &[],
            )],
            input: r#"{"RoleName":"deploy"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteRole;
    use crate::testing::{done, example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeleteRole>().await, @r#"
        200
        <DeleteRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeleteRoleResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeleteRole",
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
        let told = refused(&world(&[]).await, "DeleteRole", r#"{"RoleName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn its_policies_are_in_the_way() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("PutRolePolicy", r#"{"RoleName":"deploy","PolicyName":"p","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        let role = r#"{"RoleName":"deploy"}"#;
        let told = refused(&world, "DeleteRole", role).await;
        assert_eq!(told, "409 DeleteConflict: Cannot delete entity, must delete policies first.");
        let attach = r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll"}"#;
        done(&world, "AttachRolePolicy", attach).await;
        let told = refused(&world, "DeleteRole", role).await;
        assert_eq!(told, "409 DeleteConflict: Cannot delete entity, must detach all policies first.");
    }
}
