//! AttachGroupPolicy: attaches a managed policy, the account's own or AWS's, to a group; at most ten.
//!
//! The policy's attachment count changes with it.
//! Source: IAM API reference, `AttachGroupPolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Group;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct AttachGroupPolicy;

impl Operation for AttachGroupPolicy {
    type Shape = wire::AttachGroupPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        let keys = wire::AttachGroupPolicyKeys { policy_arn: input.policy_arn.clone() };
        Ok(Located::new(()).need(wire::actions::ATTACH_GROUP_POLICY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let group: Group = rows.entity(&input.group_name)?;
            rows.attach(group, &input.policy_arn)
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
            ],
            input: r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AttachGroupPolicy;
    use crate::testing::{done, example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<AttachGroupPolicy>().await, @r#"
        200
        <AttachGroupPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </AttachGroupPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "AttachGroupPolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "groupName": "admins",
            "policyArn": "arn:aws:iam::111122223333:policy/reader"
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
        let told = refused(
            &world(&[]).await,
            "AttachGroupPolicy",
            r#"{"GroupName":"nobody","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_missing_is_not_attachable() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#)]).await;
        let told = refused(
            &world,
            "AttachGroupPolicy",
            r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(
            told,
            "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader does not exist or is not attachable."
        );
    }

    #[tokio::test]
    async fn what_is_no_policy_is_no_valid_arn() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#)]).await;
        let told = refused(
            &world,
            "AttachGroupPolicy",
            r#"{"GroupName":"admins","PolicyArn":"longpolicynamebutnoarn"}"#,
        )
        .await;
        assert_eq!(told, "400 ValidationError: ARN longpolicynamebutnoarn is not valid.");
        let told = refused(
            &world,
            "AttachGroupPolicy",
            r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:thing/reader"}"#,
        )
        .await;
        assert_eq!(told, "400 InvalidInput: ARN arn:aws:iam::111122223333:thing/reader is not valid.");
    }

    #[tokio::test]
    async fn it_counts_once_however_often_it_is_attached() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachGroupPolicy", r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("AttachGroupPolicy", r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#)]).await;
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
        let world = world(&[
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            (
                "AttachGroupPolicy",
                r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll"}"#,
            ),
        ])
        .await;
        let of = r#"{"PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll"}"#;
        assert_eq!(texts(&world, "GetPolicy", of, "AttachmentCount").await, ["1"]);
        let other = world.account("444455556666").await;
        let told = world.call_as(&other, "iam:GetPolicy", of).await.ok();
        assert_eq!(told.text("/AttachmentCount"), "0");
    }

    #[tokio::test]
    async fn at_most_ten_are_attached() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#)]).await;
        for number in 0..11 {
            let policy = format!(
                r#"{{"PolicyName":"p{number}","PolicyDocument":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}}]}}"}}"#
            );
            done(&world, "CreatePolicy", &policy).await;
        }
        let attach = |number: usize| {
            format!(r#"{{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/p{number}"}}"#)
        };
        for number in 0..10 {
            done(&world, "AttachGroupPolicy", &attach(number)).await;
        }
        let told = refused(&world, "AttachGroupPolicy", &attach(10)).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for PoliciesPerGroup: 10");
    }
}
