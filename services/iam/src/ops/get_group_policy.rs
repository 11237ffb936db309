//! GetGroupPolicy: an inline policy of a group, its document percent-encoded.
//! Source: IAM API reference, `GetGroupPolicy`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Group;
use wire_iam as wire;

use crate::model::{Found, inline_document};

pub(crate) struct GetGroupPolicy;

impl Operation for GetGroupPolicy {
    type Shape = wire::GetGroupPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        Ok(Located::new(()).need(wire::actions::GET_GROUP_POLICY, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let (group_name, policy_document) =
            inline_document::<Group, _>(&call, &input.group_name, &input.policy_name).await?;
        let policy_name = input.policy_name.clone();
        call.answer(wire::GetGroupPolicyResponse { group_name, policy_name, policy_document }).await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[]),
                (
                    "iam:PutGroupPolicy",
                    r#"{"GroupName":"admins","PolicyName":"read","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
            ],
            input: r#"{"GroupName":"admins","PolicyName":"read"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GetGroupPolicy;
    use crate::testing::{example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<GetGroupPolicy>().await, @r#"
        200
        <GetGroupPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <GetGroupPolicyResult>
        <GroupName>admins</GroupName>
        <PolicyName>read</PolicyName>
        <PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGetObject%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D</PolicyDocument>
        </GetGroupPolicyResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </GetGroupPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "GetGroupPolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "groupName": "admins",
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
        let told =
            refused(&world(&[]).await, "GetGroupPolicy", r#"{"GroupName":"nobody","PolicyName":"read"}"#)
                .await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_policy_that_is_missing_is_told() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#)]).await;
        let told = refused(&world, "GetGroupPolicy", r#"{"GroupName":"admins","PolicyName":"read"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The group policy with name read cannot be found.");
    }
}
