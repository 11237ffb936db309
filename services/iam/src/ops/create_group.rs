//! CreateGroup: makes a group without members and policies.
//!
//! Names are unique in the account without regard to case.
//! Source: IAM API reference, `CreateGroup`.

use std::collections::BTreeMap;

use alcazar_core::NoKeys;
use alcazar_core::id::{UniqueIdPrefix, unique_id};
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Group;
use wire_iam as wire;

use crate::model::{Rows, new_guard, shapes};

pub(crate) struct CreateGroup;

impl Operation for CreateGroup {
    type Shape = wire::CreateGroup;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let path = input.path.as_deref().unwrap_or("/");
        let guard = new_guard::<Group>(view, path, &input.group_name);
        Ok(Located::new(()).need(wire::actions::CREATE_GROUP, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let id = unique_id(UniqueIdPrefix::Group, call.random());
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            rows.vacant::<Group>(&input.group_name)?;
            let path = input.path.as_deref().unwrap_or("/");
            let group = Group {
                name: input.group_name.clone(),
                path: path.to_owned(),
                id: id.clone(),
                arn: rows.arn(&format!("group{path}{}", input.group_name)),
                created_at: rows.now(),
                attached: Vec::new(),
                inline: BTreeMap::new(),
                members: Vec::new(),
            };
            rows.create(&group)?;
            Ok(wire::CreateGroupResponse { group: shapes::group(&group) })
        })
        .await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"GroupName":"admins","Path":"/staff/"}"# }
    }
}

#[cfg(test)]
mod tests {
    use super::CreateGroup;
    use crate::testing::{Usage, example, full, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<CreateGroup>().await, @r#"
        200
        <CreateGroupResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <CreateGroupResult>
        <Group>
        <Path>/staff/</Path>
        <GroupName>admins</GroupName>
        <GroupId>AGPARR3FJ3H5PMFWEO4AH</GroupId>
        <Arn>arn:aws:iam::111122223333:group/staff/admins</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </Group>
        </CreateGroupResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </CreateGroupResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "CreateGroup",
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
            "path": "/staff/"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:group/staff/admins",
              "accountId": "111122223333",
              "type": "AWS::IAM::Group"
            }
          ],
          "responseElements": {
            "group": {
              "arn": "arn:aws:iam::111122223333:group/staff/admins",
              "createDate": "Nov 22, 2026, 12:00:00 PM",
              "groupId": "AGPARR3FJ3H5PMFWEO4AH",
              "groupName": "admins",
              "path": "/staff/"
            }
          },
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
    async fn names_are_unique_without_regard_to_case() {
        let world = world(&[("CreateGroup", r#"{"GroupName":"admins"}"#)]).await;
        let told = refused(&world, "CreateGroup", r#"{"GroupName":"Admins"}"#).await;
        assert_eq!(told, "409 EntityAlreadyExists: Group with name Admins already exists.");
    }

    #[tokio::test]
    async fn an_account_has_its_quota() {
        let world = world(&[]).await;
        full(&world, Usage { groups: 300, ..Usage::default() }).await;
        let told = refused(&world, "CreateGroup", r#"{"GroupName":"admins"}"#).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for GroupsPerAccount: 300");
    }
}
