//! GetGroup: a group and its users, by name, in pages.
//! Source: IAM API reference, `GetGroup`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{Group, USERS};
use alcazar_store::Scope;
use wire_iam as wire;

use crate::model::{Ask, Found, read, shapes};

pub(crate) struct GetGroup;

impl Operation for GetGroup {
    type Shape = wire::GetGroup;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        Ok(Located::new(()).need(wire::actions::GET_GROUP, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let group = read::<Group, _>(&call, &input.group_name).await?;
        let ask = Ask::of(&call, input.marker.as_deref(), input.max_items, &input.group_name)?;
        let page = ask.list(&call, group.members.iter().map(|member| (member.clone(), member)))?;
        let mut users = Vec::with_capacity(page.items.len());
        for member in &page.items {
            let user = call.view().get(&USERS, Scope::Account(call.account()), member.as_str()).await?;
            users.extend(user.map(|user| shapes::listed_user(&user)));
        }
        let (is_truncated, marker) = (page.is_truncated(), page.marker);
        call.answer(wire::GetGroupResponse { group: shapes::group(&group), users, is_truncated, marker })
            .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                ("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[]),
                ("iam:AddUserToGroup", r#"{"GroupName":"admins","UserName":"bob"}"#, &[]),
            ],
            input: r#"{"GroupName":"admins"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GetGroup;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<GetGroup>().await, @r#"
        200
        <GetGroupResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <GetGroupResult>
        <Group>
        <Path>/</Path>
        <GroupName>admins</GroupName>
        <GroupId>AGPAVXZBYA2BUTP4UMQAY</GroupId>
        <Arn>arn:aws:iam::111122223333:group/admins</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </Group>
        <Users>
        <member>
        <Path>/</Path>
        <UserName>bob</UserName>
        <UserId>AIDARR3FJ3H5PMFWEO4AH</UserId>
        <Arn>arn:aws:iam::111122223333:user/bob</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </member>
        </Users>
        <IsTruncated>false</IsTruncated>
        </GetGroupResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </GetGroupResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "GetGroup",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "groupName": "admins"
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
    async fn a_group_that_is_missing_is_told_to_an_administrator() {
        let told = refused(&world(&[]).await, "GetGroup", r#"{"GroupName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn its_users_come_in_pages() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            ("CreateUser", r#"{"UserName":"Alice"}"#),
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            ("AddUserToGroup", r#"{"GroupName":"admins","UserName":"bob"}"#),
            ("AddUserToGroup", r#"{"GroupName":"admins","UserName":"alice"}"#),
        ])
        .await;
        let first = world.call("iam:GetGroup", r#"{"GroupName":"admins","MaxItems":1}"#).await.ok();
        assert_eq!([first.text("/UserName"), first.text("/IsTruncated")], ["Alice", "true"]);
        let rest = format!(r#"{{"GroupName":"admins","Marker":"{}"}}"#, first.text("/Marker"));
        assert_eq!(texts(&world, "GetGroup", &rest, "UserName").await, ["bob"]);
    }
}
