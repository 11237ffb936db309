//! DetachGroupPolicy: detaches a managed policy from a group: from the next call on it allows nothing.
//!
//! The policy's attachment count changes with it.
//! Source: IAM API reference, `DetachGroupPolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Group;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct DetachGroupPolicy;

impl Operation for DetachGroupPolicy {
    type Shape = wire::DetachGroupPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        let keys = wire::DetachGroupPolicyKeys { policy_arn: input.policy_arn.clone() };
        Ok(Located::new(()).need(wire::actions::DETACH_GROUP_POLICY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let group: Group = rows.entity(&input.group_name)?;
            rows.detach(group, &input.policy_arn)
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
            input: r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DetachGroupPolicy;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DetachGroupPolicy>().await, @r#"
        200
        <DetachGroupPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DetachGroupPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DetachGroupPolicy",
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
            "DetachGroupPolicy",
            r#"{"GroupName":"nobody","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_not_attached_is_not_found() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        let told = refused(
            &world,
            "DetachGroupPolicy",
            r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn it_is_counted_no_longer() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachGroupPolicy", r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("DetachGroupPolicy", r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#)]).await;
        let counts = texts(
            &world,
            "GetPolicy",
            r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
            "AttachmentCount",
        )
        .await;
        assert_eq!(counts, ["0"]);
    }
}
