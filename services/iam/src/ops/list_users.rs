//! ListUsers: the users under a path, by name, in pages; without tags and boundaries.
//! Source: IAM API reference, `ListUsers`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::{Ask, Entity, listing, scan, shapes};

pub(crate) struct ListUsers;

impl Operation for ListUsers {
    type Shape = wire::ListUsers;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = listing(view, "user", input.path_prefix.as_deref());
        Ok(Located::new(()).need(wire::actions::LIST_USERS, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let ask = Ask::of(&call, input.marker.as_deref(), input.max_items, prefix)?;
        let under = |row: &User| row.path.starts_with(prefix);
        let page =
            ask.page(&call, scan(call.view(), User::TABLE, ask.after(), ask.wanted(), under).await?)?;
        call.answer(wire::ListUsersResponse {
            is_truncated: page.is_truncated(),
            users: page.items.iter().map(|user| shapes::listed_user(user)).collect(),
            marker: page.marker,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"Zoe","Path":"/staff/"}"#, &[]),
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
            ],
            input: "{}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListUsers;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListUsers>().await, @r#"
        200
        <ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListUsersResult>
        <Users>
        <member>
        <Path>/</Path>
        <UserName>bob</UserName>
        <UserId>AIDAVXZBYA2BUTP4UMQAY</UserId>
        <Arn>arn:aws:iam::111122223333:user/bob</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </member>
        <member>
        <Path>/staff/</Path>
        <UserName>Zoe</UserName>
        <UserId>AIDARR3FJ3H5PMFWEO4AH</UserId>
        <Arn>arn:aws:iam::111122223333:user/staff/Zoe</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </member>
        </Users>
        <IsTruncated>false</IsTruncated>
        </ListUsersResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListUsersResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListUsers",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": null,
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
    async fn they_come_by_name_whatever_its_case_in_pages() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"Zoe","Path":"/staff/"}"#),
            ("CreateUser", r#"{"UserName":"bob"}"#),
            ("CreateUser", r#"{"UserName":"alice"}"#),
        ])
        .await;
        let first = world.call("iam:ListUsers", r#"{"MaxItems":1}"#).await.ok();
        assert_eq!(first.text("/UserName"), "alice");
        let rest = format!(r#"{{"Marker":"{}"}}"#, first.text("/Marker"));
        let names = texts(&world, "ListUsers", &rest, "UserName").await;
        assert_eq!(names, ["bob", "Zoe"]);
        let told = refused(&world, "ListUsers", r#"{"Marker":"x"}"#).await;
        assert_eq!(told, "400 ValidationError: Invalid Marker.");
    }

    #[tokio::test]
    async fn a_prefix_of_the_path_chooses() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"Zoe","Path":"/staff/"}"#),
            ("CreateUser", r#"{"UserName":"bob"}"#),
        ])
        .await;
        assert_eq!(texts(&world, "ListUsers", r#"{"PathPrefix":"/staff"}"#, "UserName").await, ["Zoe"]);
        assert!(texts(&world, "ListUsers", r#"{"PathPrefix":"/none/"}"#, "UserName").await.is_empty());
    }
}
