//! UpdateGroup: gives a group another name or path. Its members and policies stay.
//!
//! The right is needed on the group as it is and as it will be.
//! Source: IAM API reference, `UpdateGroup`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{GROUPS, Group, USERS, name_key};
use alcazar_store::Scope;
use wire_iam as wire;

use crate::model::{Found, Rows, new_guard};

pub(crate) struct UpdateGroup;

impl Operation for UpdateGroup {
    type Shape = wire::UpdateGroup;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        let located = Located::new(()).need(wire::actions::UPDATE_GROUP, found.guard(), NoKeys);
        if input.new_path.is_none() && input.new_group_name.is_none() {
            return Ok(located);
        }
        let path = input.new_path.as_deref().unwrap_or(found.path());
        let name = input.new_group_name.as_deref().unwrap_or(&input.group_name);
        Ok(located.need(wire::actions::UPDATE_GROUP, new_guard::<Group>(view, path, name), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        fetch_members(&call).await?;
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut group: Group = rows.entity(&input.group_name)?;
            let before = group.name.clone();
            if let Some(path) = &input.new_path {
                group.path.clone_from(path);
            }
            if let Some(name) = &input.new_group_name {
                group.name.clone_from(name);
            }
            group.arn = rows.arn(&format!("group{}{}", group.path, group.name));
            if name_key(&group.name) != name_key(&before) {
                rows.vacant::<Group>(&group.name)?;
                rows.vacate::<Group>(&before)?;
            }
            if group.name != before {
                rename_for_members(&mut rows, &group, &before)?;
            }
            Ok(rows.save(&group)?)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[])],
            input: r#"{"GroupName":"admins","NewGroupName":"owners","NewPath":"/staff/"}"#,
        }
    }
}

/// Reads the members' rows before the commit, which would otherwise be run again for each of them.
async fn fetch_members(call: &Call<UpdateGroup>) -> Result<(), Failure> {
    let scope = Scope::Account(call.account());
    let group = call.view().get(&GROUPS, scope, name_key(&call.input().group_name).as_str()).await?;
    for member in group.iter().flat_map(|group| &group.members) {
        call.view().get(&USERS, scope, member.as_str()).await?;
    }
    Ok(())
}

/// Its members name it by its new name, where they named it before.
fn rename_for_members(
    rows: &mut Rows<'_, '_, wire::UpdateGroup>,
    group: &Group,
    before: &str,
) -> Result<(), Failure> {
    let scope = rows.scope();
    for member in &group.members {
        let Some(user) = rows.tx().get(&USERS, scope, member.as_str())? else { continue };
        let mut user = (*user).clone();
        for name in user.groups.iter_mut().filter(|name| *name == before) {
            name.clone_from(&group.name);
        }
        rows.save(&user)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::UpdateGroup;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<UpdateGroup>().await, @r#"
        200
        <UpdateGroupResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </UpdateGroupResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "UpdateGroup",
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
            "newGroupName": "owners",
            "newPath": "/staff/"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:group/admins",
              "accountId": "111122223333",
              "type": "AWS::IAM::Group"
            },
            {
              "ARN": "arn:aws:iam::111122223333:group/staff/owners",
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
            refused(&world(&[]).await, "UpdateGroup", r#"{"GroupName":"nobody","NewGroupName":"x"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_name_that_is_taken_is_refused() {
        let world = world(&[
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            ("CreateGroup", r#"{"GroupName":"owners"}"#),
        ])
        .await;
        let told = refused(&world, "UpdateGroup", r#"{"GroupName":"admins","NewGroupName":"OWNERS"}"#).await;
        assert_eq!(told, "409 EntityAlreadyExists: Group with name OWNERS already exists.");
    }

    #[tokio::test]
    async fn its_members_stay() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            ("AddUserToGroup", r#"{"GroupName":"admins","UserName":"bob"}"#),
            ("UpdateGroup", r#"{"GroupName":"admins","NewGroupName":"owners"}"#),
        ])
        .await;
        assert_eq!(
            texts(&world, "ListGroupsForUser", r#"{"UserName":"bob"}"#, "GroupName").await,
            ["owners"]
        );
        assert_eq!(texts(&world, "GetGroup", r#"{"GroupName":"owners"}"#, "UserName").await, ["bob"]);
    }
}
