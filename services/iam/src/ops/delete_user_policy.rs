//! DeleteUserPolicy: removes an inline policy from a user.
//! Source: IAM API reference, `DeleteUserPolicy`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct DeleteUserPolicy;

impl Operation for DeleteUserPolicy {
    type Shape = wire::DeleteUserPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        let keys = wire::DeleteUserPolicyKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::DELETE_USER_POLICY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let user: User = rows.entity(&input.user_name)?;
            rows.delete_inline(user, &input.policy_name)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                (
                    "iam:PutUserPolicy",
                    r#"{"UserName":"bob","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
            ],
            input: r#"{"UserName":"bob","PolicyName":"read"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteUserPolicy;
    use crate::testing::{example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeleteUserPolicy>().await, @r#"
        200
        <DeleteUserPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeleteUserPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeleteUserPolicy",
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
        let told =
            refused(&world(&[]).await, "DeleteUserPolicy", r#"{"UserName":"nobody","PolicyName":"read"}"#)
                .await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_missing_is_told() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let told = refused(&world, "DeleteUserPolicy", r#"{"UserName":"bob","PolicyName":"read"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user policy with name read cannot be found.");
    }
}
