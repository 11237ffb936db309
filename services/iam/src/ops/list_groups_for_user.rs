//! ListGroupsForUser: the groups of a user, by name, in pages.
//! Source: IAM API reference, `ListGroupsForUser`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{GROUPS, User, name_key};
use alcazar_store::Scope;
use wire_iam as wire;

use crate::model::{Ask, Found, read, shapes};

pub(crate) struct ListGroupsForUser;

impl Operation for ListGroupsForUser {
    type Shape = wire::ListGroupsForUser;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        Ok(Located::new(()).need(wire::actions::LIST_GROUPS_FOR_USER, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let user = read::<User, _>(&call, &input.user_name).await?;
        let ask = Ask::of(&call, input.marker.as_deref(), input.max_items, &input.user_name)?;
        let page = ask.list(&call, user.groups.iter().map(|group| (name_key(group), name_key(group))))?;
        let mut groups = Vec::with_capacity(page.items.len());
        for name in &page.items {
            let group = call.view().get(&GROUPS, Scope::Account(call.account()), name.as_str()).await?;
            groups.extend(group.map(|group| shapes::group(&group)));
        }
        let (is_truncated, marker) = (page.is_truncated(), page.marker);
        call.answer(wire::ListGroupsForUserResponse { groups, is_truncated, marker }).await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                ("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[]),
                ("iam:AddUserToGroup", r#"{"GroupName":"admins","UserName":"bob"}"#, &[]),
            ],
            input: r#"{"UserName":"bob"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListGroupsForUser;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListGroupsForUser>().await, @r#"
        200
        <ListGroupsForUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListGroupsForUserResult>
        <Groups>
        <member>
        <Path>/</Path>
        <GroupName>admins</GroupName>
        <GroupId>AGPAVXZBYA2BUTP4UMQAY</GroupId>
        <Arn>arn:aws:iam::111122223333:group/admins</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </member>
        </Groups>
        <IsTruncated>false</IsTruncated>
        </ListGroupsForUserResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListGroupsForUserResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListGroupsForUser",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "userName": "bob"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:user/bob",
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
        let told = refused(&world(&[]).await, "ListGroupsForUser", r#"{"UserName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn groups_come_in_pages() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            ("CreateGroup", r#"{"GroupName":"Zoo"}"#),
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            ("AddUserToGroup", r#"{"GroupName":"zoo","UserName":"bob"}"#),
            ("AddUserToGroup", r#"{"GroupName":"admins","UserName":"bob"}"#),
        ])
        .await;
        let first = world.call("iam:ListGroupsForUser", r#"{"UserName":"bob","MaxItems":1}"#).await.ok();
        assert_eq!([first.text("/GroupName"), first.text("/IsTruncated")], ["admins", "true"]);
        let rest = format!(r#"{{"UserName":"bob","Marker":"{}"}}"#, first.text("/Marker"));
        assert_eq!(texts(&world, "ListGroupsForUser", &rest, "GroupName").await, ["Zoo"]);
    }
}
