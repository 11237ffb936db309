//! GetUser: a user with its tags and boundary; without a name, whoever calls.
//!
//! The account's root user tells its ARN and the account's id. When a password was last used is not told: there are no passwords yet.
//! Source: IAM API reference, `GetUser`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{ACCOUNTS, User};
use alcazar_store::Scope;
use wire_iam as wire;

use crate::model::access_key::Holder;
use crate::model::{read, shapes};

pub(crate) struct GetUser;

impl Operation for GetUser {
    type Shape = wire::GetUser;
    type Target = Holder;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let holder = Holder::named(view, input.user_name.as_deref())?;
        let guard = holder.guard(view).await?;
        Ok(Located::new(holder).need(wire::actions::GET_USER, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let user = match call.target() {
            Holder::User(name) => shapes::user(&*read::<User, _>(&call, name).await?),
            Holder::Root => root(&call).await?,
        };
        call.answer(wire::GetUserResponse { user }).await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                ("iam:TagUser", r#"{"UserName":"bob","Tags":[{"Key":"Team","Value":"blue"}]}"#, &[]),
            ],
            input: r#"{"UserName":"bob"}"#,
        }
    }
}

/// The root user: made with the account, under the account's id.
async fn root(call: &Call<GetUser>) -> Result<wire::shapes::User, Failure> {
    let account = call.view().get(&ACCOUNTS, Scope::Installation, &call.account()).await?;
    Ok(wire::shapes::User {
        path: "/".to_owned(),
        user_name: "root".to_owned(),
        user_id: call.account().to_string(),
        arn: call.arn("iam", "", call.account(), "root").to_string(),
        create_date: account.map(|account| account.created_at.whole_seconds()).unwrap_or_default(),
        ..wire::shapes::User::default()
    })
}

#[cfg(test)]
mod tests {
    use super::GetUser;
    use crate::testing::{example, key_of, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<GetUser>().await, @r#"
        200
        <GetUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <GetUserResult>
        <User>
        <Path>/</Path>
        <UserName>bob</UserName>
        <UserId>AIDARR3FJ3H5PMFWEO4AH</UserId>
        <Arn>arn:aws:iam::111122223333:user/bob</Arn>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        <Tags>
        <member>
        <Key>Team</Key>
        <Value>blue</Value>
        </member>
        </Tags>
        </User>
        </GetUserResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </GetUserResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "GetUser",
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
        let told = refused(&world(&[]).await, "GetUser", r#"{"UserName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn without_a_name_it_is_whoever_calls() {
        let world = world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("PutUserPolicy", r#"{"UserName":"bob","PolicyName":"p","PolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"iam:GetUser\",\"Resource\":\"*\"}]}"}"#)]).await;
        let root = world.call("iam:GetUser", "{}").await.ok();
        assert_eq!(root.text("/Arn"), "arn:aws:iam::111122223333:root");
        assert_eq!(root.text("/UserId"), "111122223333");
        let bob = key_of(&world, "bob").await;
        let told = world.call_as(&bob, "iam:GetUser", "{}").await.ok();
        assert_eq!(told.text("/Arn"), "arn:aws:iam::111122223333:user/bob");
    }
}
