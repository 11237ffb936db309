//! ListAttachedUserPolicies: the managed policies attached to a user, by name, in pages.
//! Source: IAM API reference, `ListAttachedUserPolicies`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, attached_page};

pub(crate) struct ListAttachedUserPolicies;

impl Operation for ListAttachedUserPolicies {
    type Shape = wire::ListAttachedUserPolicies;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        Ok(Located::new(()).need(wire::actions::LIST_ATTACHED_USER_POLICIES, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
        let page = attached_page::<User, _>(&call, &input.user_name, prefix, marker, input.max_items).await?;
        call.answer(wire::ListAttachedUserPoliciesResponse {
            is_truncated: page.is_truncated(),
            attached_policies: Some(page.items),
            marker: page.marker,
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
            input: r#"{"UserName":"bob"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListAttachedUserPolicies;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListAttachedUserPolicies>().await, @r#"
        200
        <ListAttachedUserPoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListAttachedUserPoliciesResult>
        <AttachedPolicies>
        <member>
        <PolicyName>reader</PolicyName>
        <PolicyArn>arn:aws:iam::111122223333:policy/reader</PolicyArn>
        </member>
        </AttachedPolicies>
        <IsTruncated>false</IsTruncated>
        </ListAttachedUserPoliciesResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListAttachedUserPoliciesResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListAttachedUserPolicies",
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
        let told = refused(&world(&[]).await, "ListAttachedUserPolicies", r#"{"UserName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn they_are_sorted_by_name_and_told_under_a_path() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"Editor","Path":"/staff/","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachUserPolicy", r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("AttachUserPolicy", r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/staff/Editor"}"#)]).await;
        let names = texts(&world, "ListAttachedUserPolicies", r#"{"UserName":"bob"}"#, "PolicyName").await;
        assert_eq!(names, ["Editor", "reader"]);
        let under = r#"{"UserName":"bob","PathPrefix":"/staff/"}"#;
        assert_eq!(texts(&world, "ListAttachedUserPolicies", under, "PolicyName").await, ["Editor"]);
    }
}
