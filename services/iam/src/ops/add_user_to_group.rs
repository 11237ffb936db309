//! AddUserToGroup: a user gets what the group's policies allow; at most ten groups. A member stays one.
//! Source: IAM API reference, `AddUserToGroup`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{Group, User, name_key};
use wire_iam as wire;

use crate::model::quota::{GROUPS_PER_USER, exceeded};
use crate::model::{Found, Rows};

pub(crate) struct AddUserToGroup;

impl Operation for AddUserToGroup {
    type Shape = wire::AddUserToGroup;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        Ok(Located::new(()).need(wire::actions::ADD_USER_TO_GROUP, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            let mut user: User = rows.entity(&input.user_name)?;
            let mut group: Group = rows.entity(&input.group_name)?;
            if user.groups.contains(&group.name) {
                return Ok(());
            }
            if user.groups.len() >= GROUPS_PER_USER {
                return Err(exceeded("GroupsPerUser", GROUPS_PER_USER).into());
            }
            user.groups.push(group.name.clone());
            group.members.push(name_key(&user.name));
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
            ],
            input: r#"{"GroupName":"admins","UserName":"bob"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AddUserToGroup;
    use crate::testing::{done, example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<AddUserToGroup>().await, @r#"
        200
        <AddUserToGroupResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </AddUserToGroupResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "AddUserToGroup",
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
        let told = refused(&world, "AddUserToGroup", r#"{"GroupName":"nobody","UserName":"bob"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
        let told = refused(&world, "AddUserToGroup", r#"{"GroupName":"nobody","UserName":"no-one"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name no-one cannot be found.");
    }

    #[tokio::test]
    async fn a_member_stays_one() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            ("AddUserToGroup", r#"{"GroupName":"admins","UserName":"bob"}"#),
            ("AddUserToGroup", r#"{"GroupName":"ADMINS","UserName":"BOB"}"#),
        ])
        .await;
        assert_eq!(texts(&world, "GetGroup", r#"{"GroupName":"admins"}"#, "UserName").await, ["bob"]);
    }

    #[tokio::test]
    async fn a_user_has_at_most_ten_groups() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let add = |number: usize| format!(r#"{{"GroupName":"g{number}","UserName":"bob"}}"#);
        for number in 0..11 {
            done(&world, "CreateGroup", &format!(r#"{{"GroupName":"g{number}"}}"#)).await;
        }
        for number in 0..10 {
            done(&world, "AddUserToGroup", &add(number)).await;
        }
        let told = refused(&world, "AddUserToGroup", &add(10)).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for GroupsPerUser: 10");
    }
}
