//! UntagUser: removes tags from a user by their keys, whatever their case; keys that it does not have are passed over.
//! Source: IAM API reference, `UntagUser`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, Rows, tags};

pub(crate) struct UntagUser;

impl Operation for UntagUser {
    type Shape = wire::UntagUser;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        Ok(Located::new(())
            .need(wire::actions::UNTAG_USER, found.guard(), NoKeys)
            .untagging(input.tag_keys.iter().cloned()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut user: User = rows.entity(&input.user_name)?;
            for key in &input.tag_keys {
                tags::remove(&mut user.tags, key, tags::Keys::IgnoreCase);
            }
            Ok(rows.save(&user)?)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                (
                    "iam:TagUser",
                    r#"{"UserName":"bob","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
                    &[],
                ),
            ],
            input: r#"{"UserName":"bob","TagKeys":["TEAM","absent"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UntagUser;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<UntagUser>().await, @r#"
        200
        <UntagUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </UntagUserResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "UntagUser",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "tagKeys": [
              "TEAM",
              "absent"
            ],
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
            refused(&world(&[]).await, "UntagUser", r#"{"UserName":"nobody","TagKeys":["TEAM","absent"]}"#)
                .await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn keys_are_found_whatever_their_case() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            (
                "TagUser",
                r#"{"UserName":"bob","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
            ),
            ("UntagUser", r#"{"UserName":"bob","TagKeys":["TEAM","absent"]}"#),
        ])
        .await;
        assert_eq!(texts(&world, "ListUserTags", r#"{"UserName":"bob"}"#, "Key").await, ["Stage"]);
    }
}
