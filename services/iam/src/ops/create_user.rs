//! CreateUser: makes a user, who may do nothing yet and has no credentials.
//!
//! Names are unique in the account without regard to case. Tags need `iam:TagUser` too; the policy of a boundary is counted.
//! Source: IAM API reference, `CreateUser`.

use std::collections::BTreeMap;

use alcazar_core::id::{UniqueIdPrefix, unique_id};
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{Tags, User};
use wire_iam as wire;

use crate::model::{Rows, checked_boundary, new_guard, shapes, tags};

pub(crate) struct CreateUser;

impl Operation for CreateUser {
    type Shape = wire::CreateUser;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let path = input.path.as_deref().unwrap_or("/");
        let guard = new_guard::<User>(view, path, &input.user_name);
        let keys = || wire::CreateUserKeys { permissions_boundary: input.permissions_boundary.clone() };
        let located = Located::new(()).need(wire::actions::CREATE_USER, guard.clone(), keys());
        let tags = tags::pairs(input.tags.as_deref());
        Ok(match tags.is_empty() {
            true => located,
            false => located.need(wire::actions::TAG_USER, guard, keys()).tagging(tags),
        })
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let id = unique_id(UniqueIdPrefix::User, call.random());
        call.commit(|tx, call| {
            let input = call.input();
            let mut rows = Rows::of(tx, call);
            rows.vacant::<User>(&input.user_name)?;
            let path = input.path.as_deref().unwrap_or("/");
            let mut user = User {
                name: input.user_name.clone(),
                path: path.to_owned(),
                id: id.clone(),
                arn: rows.arn(&format!("user{path}{}", input.user_name)),
                created_at: rows.now(),
                tags: Tags::default(),
                permissions_boundary: None,
                groups: Vec::new(),
                attached: Vec::new(),
                inline: BTreeMap::new(),
                access_keys: Vec::new(),
            };
            tags::put::<Self::Shape>(
                &mut user.tags,
                input.tags.as_deref().unwrap_or_default(),
                tags::Keys::IgnoreCase,
            )?;
            if let Some(wanted) = &input.permissions_boundary {
                user.permissions_boundary = Some(checked_boundary(wanted, rows.new_boundary(wanted)?)?);
            }
            rows.create(&user)?;
            Ok(wire::CreateUserResponse { user: Some(shapes::user(&user)) })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "iam:CreatePolicy",
                r#"{"PolicyName":"reader","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]}"}"#,
                &[],
            )],
            input: r#"{"UserName":"bob","Path":"/staff/","PermissionsBoundary":"arn:aws:iam::111122223333:policy/reader","Tags":[{"Key":"Team","Value":"blue"}]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CreateUser;
    use crate::testing::{Usage, example, full, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<CreateUser>().await, @r#"
        200
        <CreateUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <CreateUserResult>
        <User>
        <Path>/staff/</Path>
        <UserName>bob</UserName>
        <UserId>AIDAVXZBYA2BUTP4UMQAY</UserId>
        <Arn>arn:aws:iam::111122223333:user/staff/bob</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        <PermissionsBoundary>
        <PermissionsBoundaryType>Policy</PermissionsBoundaryType>
        <PermissionsBoundaryArn>arn:aws:iam::111122223333:policy/reader</PermissionsBoundaryArn>
        </PermissionsBoundary>
        <Tags>
        <member>
        <Key>Team</Key>
        <Value>blue</Value>
        </member>
        </Tags>
        </User>
        </CreateUserResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </CreateUserResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "CreateUser",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "path": "/staff/",
            "permissionsBoundary": "arn:aws:iam::111122223333:policy/reader",
            "tags": [
              {
                "key": "Team",
                "value": "blue"
              }
            ],
            "userName": "bob"
          },
          "resources": [
            {
              "ARN": "arn:aws:iam::111122223333:user/staff/bob",
              "accountId": "111122223333",
              "type": "AWS::IAM::User"
            }
          ],
          "responseElements": {
            "user": {
              "arn": "arn:aws:iam::111122223333:user/staff/bob",
              "createDate": "Nov 22, 2026, 12:00:00 PM",
              "path": "/staff/",
              "permissionsBoundary": {
                "permissionsBoundaryArn": "arn:aws:iam::111122223333:policy/reader",
                "permissionsBoundaryType": "Policy"
              },
              "tags": [
                {
                  "key": "Team",
                  "value": "blue"
                }
              ],
              "userId": "AIDAVXZBYA2BUTP4UMQAY",
              "userName": "bob"
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
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#)]).await;
        let told = refused(&world, "CreateUser", r#"{"UserName":"BOB"}"#).await;
        assert_eq!(told, "409 EntityAlreadyExists: User with name BOB already exists.");
    }

    #[tokio::test]
    async fn a_boundary_must_exist() {
        let boundary = r#"{"UserName":"bob","PermissionsBoundary":"arn:aws:iam::111122223333:policy/none"}"#;
        let told = refused(&world(&[]).await, "CreateUser", boundary).await;
        assert_eq!(
            told,
            "404 NoSuchEntity: Scope ARN: arn:aws:iam::111122223333:policy/none does not exist or is not attachable."
        );
    }

    #[tokio::test]
    async fn keys_of_tags_are_told_once() {
        let twice = r#"{"UserName":"bob","Tags":[{"Key":"a","Value":""},{"Key":"A","Value":""}]}"#;
        let told = refused(&world(&[]).await, "CreateUser", twice).await;
        let expected =
            "400 InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        assert_eq!(told, expected);
    }

    #[tokio::test]
    async fn an_account_has_its_quota() {
        let world = world(&[]).await;
        full(&world, Usage { users: 5000, ..Usage::default() }).await;
        let told = refused(&world, "CreateUser", r#"{"UserName":"bob"}"#).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for UsersPerAccount: 5000");
    }
}
