//! PutUserPolicy: adds an inline policy to a user, or replaces the one of that name.
//!
//! All inline policies of a user together may have 2,048 characters, white space not counted.
//! Source: IAM API reference, `PutUserPolicy`; User Guide, "IAM and AWS STS quotas".

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Found, Rows, identity_document};

pub(crate) struct PutUserPolicy;

impl Operation for PutUserPolicy {
    type Shape = wire::PutUserPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        let keys = wire::PutUserPolicyKeys { permissions_boundary: found.boundary() };
        Ok(Located::new(()).need(wire::actions::PUT_USER_POLICY, found.guard(), keys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let document = identity_document(&call.input().policy_document)?;
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let user: User = rows.entity(&input.user_name)?;
            rows.put_inline(user, &input.policy_name, &document)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("iam:CreateUser", r#"{"UserName":"bob"}"#, &[])],
            input: r#"{"UserName":"bob","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PutUserPolicy;
    use crate::testing::{done, example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<PutUserPolicy>().await, @r#"
        200
        <PutUserPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </PutUserPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "PutUserPolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "policyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}",
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
        let told = refused(&world(&[]).await, "PutUserPolicy", r#"{"UserName":"nobody","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_document_that_is_no_policy_is_refused() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let told = refused(
            &world,
            "PutUserPolicy",
            r#"{"UserName":"bob","PolicyName":"read","PolicyDocument":"{}"}"#,
        )
        .await;
        assert_eq!(told, "400 MalformedPolicyDocument: Syntax errors in policy.");
    }

    #[tokio::test]
    async fn all_policies_together_have_a_limit_without_white_space() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let put = |name: &str, sid: usize, space: usize| {
            let (sid, space) = ("a".repeat(sid), " ".repeat(space));
            format!(
                r#"{{"UserName":"bob","PolicyName":"{name}","PolicyDocument":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"{sid}\",\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}]}}{space}"}}"#
            )
        };
        done(&world, "PutUserPolicy", &put("a", 1024, 3000)).await;
        done(&world, "PutUserPolicy", &put("a", 1024, 3000)).await;
        let told = refused(&world, "PutUserPolicy", &put("b", 1024, 0)).await;
        assert_eq!(told, "409 LimitExceeded: Maximum policy size of 2048 bytes exceeded for user bob");
    }
}
