//! DeleteGroup: removes a group that has no users and policies any more.
//! Source: IAM API reference, `DeleteGroup`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::Group;
use wire_iam as wire;

use crate::model::{Found, Rows};

pub(crate) struct DeleteGroup;

impl Operation for DeleteGroup {
    type Shape = wire::DeleteGroup;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<Group>::named(view, &input.group_name).await?;
        Ok(Located::new(()).need(wire::actions::DELETE_GROUP, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let group: Group = rows.entity(&call.input().group_name)?;
            let first = match &group {
                group if !group.attached.is_empty() => "detach all policies",
                group if !group.inline.is_empty() => "delete policies",
                group if !group.members.is_empty() => "remove users from group",
                _ => return Ok(rows.delete(&group)?),
            };
            Err(wire::DeleteConflictException::new(format!("Cannot delete entity, must {first} first."))
                .into())
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[("iam:CreateGroup", r#"{"GroupName":"admins"}"#, &[])],
            input: r#"{"GroupName":"admins"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteGroup;
    use crate::testing::{done, example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeleteGroup>().await, @r#"
        200
        <DeleteGroupResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeleteGroupResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeleteGroup",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
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
        let told = refused(&world(&[]).await, "DeleteGroup", r#"{"GroupName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The group with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn what_it_has_is_in_the_way() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            ("CreateGroup", r#"{"GroupName":"admins"}"#),
            ("AddUserToGroup", r#"{"GroupName":"admins","UserName":"bob"}"#),
        ])
        .await;
        let group = r#"{"GroupName":"admins"}"#;
        let told = refused(&world, "DeleteGroup", group).await;
        assert_eq!(told, "409 DeleteConflict: Cannot delete entity, must remove users from group first.");
        let put = r#"{"GroupName":"admins","PolicyName":"p","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#;
        done(&world, "PutGroupPolicy", put).await;
        let told = refused(&world, "DeleteGroup", group).await;
        assert_eq!(told, "409 DeleteConflict: Cannot delete entity, must delete policies first.");
        let attach = r#"{"GroupName":"admins","PolicyArn":"arn:aws:iam::aws:policy/AWSDenyAll"}"#;
        done(&world, "AttachGroupPolicy", attach).await;
        let told = refused(&world, "DeleteGroup", group).await;
        assert_eq!(told, "409 DeleteConflict: Cannot delete entity, must detach all policies first.");
    }
}
