//! RemoveUserFromGroup: a user loses what the group's policies allow, from the next call on. One who is no member stays none.
//! Source: IAM API reference, `RemoveUserFromGroup`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{Group, User, name_key};
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct RemoveUserFromGroup;

impl Operation for RemoveUserFromGroup {
    type Shape = wire::RemoveUserFromGroup;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        Ok(Located::new(()).need(wire::actions::REMOVE_USER_FROM_GROUP, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut user: User = rows.entity(&input.user_name)?;
            let mut group: Group = rows.entity(&input.group_name)?;
            user.groups.retain(|name| *name != group.name);
            group.members.retain(|member| *member != name_key(&user.name));
            rows.save(&user)?;
            Ok(rows.save(&group)?)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                ("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[]),
                ("iam:AddUserToGroup", r#"{"GroupName":"admins","UserName":"bob"}"#, &[]),
            ],
            input: r#"{"GroupName":"admins","UserName":"bob"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RemoveUserFromGroup;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<RemoveUserFromGroup>().await, @r#"
        200
        <RemoveUserFromGroupResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </RemoveUserFromGroupResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "RemoveUserFromGroup",
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
            "userName": "bob"
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
    async fn user_and_group_must_exist() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let told = refused(&world, "RemoveUserFromGroup", r#"{"GroupName":"nobody","UserName":"bob"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
        let told =
            refused(&world, "RemoveUserFromGroup", r#"{"GroupName":"nobody","UserName":"no-one"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name no-one cannot be found.");
    }

    #[tokio::test]
    async fn another_time_changes_nothing() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            ("AddUserToGroup", r#"{"GroupName":"admins","UserName":"bob"}"#),
            ("RemoveUserFromGroup", r#"{"GroupName":"admins","UserName":"bob"}"#),
            ("RemoveUserFromGroup", r#"{"GroupName":"admins","UserName":"bob"}"#),
        ])
        .await;
        assert!(texts(&world, "GetGroup", r#"{"GroupName":"admins"}"#, "UserName").await.is_empty());
        assert!(texts(&world, "ListGroupsForUser", r#"{"UserName":"bob"}"#, "GroupName").await.is_empty());
    }
}
