//! ListAccessKeys: the access keys of a user, or of whoever calls, oldest first, in pages; without their secrets.
//! Source: IAM API reference, `ListAccessKeys`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Failure, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::{ACCESS_KEYS, ACCOUNTS, User};
use alcazar_store::Scope;
use wire_iam as wire;

use crate::model::access_key::{Holder, metadata, sorted_by};
use crate::model::{Ask, read};

pub(crate) struct ListAccessKeys;

impl Operation for ListAccessKeys {
    type Shape = wire::ListAccessKeys;
    type Target = Holder;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let holder = Holder::named(view, input.user_name.as_deref())?;
        let guard = holder.guard(view).await?;
        Ok(Located::new(holder).need(wire::actions::LIST_ACCESS_KEYS, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let (name, ids) = match call.target() {
            Holder::User(name) => {
                let user = read::<User, _>(&call, name).await?;
                (Some(user.name.clone()), user.access_keys.clone())
            }
            Holder::Root => (None, root_keys(&call).await?),
        };
        let filters = name.as_deref().unwrap_or_default();
        let ask = Ask::of(&call, input.marker.as_deref(), input.max_items, filters)?;
        let mut keys = Vec::with_capacity(ids.len());
        for id in &ids {
            let key = call.view().get(&ACCESS_KEYS, Scope::Installation, id.as_str()).await?;
            keys.extend(key.map(|key| (sorted_by(key.created_at, &key.id), metadata(&key, name.as_deref()))));
        }
        let page = ask.list(&call, keys)?;
        call.answer(wire::ListAccessKeysResponse {
            is_truncated: page.is_truncated(),
            access_key_metadata: page.items,
            marker: page.marker,
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                ("iam:CreateAccessKey", r#"{"UserName":"bob"}"#, &[]),
            ],
            input: r#"{"UserName":"bob"}"#,
        }
    }
}

async fn root_keys(call: &Call<ListAccessKeys>) -> Result<Vec<String>, Failure> {
    let account = call.view().get(&ACCOUNTS, Scope::Installation, &call.account()).await?;
    Ok(account.map(|account| account.root_access_keys.clone()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::ListAccessKeys;
    use crate::testing::{example, key_of, refused, texts, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<ListAccessKeys>().await, @r#"
        200
        <ListAccessKeysResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ListAccessKeysResult>
        <AccessKeyMetadata>
        <member>
        <UserName>bob</UserName>
        <AccessKeyId>AKIA(id)</AccessKeyId>
        <Status>Active</Status>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </member>
        </AccessKeyMetadata>
        <IsTruncated>false</IsTruncated>
        </ListAccessKeysResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </ListAccessKeysResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "ListAccessKeys",
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
        let told = refused(&world(&[]).await, "ListAccessKeys", r#"{"UserName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn without_a_name_it_is_whoever_calls() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            (
                "AttachUserPolicy",
                r#"{"UserName":"bob","PolicyArn":"arn:aws:iam::aws:policy/IAMReadOnlyAccess"}"#,
            ),
        ])
        .await;
        assert_eq!(texts(&world, "ListAccessKeys", "{}", "AccessKeyId").await, ["AKIAROOTROOTROOTROOT"]);
        let bob = key_of(&world, "bob").await;
        let told = world.call_as(&bob, "iam:ListAccessKeys", "{}").await.ok();
        assert_eq!(
            [told.text("/AccessKeyId"), told.text("/UserName")],
            [bob.access_key_id, "bob".to_owned()]
        );
    }
}
