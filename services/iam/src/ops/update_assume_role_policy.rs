//! UpdateAssumeRolePolicy: says anew who may assume a role, from the next call on. Sessions that were begun go on.
//!
//! Users and roles that the policy names must exist; it has at most 2,048 characters, white space not counted.
//! Source: IAM API reference, `UpdateAssumeRolePolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, Rows, trust_document};

pub(crate) struct UpdateAssumeRolePolicy;

impl Operation for UpdateAssumeRolePolicy {
    type Shape = wire::UpdateAssumeRolePolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        let keys = wire::UpdateAssumeRolePolicyKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::UPDATE_ASSUME_ROLE_POLICY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let trust = trust_document(&call.input().policy_document, call.view()).await?;
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let mut role = rows.role(&call.input().role_name)?;
            role.trust = trust.clone();
            Ok(rows.save(&role)?)
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
            input: r#"{"RoleName":"deploy","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UpdateAssumeRolePolicy;
    use crate::testing::{example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<UpdateAssumeRolePolicy>().await, @r#"
        200
        <UpdateAssumeRolePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </UpdateAssumeRolePolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "UpdateAssumeRolePolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "policyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}",
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
        let told = refused(&world(&[]).await, "UpdateAssumeRolePolicy", r#"{"RoleName":"nobody","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_trusts_nobody_in_the_right_way_is_refused() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let input = r#"{"RoleName":"deploy","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#;
        let told =
            refused(&world, "UpdateAssumeRolePolicy", &input.replace("sts:AssumeRole", "s3:GetObject")).await;
        assert_eq!(
            told,
            "400 MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions."
        );
        let resource = input.replace(r#"\"Action\""#, r#"\"Resource\":\"*\",\"Action\""#);
        let told = refused(&world, "UpdateAssumeRolePolicy", &resource).await;
        assert_eq!(told, "400 MalformedPolicyDocument: Has prohibited field Resource");
        let absent = input.replace(
            r#"\"Service\":\"ec2.amazonaws.com\""#,
            r#"\"AWS\":\"arn:aws:iam::111122223333:role/x\""#,
        );
        let told = refused(&world, "UpdateAssumeRolePolicy", &absent).await;
        let expected = r#"400 MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/x""#;
        assert_eq!(told, expected);
    }
}
