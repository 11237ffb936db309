//! DeleteUser: removes a user who has no policies, access keys and groups any more.
//! Source: IAM API reference, `DeleteUser`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::User;
use wire_iam as wire;

use crate::model::policy::Use;
use crate::model::{Found, Rows};

pub(crate) struct DeleteUser;

impl Operation for DeleteUser {
    type Shape = wire::DeleteUser;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::<User>::named(view, &input.user_name).await?;
        Ok(Located::new(()).need(wire::actions::DELETE_USER, found.guard(), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let user: User = rows.entity(&call.input().user_name)?;
            if let Some(first) = in_the_way(&user) {
                return Err(wire::DeleteConflictException::new(format!(
                    "Cannot delete entity, must {first} first."
                ))
                .into());
            }
            if let Some(boundary) = &user.permissions_boundary {
                rows.count(boundary, Use::Boundary, -1)?;
            }
            Ok(rows.delete(&user)?)
        })
        .await
    }

    fn example() -> Example {
        Example { world: &[("iam:CreateUser", r#"{"UserName":"bob"}"#, &[])], input: r#"{"UserName":"bob"}"# }
    }
}

/// What must happen before, in IAM's words.
fn in_the_way(user: &User) -> Option<&'static str> {
    if !user.attached.is_empty() {
        Some("detach all policies")
    } else if !user.inline.is_empty() {
        Some("delete policies")
    } else if !user.access_keys.is_empty() {
        Some("delete access keys")
    } else if !user.groups.is_empty() {
        Some("remove users from group")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteUser;
    use crate::testing::{done, example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeleteUser>().await, @r#"
        200
        <DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeleteUserResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeleteUser",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
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
        let told = refused(&world(&[]).await, "DeleteUser", r#"{"UserName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn what_it_has_is_in_the_way() {
        let world =
            world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreateGroup", r#"{"GroupName":"admins"}"#)])
                .await;
        let aws = "arn:aws:iam::aws:policy/AWSDenyAll";
        let attach = format!(r#"{{"UserName":"bob","PolicyArn":"{aws}"}}"#);
        let ways = [
            ("AttachUserPolicy", "DetachUserPolicy", attach.as_str(), "detach all policies"),
            (
                "PutUserPolicy",
                "DeleteUserPolicy",
                r#"{"UserName":"bob","PolicyName":"p","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                "delete policies",
            ),
            (
                "AddUserToGroup",
                "RemoveUserFromGroup",
                r#"{"UserName":"bob","GroupName":"admins"}"#,
                "remove users from group",
            ),
        ];
        for (bring, take, input, first) in ways {
            done(&world, bring, input).await;
            let told = refused(&world, "DeleteUser", r#"{"UserName":"bob"}"#).await;
            assert_eq!(told, format!("409 DeleteConflict: Cannot delete entity, must {first} first."));
            let input = input.split(r#","PolicyDocument""#).next().unwrap_or_default();
            let input = if input.ends_with('}') { input.to_owned() } else { format!("{input}}}") };
            done(&world, take, &input).await;
        }
        done(&world, "CreateAccessKey", r#"{"UserName":"bob"}"#).await;
        let told = refused(&world, "DeleteUser", r#"{"UserName":"bob"}"#).await;
        assert_eq!(told, "409 DeleteConflict: Cannot delete entity, must delete access keys first.");
    }
}
