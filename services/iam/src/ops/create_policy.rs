//! CreatePolicy: makes a managed policy of the account's own, with its first version in force.
//!
//! A document has at most 6,144 characters, white space not counted. Names are unique in the account without regard to case. Tags need
//! `iam:TagPolicy` too.
//! Source: IAM API reference, `CreatePolicy`.

use alcazar_core::NoKeys;
use alcazar_core::id::{UniqueIdPrefix, unique_id};
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{MANAGED_POLICIES, ManagedPolicy, PolicyVersion, Tags, name_key};
use wire_iam as wire;

use crate::model::{Counted, Rows, managed_document, policy, shapes, tags};

pub(crate) struct CreatePolicy;

impl Operation for CreatePolicy {
    type Shape = wire::CreatePolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let path = input.path.as_deref().unwrap_or("/");
        let guard = policy::new_policy_guard(view, path, &input.policy_name);
        let located = Located::new(()).need(wire::actions::CREATE_POLICY, guard.clone(), NoKeys);
        let tags = tags::pairs(input.tags.as_deref());
        Ok(match tags.is_empty() {
            true => located,
            false => located.need(wire::actions::TAG_POLICY, guard, NoKeys).tagging(tags),
        })
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let document = managed_document(&call.input().policy_document)?;
        let id = unique_id(UniqueIdPrefix::ManagedPolicy, call.random());
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let key = name_key(&input.policy_name);
            let scope = rows.scope();
            if rows.tx().get(&MANAGED_POLICIES, scope, key.as_str())?.is_some() {
                let name = &input.policy_name;
                let message =
                    format!("A policy called {name} already exists. Duplicate names are not allowed.");
                return Err(wire::EntityAlreadyExistsException::new(message).into());
            }
            let mut put = Tags::default();
            tags::put::<Self::Shape>(&mut put, input.tags.as_deref().unwrap_or_default(), tags::Keys::Exact)?;
            let (path, now) = (input.path.as_deref().unwrap_or("/"), rows.now());
            let policy = ManagedPolicy {
                name: input.policy_name.clone(),
                path: path.to_owned(),
                id: id.clone(),
                arn: rows.arn(&format!("policy{path}{}", input.policy_name)),
                created_at: now,
                updated_at: now,
                description: input.description.clone(),
                tags: put,
                default_version: 1,
                next_version: 2,
                versions: vec![PolicyVersion { number: 1, document: document.clone(), created_at: now }],
                attachments: 0,
                boundaries: 0,
            };
            rows.claim(Counted::Policies)?;
            rows.claim(Counted::PolicyVersions)?;
            rows.save_policy(&policy)?;
            let told =
                wire::shapes::Policy { tags: shapes::tags(&policy.tags), ..shapes::listed_policy(&policy) };
            Ok(wire::CreatePolicyResponse { policy: Some(told) })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[],
            input: r#"{"PolicyName":"reader","Path":"/staff/","Description":"Reads","Tags":[{"Key":"Team","Value":"blue"}],"PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CreatePolicy;
    use crate::testing::{Usage, example, full, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<CreatePolicy>().await, @r#"
        200
        <CreatePolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <CreatePolicyResult>
        <Policy>
        <PolicyName>reader</PolicyName>
        <PolicyId>ANPARR3FJ3H5PMFWEO4AH</PolicyId>
        <Arn>arn:aws:iam::111122223333:policy/staff/reader</Arn>
        <Path>/staff/</Path>
        <DefaultVersionId>v1</DefaultVersionId>
        <AttachmentCount>0</AttachmentCount>
        <PermissionsBoundaryUsageCount>0</PermissionsBoundaryUsageCount>
        <IsAttachable>true</IsAttachable>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        <UpdateDate>2026-11-22T12:00:00Z</UpdateDate>
        <Tags>
        <member>
        <Key>Team</Key>
        <Value>blue</Value>
        </member>
        </Tags>
        </Policy>
        </CreatePolicyResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </CreatePolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "CreatePolicy",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "description": "Reads",
            "path": "/staff/",
            "policyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}",
            "policyName": "reader",
            "tags": [
              {
                "key": "Team",
                "value": "blue"
              }
            ]
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:policy/staff/reader",
              "accountId": "111122223333",
              "type": "AWS::IAM::Policy"
            }
          ],
          "responseElements": {
            "policy": {
              "arn": "arn:aws:iam::111122223333:policy/staff/reader",
              "attachmentCount": 0,
              "createDate": "Nov 22, 2026, 12:00:00 PM",
              "defaultVersionId": "v1",
              "isAttachable": true,
              "path": "/staff/",
              "permissionsBoundaryUsageCount": 0,
              "policyId": "ANPARR3FJ3H5PMFWEO4AH",
              "policyName": "reader",
              "tags": [
                {
                  "key": "Team",
                  "value": "blue"
                }
              ],
              "updateDate": "Nov 22, 2026, 12:00:00 PM"
            }
          },
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
    async fn names_are_unique_without_regard_to_case() {
        let world = world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        let told = refused(&world, "CreatePolicy", r#"{"PolicyName":"READER","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#).await;
        assert_eq!(
            told,
            "409 EntityAlreadyExists: A policy called READER already exists. Duplicate names are not allowed."
        );
    }

    #[tokio::test]
    async fn a_document_that_is_no_policy_is_refused() {
        let world = world(&[]).await;
        let told = refused(&world, "CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"GetObject\",\"Resource\":\"*\"}]}"}"#).await;
        let expected = "400 MalformedPolicyDocument: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
        assert_eq!(told, expected);
        let long = r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#.replace("GetObject", &"G".repeat(6144));
        let told = refused(&world, "CreatePolicy", &long).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for PolicySize: 6144");
    }

    #[tokio::test]
    async fn tags_that_differ_in_case_are_two() {
        let world = world(&[("CreatePolicy", r#"{"Tags":[{"Key":"a","Value":""},{"Key":"A","Value":""}],"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        assert_eq!(
            texts(
                &world,
                "ListPolicyTags",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
                "Key"
            )
            .await,
            ["A", "a"]
        );
        let twice = r#"{"Tags":[{"Key":"a","Value":""},{"Key":"a","Value":""}],"PolicyName":"writer","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#;
        assert_eq!(
            refused(&world, "CreatePolicy", twice).await,
            "400 InvalidInput: Duplicate tag keys found."
        );
    }

    #[tokio::test]
    async fn an_account_has_its_quota() {
        let world = world(&[]).await;
        full(&world, Usage { policies: 1500, ..Usage::default() }).await;
        let told = refused(&world, "CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for PoliciesPerAccount: 1500");
    }
}
