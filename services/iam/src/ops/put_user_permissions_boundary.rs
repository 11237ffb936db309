//! PutUserPermissionsBoundary: bounds what a user may do by a managed policy, the account's own or AWS's.
//!
//! `iam:PermissionsBoundary` is the boundary that is asked for. The policy's usage count changes with it.
//! Source: IAM API reference, `PutUserPermissionsBoundary`.

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct PutUserPermissionsBoundary;

impl Operation for PutUserPermissionsBoundary {
    type Shape = wire::PutUserPermissionsBoundary;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        let keys =
            wire::PutUserPermissionsBoundaryKeys { permissions_boundary: input.permissions_boundary.clone() };
        Ok(Located::new(()).need(wire::actions::PUT_USER_PERMISSIONS_BOUNDARY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let user: User = rows.entity(&input.user_name)?;
            rows.put_boundary(user, &input.permissions_boundary)
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
            ],
            input: r#"{"UserName":"bob","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PutUserPermissionsBoundary;
    use crate::testing::{done, example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<PutUserPermissionsBoundary>().await, @r#"
        200
        <PutUserPermissionsBoundaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </PutUserPermissionsBoundaryResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "PutUserPermissionsBoundary",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "permissionsBoundary": "arn:aws:iam::111122223333:policy/reader",
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
            "PutUserPermissionsBoundary",
            r#"{"UserName":"nobody","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_missing_is_no_boundary() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let told = refused(
            &world,
            "PutUserPermissionsBoundary",
            r#"{"UserName":"bob","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(
            told,
            "404 NoSuchEntity: Scope ARN: arn:aws:iam::111122223333:policy/reader does not exist or is not attachable."
        );
        let told = refused(
            &world,
            "PutUserPermissionsBoundary",
            r#"{"UserName":"bob","PermissionsBoundary":"arn:aws:iam::111122223333:not_a_policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "400 InvalidInput: ARN arn:aws:iam::111122223333:not_a_policy/reader is not valid.");
    }

    #[tokio::test]
    async fn the_policy_that_was_the_boundary_is_counted_no_longer() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("PutUserPermissionsBoundary", r#"{"UserName":"bob","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#)]).await;
        let counts = || {
            texts(
                &world,
                "GetPolicy",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
                "PermissionsBoundaryUsageCount",
            )
        };
        assert_eq!(counts().await, ["1"]);
        let other = r#"{"UserName":"bob","PermissionsBoundary":"arn:aws:iam::aws:policy/IAMReadOnlyAccess"}"#;
        done(&world, "PutUserPermissionsBoundary", other).await;
        assert_eq!(counts().await, ["0"]);
    }
}
