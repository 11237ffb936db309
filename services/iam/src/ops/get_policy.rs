//! GetPolicy: a managed policy, the account's own or AWS's, with its tags and how often it is used; without its document.
//! Source: IAM API reference, `GetPolicy`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_iam as wire;

use crate::model::policy::{self, Access};
use crate::model::shapes;

pub(crate) struct GetPolicy;

impl Operation for GetPolicy {
    type Shape = wire::GetPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Read).await?;
        Ok(Located::new(()).need(wire::actions::GET_POLICY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let policy = policy::read_policy(&call, &call.input().policy_arn).await?;
        call.answer(wire::GetPolicyResponse { policy: Some(shapes::policy(&policy)) }).await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "iam:CreatePolicy",
                r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                &[],
            )],
            input: r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GetPolicy;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<GetPolicy>().await, @r#"
        200
        <GetPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <GetPolicyResult>
        <Policy>
        <PolicyName>reader</PolicyName>
        <PolicyId>ANPARR3FJ3H5PMFWEO4AH</PolicyId>
        <Arn>arn:aws:iam::111122223333:policy/reader</Arn>
        <Path>/</Path>
        <DefaultVersionId>v1</DefaultVersionId>
        <AttachmentCount>0</AttachmentCount>
        <PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount>
        <IsAttachable>true</IsAttachable>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        <UpdateDate>2026-11-22T12:00:00Z</UpdateDate>
        <Tags>
        </Tags>
        </Policy>
        </GetPolicyResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </GetPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "GetPolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "policyArn": "arn:aws:iam::111122223333:policy/reader"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:policy/reader",
              "accountId": "111122223333",
              "type": "AWS::IAM::Policy"
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
    async fn a_policy_that_is_missing_is_not_found() {
        let told = refused(
            &world(&[]).await,
            "GetPolicy",
            r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn aws_managed_policies_are_there_for_everybody() {
        let world = world(&[]).await;
        let policy = r#"{"PolicyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#;
        assert_eq!(texts(&world, "GetPolicy", policy, "PolicyName").await, ["AdministratorAccess"]);
    }

    #[tokio::test]
    async fn what_is_no_policy_is_no_valid_arn() {
        let world = world(&[]).await;
        let told = refused(&world, "GetPolicy", r#"{"PolicyArn":"longpolicynamebutnoarn"}"#).await;
        assert_eq!(told, "400 ValidationError: ARN longpolicynamebutnoarn is not valid.");
        let told =
            refused(&world, "GetPolicy", r#"{"PolicyArn":"arn:aws:iam::111122223333:user/bob"}"#).await;
        assert_eq!(told, "400 InvalidInput: ARN arn:aws:iam::111122223333:user/bob is not valid.");
    }
}
