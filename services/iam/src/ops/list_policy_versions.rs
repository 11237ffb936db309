//! ListPolicyVersions: the versions of a managed policy, newest first, in pages; without their documents.
//! Source: IAM API reference, `ListPolicyVersions`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_iam as wire;

use crate::model::policy::{self, Access};
use crate::model::{Ask, shapes};

pub(crate) struct ListPolicyVersions;

impl Operation for ListPolicyVersions {
    type Shape = wire::ListPolicyVersions;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Read).await?;
        Ok(Located::new(()).need(wire::actions::LIST_POLICY_VERSIONS, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let policy = policy::read_policy(&call, &input.policy_arn).await?;
        let ask = Ask::of(&call, input.marker.as_deref(), input.max_items, &input.policy_arn)?;
        let newest_first = |number: u32| format!("{:010}", u32::MAX - number);
        let told = policy
            .versions
            .iter()
            .map(|held| (newest_first(held.number), shapes::listed_version(&policy, held)));
        let page = ask.list(&call, told)?;
        call.answer(wire::ListPolicyVersionsResponse {
            is_truncated: page.is_truncated(),
            versions: Some(page.items),
            marker: page.marker,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                (
                    "iam:CreatePolicy",
                    r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
                (
                    "iam:CreatePolicyVersion",
                    r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#,
                    &[],
                ),
            ],
            input: r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListPolicyVersions;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListPolicyVersions>().await, @r#"
        200
        <ListPolicyVersionsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListPolicyVersionsResult>
        <Versions>
        <member>
        <VersionId>v2</VersionId>
        <IsDefaultVersion>false</IsDefaultVersion>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </member>
        <member>
        <VersionId>v1</VersionId>
        <IsDefaultVersion>true</IsDefaultVersion>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </member>
        </Versions>
        <IsTruncated>false</IsTruncated>
        </ListPolicyVersionsResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListPolicyVersionsResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListPolicyVersions",
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
            "ListPolicyVersions",
            r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn they_come_newest_first_in_pages() {
        let world = world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicyVersion", r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}"#)]).await;
        let first = world
            .call(
                "iam:ListPolicyVersions",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","MaxItems":1}"#,
            )
            .await
            .ok();
        assert_eq!([first.text("/VersionId"), first.text("/IsTruncated")], ["v3", "true"]);
        let rest = format!(
            r#"{{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","Marker":"{}"}}"#,
            first.text("/Marker")
        );
        assert_eq!(texts(&world, "ListPolicyVersions", &rest, "VersionId").await, ["v2", "v1"]);
    }
}
