//! ListUserTags: the tags of a user, by key, in pages.
//! Source: IAM API reference, `ListUserTags`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, read, tags};

pub(crate) struct ListUserTags;

impl Operation for ListUserTags {
    type Shape = wire::ListUserTags;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        Ok(Located::new(()).need(wire::actions::LIST_USER_TAGS, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let user = read::<User, _>(&call, &input.user_name).await?;
        let page = tags::page(&call, &input.user_name, &user.tags, input.marker.as_deref(), input.max_items)?;
        call.answer(wire::ListUserTagsResponse {
            is_truncated: page.is_truncated(),
            tags: page.items,
            marker: page.marker,
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
            input: r#"{"UserName":"bob"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListUserTags;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListUserTags>().await, @r#"
        200
        <ListUserTagsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListUserTagsResult>
        <Tags>
        <member>
        <Key>Stage</Key>
        <Value>
        </Value>
        </member>
        <member>
        <Key>Team</Key>
        <Value>blue</Value>
        </member>
        </Tags>
        <IsTruncated>false</IsTruncated>
        </ListUserTagsResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListUserTagsResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListUserTags",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
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
        let told = refused(&world(&[]).await, "ListUserTags", r#"{"UserName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn tags_come_in_pages() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            (
                "TagUser",
                r#"{"UserName":"bob","Tags":[{"Key":"Team","Value":"blue"},{"Key":"Stage","Value":""}]}"#,
            ),
        ])
        .await;
        let first = world.call("iam:ListUserTags", r#"{"UserName":"bob","MaxItems":1}"#).await.ok();
        assert_eq!([first.text("/Key"), first.text("/IsTruncated")], ["Stage", "true"]);
        let rest = format!(r#"{{"UserName":"bob","Marker":"{}"}}"#, first.text("/Marker"));
        assert_eq!(texts(&world, "ListUserTags", &rest, "Key").await, ["Team"]);
    }
}
