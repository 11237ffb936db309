//! ListEntitiesForPolicy: the groups, roles and users that have a managed policy attached or as their boundary, in pages.
//!
//! They are found by looking at each of them.
//! Source: IAM API reference, `ListEntitiesForPolicy`.

use std::sync::Arc;

use alcazar_core::{Arn, NoKeys};
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{Group, Role, User};
use alcazar_store::Key;
use wire_iam as wire;
use wire_iam::{EntityType, PolicyUsageType};

use crate::model::policy::{self, Access};
use crate::model::{Ask, Entity, Page, scan};

pub(crate) struct ListEntitiesForPolicy;

impl Operation for ListEntitiesForPolicy {
    type Shape = wire::ListEntitiesForPolicy;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = policy::guard(view, &input.policy_arn, Access::Read).await?;
        Ok(Located::new(()).need(wire::actions::LIST_ENTITIES_FOR_POLICY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let policy = policy::read_policy(&call, &input.policy_arn).await?;
        let filters = format!(
            "{} {:?} {:?} {:?}",
            input.policy_arn, input.entity_filter, input.policy_usage_filter, input.path_prefix
        );
        let ask = Ask::of(&call, input.marker.as_deref(), input.max_items, &filters)?;
        let mut found = Vec::new();
        // In the order of the tables' names, so that a page goes on where the last one ended.
        gather(&call, &ask, &policy.arn, EntityType::Group, Holder::Group, &mut found).await?;
        gather(&call, &ask, &policy.arn, EntityType::Role, Holder::Role, &mut found).await?;
        gather(&call, &ask, &policy.arn, EntityType::User, Holder::User, &mut found).await?;
        let page = ask.page(&call, found)?;
        call.answer(told(&page)).await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                ("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[]),
                (
                    "iam:CreateRole",
                    r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#,
                    &[],
                ),
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
                (
                    "iam:AttachGroupPolicy",
                    r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
                    &[],
                ),
                (
                    "iam:PutRolePermissionsBoundary",
                    r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#,
                    &[],
                ),
            ],
            input: r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        }
    }
}

/// What has a policy.
enum Holder {
    Group(Arc<Group>),
    Role(Arc<Role>),
    User(Arc<User>),
}

async fn gather<E: Entity>(
    call: &Call<ListEntitiesForPolicy>,
    ask: &Ask,
    policy: &Arn,
    kind: EntityType,
    holder: fn(Arc<E>) -> Holder,
    found: &mut Vec<(Key, Holder)>,
) -> Result<(), Failure> {
    let input = call.input();
    if input.entity_filter.is_some_and(|wanted| wanted != kind) {
        return Ok(());
    }
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let uses = |entity: &E| {
        let attached = entity.attached().contains(policy);
        let bounded = entity.boundary() == Some(policy);
        let used = match input.policy_usage_filter {
            None => attached || bounded,
            Some(PolicyUsageType::PermissionsPolicy) => attached,
            Some(PolicyUsageType::PermissionsBoundary) => bounded,
        };
        used && entity.path().starts_with(prefix)
    };
    let wanted = ask.wanted().saturating_sub(found.len());
    let rows = scan(call.view(), E::TABLE, ask.after(), wanted, uses).await?;
    found.extend(rows.into_iter().map(|(key, row)| (key, holder(row))));
    Ok(())
}

fn told(page: &Page<Holder>) -> wire::ListEntitiesForPolicyResponse {
    let (mut groups, mut roles, mut users) = (Vec::new(), Vec::new(), Vec::new());
    for holder in &page.items {
        match holder {
            Holder::Group(group) => groups.push(wire::shapes::PolicyGroup {
                group_name: Some(group.name.clone()),
                group_id: Some(group.id.clone()),
            }),
            Holder::Role(role) => roles.push(wire::shapes::PolicyRole {
                role_name: Some(role.name.clone()),
                role_id: Some(role.id.clone()),
            }),
            Holder::User(user) => users.push(wire::shapes::PolicyUser {
                user_name: Some(user.name.clone()),
                user_id: Some(user.id.clone()),
            }),
        }
    }
    wire::ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_users: Some(users),
        policy_roles: Some(roles),
        is_truncated: page.is_truncated(),
        marker: page.marker.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::ListEntitiesForPolicy;
    use crate::testing::{example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListEntitiesForPolicy>().await, @r#"
        200
        <ListEntitiesForPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListEntitiesForPolicyResult>
        <PolicyGroups>
        <member>
        <GroupName>admins</GroupName>
        <GroupId>AGPAVXZBYA2BUTP4UMQAY</GroupId>
        </member>
        </PolicyGroups>
        <PolicyUsers>
        <member>
        <UserName>bob</UserName>
        <UserId>AIDARR3FJ3H5PMFWEO4AH</UserId>
        </member>
        </PolicyUsers>
        <PolicyRoles>
        <member>
        <RoleName>deploy</RoleName>
        <RoleId>AROAG7ACKWNXJ7NLC2HF2</RoleId>
        </member>
        </PolicyRoles>
        <IsTruncated>false</IsTruncated>
        </ListEntitiesForPolicyResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListEntitiesForPolicyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListEntitiesForPolicy",
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
            "ListEntitiesForPolicy",
            r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#,
        )
        .await;
        assert_eq!(told, "404 NoSuchEntity: Policy arn:aws:iam::111122223333:policy/reader was not found.");
    }

    #[tokio::test]
    async fn a_page_goes_on_from_kind_to_kind() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreateGroup", r#"{"GroupName":"admins"}"#), ("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachUserPolicy", r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("AttachGroupPolicy", r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("PutRolePermissionsBoundary", r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#)]).await;
        let first = world
            .call(
                "iam:ListEntitiesForPolicy",
                r#"{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","MaxItems":1}"#,
            )
            .await
            .ok();
        assert_eq!([first.text("/GroupName"), first.text("/IsTruncated")], ["admins", "true"]);
        let next = format!(
            r#"{{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","MaxItems":1,"Marker":"{}"}}"#,
            first.text("/Marker")
        );
        let second = world.call("iam:ListEntitiesForPolicy", &next).await.ok();
        assert_eq!([second.text("/RoleName"), second.text("/IsTruncated")], ["deploy", "true"]);
        let last = format!(
            r#"{{"PolicyArn":"arn:aws:iam::111122223333:policy/reader","MaxItems":1,"Marker":"{}"}}"#,
            second.text("/Marker")
        );
        let last = world.call("iam:ListEntitiesForPolicy", &last).await.ok();
        assert_eq!([last.text("/UserName"), last.text("/IsTruncated")], ["bob", "false"]);
    }

    #[tokio::test]
    async fn kind_and_usage_choose() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreateGroup", r#"{"GroupName":"admins"}"#), ("CreateRole", r#"{"RoleName":"deploy","AssumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}"#), ("CreatePolicy", r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#), ("AttachUserPolicy", r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("AttachGroupPolicy", r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::111122223333:policy/reader"}"#), ("PutRolePermissionsBoundary", r#"{"RoleName":"deploy","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader"}"#)]).await;
        let names = async |filter: &str| {
            let input = format!(r#"{{"PolicyArn":"arn:aws:iam::111122223333:policy/reader",{filter}}}"#);
            let told = world.call("iam:ListEntitiesForPolicy", &input).await.ok();
            ["admins", "deploy", "bob"].map(|name| told.body.contains(&format!(">{name}<")))
        };
        assert_eq!(names(r#""EntityFilter":"User""#).await, [false, false, true]);
        assert_eq!(names(r#""EntityFilter":"LocalManagedPolicy""#).await, [false, false, false]);
        assert_eq!(names(r#""PolicyUsageFilter":"PermissionsBoundary""#).await, [false, true, false]);
        assert_eq!(names(r#""PolicyUsageFilter":"PermissionsPolicy""#).await, [true, false, true]);
        assert_eq!(names(r#""PathPrefix":"/none/""#).await, [false, false, false]);
    }
}
