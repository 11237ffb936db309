//! DeletePolicy: removes a managed policy that nothing uses any more and that has no version but the one in force.
//! Source: IAM API reference, `DeletePolicy`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{MANAGED_POLICIES, name_key};
use wire_iam as wire;

use crate::model::policy::{self, Access, policy_arn};
use crate::model::{Counted, Rows};

pub(crate) struct DeletePolicy;

impl Operation for DeletePolicy {
    type Shape = wire::DeletePolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Write).await?;
        Ok(Located::new(()).need(wire::actions::DELETE_POLICY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let arn = policy_arn::<Self::Shape>(&call.input().policy_arn)?;
            let policy = rows.policy(&arn)?.ok_or_else(|| policy::missing(&arn))?;
            if policy.attachments > 0 || policy.boundaries > 0 {
                let message = "Cannot delete a policy attached to entities.";
                return Err(wire::DeleteConflictException::new(message).into());
            }
            if policy.versions.len() > 1 {
                let message = "This policy has more than one version. Before you delete a policy, you must delete the \
                               policy's versions. The default version is deleted with the policy.";
                return Err(wire::DeleteConflictException::new(message).into());
            }
            rows.release(Counted::Policies, 1)?;
            rows.release(Counted::PolicyVersions, 1)?;
            let scope = rows.scope();
            Ok(rows.tx().remove(&MANAGED_POLICIES, scope, name_key(&policy.name).as_str())?)
        })
        .await
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
    use super::DeletePolicy;
    use crate::testing::{done, example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeletePolicy>().await, @r#"
        200
        <DeletePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeletePolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeletePolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
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
            "DeletePolicy",
            r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn what_is_used_or_has_versions_stays() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#)]).await;
        let told =
            refused(&world, "DeletePolicy", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#)
                .await;
        let expected = "409 DeleteConflict: This policy has more than one version. Before you delete a policy, you must \
                        delete the policy's versions. The default version is deleted with the policy.";
        assert_eq!(told, expected);
        let attach = r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#;
        done(&world, "AttachUserPolicy", attach).await;
        let told =
            refused(&world, "DeletePolicy", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#)
                .await;
        assert_eq!(told, "409 DeleteConflict: Cannot delete a policy attached to entities.");
    }

    #[tokio::test]
    async fn what_aws_manages_is_changed_by_nobody() {
        let input = r#"{"PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll"}"#;
        let told = refused(&world(&[]).await, "DeletePolicy", input).await;
        let expected = "403 AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform: \
                        iam:DeletePolicy on resource: arn:aws:iam::aws:policy/AWSDenyAll because no resource-based \
                        policy allows the iam:DeletePolicy action";
        assert_eq!(told, expected);
    }
}
