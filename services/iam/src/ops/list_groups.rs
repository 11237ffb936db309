//! ListGroups: the groups under a path, by name, in pages.
//! Source: IAM API reference, `ListGroups`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Group;
use wire_iam as wire;

use crate::model::{Ask, Entity, listing, scan, shapes};

pub(crate) struct ListGroups;

impl Operation for ListGroups {
    type Shape = wire::ListGroups;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = listing(view, "group", input.path_prefix.as_deref());
        Ok(Located::new(()).need(wire::actions::LIST_GROUPS, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let ask = Ask::of(&call, input.marker.as_deref(), input.max_items, prefix)?;
        let under = |row: &Group| row.path.starts_with(prefix);
        let page =
            ask.page(&call, scan(call.view(), Group::TABLE, ask.after(), ask.wanted(), under).await?)?;
        call.answer(wire::ListGroupsResponse {
            is_truncated: page.is_truncated(),
            groups: page.items.iter().map(|group| shapes::group(group)).collect(),
            marker: page.marker,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateGroup", r#"{"GroupName":"Zoe","Path":"/staff/"}"#, &[]),
                ("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[]),
            ],
            input: "{}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListGroups;
    use crate::testing::{example, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListGroups>().await, @r#"
        200
        <ListGroupsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListGroupsResult>
        <Groups>
        <member>
        <Path>/</Path>
        <GroupName>admins</GroupName>
        <GroupId>AGPAVXZBYA2BUTP4UMQAY</GroupId>
        <Arn>arn:aws:iam::111122223333:group/admins</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </member>
        <member>
        <Path>/staff/</Path>
        <GroupName>Zoe</GroupName>
        <GroupId>AGPARR3FJ3H5PMFWEO4AH</GroupId>
        <Arn>arn:aws:iam::111122223333:group/staff/Zoe</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </member>
        </Groups>
        <IsTruncated>false</IsTruncated>
        </ListGroupsResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListGroupsResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListGroups",
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
            ("CreateGroup", r#"{"GroupName":"Zoe","Path":"/staff/"}"#),
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            ("CreateGroup", r#"{"GroupName":"alice"}"#),
        ])
        .await;
        let first = world.call("iam:ListGroups", r#"{"MaxItems":1}"#).await.ok();
        assert_eq!(first.text("/GroupName"), "admins");
        let rest = format!(r#"{{"Marker":"{}"}}"#, first.text("/Marker"));
        let names = texts(&world, "ListGroups", &rest, "GroupName").await;
        assert_eq!(names, ["alice", "Zoe"]);
        let told = refused(&world, "ListGroups", r#"{"Marker":"x"}"#).await;
        assert_eq!(told, "400 ValidationError: Invalid Marker.");
    }

    #[tokio::test]
    async fn a_prefix_of_the_path_chooses() {
        let world = world(&[
            ("CreateGroup", r#"{"GroupName":"Zoe","Path":"/staff/"}"#),
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
        ])
        .await;
        assert_eq!(texts(&world, "ListGroups", r#"{"PathPrefix":"/staff"}"#, "GroupName").await, ["Zoe"]);
        assert!(texts(&world, "ListGroups", r#"{"PathPrefix":"/none/"}"#, "GroupName").await.is_empty());
    }
}
