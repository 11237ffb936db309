//! PutGroupPolicy: adds an inline policy to a group, or replaces the one of that name.
//!
//! All inline policies of a group together may have 5,120 characters, white space not counted.
//! Source: IAM API reference, `PutGroupPolicy`; User Guide, "IAM and AWS STS quotas".

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Group;
use wire_iam as wire;

use crate::model::{Found, Rows, identity_document};

pub(crate) struct PutGroupPolicy;

impl Operation for PutGroupPolicy {
    type Shape = wire::PutGroupPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        Ok(Located::new(()).need(wire::actions::PUT_GROUP_POLICY, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let document = identity_document(&call.input().policy_document)?;
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let group: Group = rows.entity(&input.group_name)?;
            rows.put_inline(group, &input.policy_name, &document)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[])],
            input: r#"{"GroupName":"admins","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PutGroupPolicy;
    use crate::testing::{done, example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<PutGroupPolicy>().await, @r#"
        200
        <PutGroupPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </PutGroupPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "PutGroupPolicy",
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
            "policyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}",
            "policyName": "read"
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
        let told = refused(&world(&[]).await, "PutGroupPolicy", r#"{"GroupName":"nobody","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_document_that_is_no_policy_is_refused() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#)]).await;
        let told = refused(
            &world,
            "PutGroupPolicy",
            r#"{"GroupName":"admins","PolicyName":"read","PolicyDocument":"{}"}"#,
        )
        .await;
        assert_eq!(told, "400 MalformedPolicyDocument: Syntax errors in policy.");
    }

    #[tokio::test]
    async fn all_policies_together_have_a_limit_without_white_space() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#)]).await;
        let put = |name: &str, sid: usize, space: usize| {
            let (sid, space) = ("a".repeat(sid), " ".repeat(space));
            format!(
                r#"{{"GroupName":"admins","PolicyName":"{name}","PolicyDocument":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"{sid}\",\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}]}}{space}"}}"#
            )
        };
        done(&world, "PutGroupPolicy", &put("a", 2560, 3000)).await;
        done(&world, "PutGroupPolicy", &put("a", 2560, 3000)).await;
        let told = refused(&world, "PutGroupPolicy", &put("b", 2560, 0)).await;
        assert_eq!(told, "409 LimitExceeded: Maximum policy size of 5120 bytes exceeded for group admins");
    }
}
