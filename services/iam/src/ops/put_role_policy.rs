//! PutRolePolicy: adds an inline policy to a role, or replaces the one of that name.
//!
//! All inline policies of a role together may have 10,240 characters, white space not counted.
//! Source: IAM API reference, `PutRolePolicy`; User Guide, "IAM and AWS STS quotas".

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, Rows, identity_document};

pub(crate) struct PutRolePolicy;

impl Operation for PutRolePolicy {
    type Shape = wire::PutRolePolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        let keys = wire::PutRolePolicyKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::PUT_ROLE_POLICY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let document = identity_document(&call.input().policy_document)?;
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let role = rows.role(&input.role_name)?;
            rows.put_inline(role, &input.policy_name, &document)
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
            input: r#"{"RoleName":"deploy","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PutRolePolicy;
    use crate::testing::{done, example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<PutRolePolicy>().await, @r#"
        200
        <PutRolePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </PutRolePolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "PutRolePolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "policyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}",
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
        let told = refused(&world(&[]).await, "PutRolePolicy", r#"{"RoleName":"nobody","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_document_that_is_no_policy_is_refused() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let told = refused(
            &world,
            "PutRolePolicy",
            r#"{"RoleName":"deploy","PolicyName":"read","PolicyDocument":"{}"}"#,
        )
        .await;
        assert_eq!(told, "400 MalformedPolicyDocument: Syntax errors in policy.");
    }

    #[tokio::test]
    async fn all_policies_together_have_a_limit_without_white_space() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let put = |name: &str, sid: usize, space: usize| {
            let (sid, space) = ("a".repeat(sid), " ".repeat(space));
            format!(
                r#"{{"RoleName":"deploy","PolicyName":"{name}","PolicyDocument":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"{sid}\",\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}]}}{space}"}}"#
            )
        };
        done(&world, "PutRolePolicy", &put("a", 5120, 3000)).await;
        done(&world, "PutRolePolicy", &put("a", 5120, 3000)).await;
        let told = refused(&world, "PutRolePolicy", &put("b", 5120, 0)).await;
        assert_eq!(told, "409 LimitExceeded: Maximum policy size of 10240 bytes exceeded for role deploy");
    }
}
