//! AttachRolePolicy: attaches a managed policy, the account's own or AWS's, to a role; at most ten.
//!
//! The policy's attachment count changes with it.
//! Source: IAM API reference, `AttachRolePolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Role;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct AttachRolePolicy;

impl Operation for AttachRolePolicy {
    type Shape = wire::AttachRolePolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Role>::named(view, &input.role_name).await?;
        let keys = wire::AttachRolePolicyKeys {
            permissions_boundary: found.boundary(),
            policy_arn: input.policy_arn.clone(),
        };
        Ok(Located::new(()).need(wire::actions::ATTACH_ROLE_POLICY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let role = rows.role(&input.role_name)?;
            rows.attach(role, &input.policy_arn)
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
            input: r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AttachRolePolicy;
    use crate::testing::{done, example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<AttachRolePolicy>().await, @r#"
        200
        <AttachRolePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </AttachRolePolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "AttachRolePolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "policyArn": "arn:aws:iam::111122223333:policy/reader",
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
            "AttachRolePolicy",
            r#"{"RoleName":"nobody","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: The role with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_missing_is_not_attachable() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let told = refused(
            &world,
            "AttachRolePolicy",
            r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(
            told,
            "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader does not exist or is not attachable."
        );
    }

    #[tokio::test]
    async fn what_is_no_policy_is_no_valid_arn() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        let told = refused(
            &world,
            "AttachRolePolicy",
            r#"{"RoleName":"deploy","PolicyArn":"longpolicynamebutnoarn"}"#,
        )
        .await;
        assert_eq!(told, "400 ValidationError: ARN longpolicynamebutnoarn is not valid.");
        let told = refused(
            &world,
            "AttachRolePolicy",
            r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::111122223333:thing/reader"}"#,
        )
        .await;
        assert_eq!(told, "400 InvalidInput: ARN arn:aws:iam::111122223333:thing/reader is not valid.");
    }

    #[tokio::test]
    async fn it_counts_once_however_often_it_is_attached() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachRolePolicy", r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("AttachRolePolicy", r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#)]).await;
        let counts = texts(
            &world,
            "GetPolicy",
            r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
            "AttachmentCount",
        )
        .await;
        assert_eq!(counts, ["1"]);
    }

    #[tokio::test]
    async fn an_aws_managed_policy_is_counted_in_the_account_that_attaches_it() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("AttachRolePolicy", r#"{"RoleName":"deploy","PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll"}"#)]).await;
        let of = r#"{"PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll"}"#;
        assert_eq!(texts(&world, "GetPolicy", of, "AttachmentCount").await, ["1"]);
        let other = world.account("444455556666").await;
        let told = world.call_as(&other, "iam:GetPolicy", of).await.ok();
        assert_eq!(told.text("/AttachmentCount"), "0");
    }

    #[tokio::test]
    async fn at_most_ten_are_attached() {
        let world = world(&[("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#)]).await;
        for number in 0..11 {
            let policy = format!(
                r#"{{"PolicyName":"p{number}","PolicyDocument":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}}]}}"}}"#
            );
            done(&world, "CreatePolicy", &policy).await;
        }
        let attach = |number: usize| {
            format!(r#"{{"RoleName":"deploy","PolicyArn":"arn:aws:iam::111122223333:policy/p{number}"}}"#)
        };
        for number in 0..10 {
            done(&world, "AttachRolePolicy", &attach(number)).await;
        }
        let told = refused(&world, "AttachRolePolicy", &attach(10)).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10");
    }
}
