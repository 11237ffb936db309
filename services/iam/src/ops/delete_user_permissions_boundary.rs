//! DeleteUserPermissionsBoundary: a user is bounded no longer.
//!
//! `iam:PermissionsBoundary` is the boundary that the user has. The policy's usage count changes with it.
//! Source: IAM API reference, `DeleteUserPermissionsBoundary`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct DeleteUserPermissionsBoundary;

impl Operation for DeleteUserPermissionsBoundary {
    type Shape = wire::DeleteUserPermissionsBoundary;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        let keys = wire::DeleteUserPermissionsBoundaryKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::DELETE_USER_PERMISSIONS_BOUNDARY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let user: User = rows.entity(&call.input().user_name)?;
            rows.delete_boundary(user)
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
                    "iam:PutUserPermissionsBoundary",
                    r#"{"UserName":"bob","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#,
                    &[],
                ),
            ],
            input: r#"{"UserName":"bob"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteUserPermissionsBoundary;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeleteUserPermissionsBoundary>().await, @r#"
        200
        <DeleteUserPermissionsBoundaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeleteUserPermissionsBoundaryResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeleteUserPermissionsBoundary",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
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
            refused(&world(&[]).await, "DeleteUserPermissionsBoundary", r#"{"UserName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn it_is_counted_no_longer_and_another_time_changes_nothing() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("PutUserPermissionsBoundary", r#"{"UserName":"bob","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#), ("DeleteUserPermissionsBoundary", r#"{"UserName":"bob"}"#), ("DeleteUserPermissionsBoundary", r#"{"UserName":"bob"}"#)]).await;
        let policy = r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#;
        assert_eq!(texts(&world, "GetPolicy", policy, "PermissionsBoundaryUsageCount").await, ["0"]);
        assert!(texts(&world, "GetUser", r#"{"UserName":"bob"}"#, "PermissionsBoundaryArn").await.is_empty());
    }
}
