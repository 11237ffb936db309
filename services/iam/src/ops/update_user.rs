//! UpdateUser: gives a user another name or path. It stays who it is: its unique id, keys, groups and policies go with it.
//!
//! The right is needed on the user as it is and as it will be.
//! Source: IAM API reference, `UpdateUser`; User Guide, "Renaming an IAM user".

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{GROUPS, User, name_key};
use wire_iam as wire;

use crate::model::{Found, Rows, new_guard};

pub(crate) struct UpdateUser;

impl Operation for UpdateUser {
    type Shape = wire::UpdateUser;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        let located = Located::new(()).need(wire::actions::UPDATE_USER, found.guard(), NoKeys);
        if input.new_path.is_none() && input.new_user_name.is_none() {
            return Ok(located);
        }
        let path = input.new_path.as_deref().unwrap_or(found.path());
        let name = input.new_user_name.as_deref().unwrap_or(&input.user_name);
        let renamed = new_guard::<User>(view, path, name).tags(found.guard().tags);
        Ok(located.need(wire::actions::UPDATE_USER, renamed, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut user: User = rows.entity(&input.user_name)?;
            let before = name_key(&user.name);
            if let Some(path) = &input.new_path {
                user.path.clone_from(path);
            }
            if let Some(name) = &input.new_user_name {
                user.name.clone_from(name);
            }
            user.arn = rows.arn(&format!("user{}{}", user.path, user.name));
            if name_key(&user.name) != before {
                rows.vacant::<User>(&user.name)?;
                rows.vacate::<User>(&before)?;
            }
            rows.rename_keys(&user)?;
            rename_member(&mut rows, &user, &before)?;
            Ok(rows.save(&user)?)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("iam:CreateUser", r#"{"UserName":"bob"}"#, &[])],
            input: r#"{"UserName":"bob","NewUserName":"robert","NewPath":"/staff/"}"#,
        }
    }
}

/// Its groups list it under its new name, where they listed it before.
fn rename_member(
    rows: &mut Rows<'_, '_, wire::UpdateUser>,
    user: &User,
    before: &str,
) -> Result<(), Failure> {
    let scope = rows.scope();
    for group in &user.groups {
        let Some(group) = rows.tx().get(&GROUPS, scope, name_key(group).as_str())? else { continue };
        let mut group = (*group).clone();
        for member in group.members.iter_mut().filter(|member| *member == before) {
            *member = name_key(&user.name);
        }
        rows.save(&group)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::UpdateUser;
    use crate::testing::{done, example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<UpdateUser>().await, @r#"
        200
        <UpdateUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </UpdateUserResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "UpdateUser",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "newPath": "/staff/",
            "newUserName": "robert",
            "userName": "bob"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:user/bob",
              "accountId": "111122223333",
              "type": "AWS::IAM::User"
            },
            {
              "ARN": "arn:aws:iam::111122223333:user/staff/robert",
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
        let told =
            refused(&world(&[]).await, "UpdateUser", r#"{"UserName":"nobody","NewUserName":"x"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn a_name_that_is_taken_is_refused_and_its_own_in_another_case_is_not() {
        let world =
            world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreateUser", r#"{"UserName":"carol"}"#)])
                .await;
        let told = refused(&world, "UpdateUser", r#"{"UserName":"bob","NewUserName":"CAROL"}"#).await;
        assert_eq!(told, "409 EntityAlreadyExists: User with name CAROL already exists.");
        done(&world, "UpdateUser", r#"{"UserName":"bob","NewUserName":"Bob"}"#).await;
        assert_eq!(texts(&world, "ListUsers", "{}", "UserName").await, ["Bob", "carol"]);
    }

    #[tokio::test]
    async fn groups_and_keys_know_the_new_name() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            ("AddUserToGroup", r#"{"UserName":"bob","GroupName":"admins"}"#),
            ("CreateAccessKey", r#"{"UserName":"bob"}"#),
            ("UpdateUser", r#"{"UserName":"bob","NewUserName":"robert"}"#),
        ])
        .await;
        let robert = r#"{"UserName":"robert"}"#;
        assert_eq!(texts(&world, "GetGroup", r#"{"GroupName":"admins"}"#, "UserName").await, ["robert"]);
        assert_eq!(texts(&world, "ListGroupsForUser", robert, "GroupName").await, ["admins"]);
        assert_eq!(texts(&world, "ListAccessKeys", robert, "UserName").await, ["robert"]);
        let told = refused(&world, "GetUser", r#"{"UserName":"bob"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name bob cannot be found.");
    }
}
