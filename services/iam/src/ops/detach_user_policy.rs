//! DetachUserPolicy: detaches a managed policy from a user: from the next call on it allows nothing.
//!
//! The policy's attachment count changes with it.
//! Source: IAM API reference, `DetachUserPolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct DetachUserPolicy;

impl Operation for DetachUserPolicy {
    type Shape = wire::DetachUserPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        let keys = wire::DetachUserPolicyKeys {
            permissions_boundary: found.boundary(),
            policy_arn: input.policy_arn.clone(),
        };
        Ok(Located::new(()).need(wire::actions::DETACH_USER_POLICY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let user: User = rows.entity(&input.user_name)?;
            rows.detach(user, &input.policy_arn)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                (
                    "iam:CreatePolicy",
                    r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
                (
                    "iam:AttachUserPolicy",
                    r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
                    &[],
                ),
            ],
            input: r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DetachUserPolicy;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DetachUserPolicy>().await, @r#"
        200
        <DetachUserPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DetachUserPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DetachUserPolicy",
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
            "userName": "bob"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:user/bob",
              "accountId": "111122223333",
              "type": "AWS::IAM::User"
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
    async fn a_user_that_is_missing_is_told_to_an_administrator() {
        let told = refused(
            &world(&[]).await,
            "DetachUserPolicy",
            r#"{"UserName":"nobody","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_not_attached_is_not_found() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        let told = refused(
            &world,
            "DetachUserPolicy",
            r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn it_is_counted_no_longer() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachUserPolicy", r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("DetachUserPolicy", r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#)]).await;
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
