//! ListPolicies: the managed policies under a path, the account's own before AWS's, each by name, in pages; without descriptions and tags.
//!
//! `OnlyAttached` leaves those that some user, group or role has attached; `PolicyUsageFilter` those that are used in that way.
//! Source: IAM API reference, `ListPolicies`.

use std::sync::Arc;

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{AWS_MANAGED, AWS_POLICY_USE, MANAGED_POLICIES, ManagedPolicy, name_key};
use alcazar_store::{Key, KeyWriter, Scope};
use wire_iam as wire;
use wire_iam::{PolicyScopeType, PolicyUsageType};

use crate::model::policy::as_used;
use crate::model::{Ask, anything, scan, shapes};

pub(crate) struct ListPolicies;

impl Operation for ListPolicies {
    type Shape = wire::ListPolicies;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::LIST_POLICIES, anything(view), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let filters = format!(
            "{:?} {:?} {:?} {:?}",
            input.scope, input.only_attached, input.policy_usage_filter, input.path_prefix
        );
        let ask = Ask::of(&call, input.marker.as_deref(), input.max_items, &filters)?;
        let mut found = Vec::new();
        if input.scope != Some(PolicyScopeType::Aws) {
            let passes = |policy: &ManagedPolicy| shown(input, policy);
            found = scan(call.view(), &MANAGED_POLICIES, ask.after(), ask.wanted(), passes).await?;
        }
        if input.scope != Some(PolicyScopeType::Local) {
            found.extend(managed_by_aws(&call, ask.after()).await?);
            found.truncate(ask.wanted());
        }
        let page = ask.page(&call, found)?;
        call.answer(wire::ListPoliciesResponse {
            is_truncated: page.is_truncated(),
            policies: Some(page.items.iter().map(|policy| shapes::listed_policy(policy)).collect()),
            marker: page.marker,
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
            input: r#"{"Scope":"Local"}"#,
        }
    }
}

fn shown(input: &Input<ListPolicies>, policy: &ManagedPolicy) -> bool {
    policy.path.starts_with(input.path_prefix.as_deref().unwrap_or("/"))
        && (input.only_attached != Some(true) || policy.attachments > 0)
        && match input.policy_usage_filter {
            None => true,
            Some(PolicyUsageType::PermissionsPolicy) => policy.attachments > 0,
            Some(PolicyUsageType::PermissionsBoundary) => policy.boundaries > 0,
        }
}

/// AWS's policies as the account uses them. They have no rows; their keys come after those of the account's own.
async fn managed_by_aws(
    call: &Call<ListPolicies>,
    after: Option<&Key>,
) -> Result<Vec<(Key, Arc<ManagedPolicy>)>, Failure> {
    let scope = Scope::Account(call.account());
    let mut found = Vec::new();
    for policy in AWS_MANAGED.iter() {
        let name = name_key(&policy.name);
        let key = KeyWriter::new().part(b"directory/policies-of-aws").part(name.as_bytes()).finish();
        if after.is_some_and(|after| key <= *after) {
            continue;
        }
        let used = call.view().get(&AWS_POLICY_USE, scope, name.as_str()).await?;
        let used = used.map(|used| *used).unwrap_or_default();
        let policy = as_used(policy, call.region().partition().name, used.attachments, used.boundaries);
        if shown(call.input(), &policy) {
            found.push((key, Arc::new(policy)));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::ListPolicies;
    use crate::testing::{example, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListPolicies>().await, @r#"
        200
        <ListPoliciesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListPoliciesResult>
        <Policies>
        <member>
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
        </member>
        </Policies>
        <IsTruncated>false</IsTruncated>
        </ListPoliciesResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListPoliciesResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListPolicies",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "scope": "Local"
          },
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
    async fn both_scopes_come_in_pages_one_after_the_other() {
        let world = world(&[("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"Editor","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#)]).await;
        let first = world.call("iam:ListPolicies", r#"{"MaxItems":1}"#).await.ok();
        assert_eq!(first.text("/PolicyName"), "Editor");
        let next = format!(r#"{{"MaxItems":2,"Marker":"{}"}}"#, first.text("/Marker"));
        let second = world.call("iam:ListPolicies", &next).await.ok();
        assert!(
            second.body.contains("<PolicyName>reader<")
                && second.body.contains("<PolicyName>AdministratorAccess<")
        );
        let rest = format!(r#"{{"Marker":"{}"}}"#, second.text("/Marker"));
        let names = texts(&world, "ListPolicies", &rest, "PolicyName").await;
        assert_eq!(
            names,
            ["AWSDenyAll", "AWSKeyManagementServicePowerUser", "IAMFullAccess", "IAMReadOnlyAccess"]
        );
        let names = texts(&world, "ListPolicies", r#"{"Scope":"Local"}"#, "PolicyName").await;
        assert_eq!(names, ["Editor", "reader"]);
    }

    #[tokio::test]
    async fn those_in_use_are_chosen() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachUserPolicy", r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll"}"#), ("PutUserPermissionsBoundary", r#"{"UserName":"bob","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#)]).await;
        let names = |input: &'static str| texts(&world, "ListPolicies", input, "PolicyName");
        assert_eq!(names(r#"{"OnlyAttached":true}"#).await, ["AWSDenyAll"]);
        assert_eq!(names(r#"{"PolicyUsageFilter":"PermissionsPolicy"}"#).await, ["AWSDenyAll"]);
        assert_eq!(names(r#"{"PolicyUsageFilter":"PermissionsBoundary"}"#).await, ["reader"]);
        assert!(names(r#"{"PathPrefix":"/none/"}"#).await.is_empty());
    }
}
