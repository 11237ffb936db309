//! DeleteAccessKey: removes an access key of a user, or of whoever calls. It signs no call more.
//! Source: IAM API reference, `DeleteAccessKey`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::ACCESS_KEYS;
use alcazar_store::Scope;
use wire_iam as wire;

use crate::model::Rows;
use crate::model::access_key::Holder;

pub(crate) struct DeleteAccessKey;

impl Operation for DeleteAccessKey {
    type Shape = wire::DeleteAccessKey;
    type Target = Holder;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let holder = Holder::named(view, input.user_name.as_deref())?;
        let guard = holder.guard(view).await?;
        Ok(Located::new(holder).need(wire::actions::DELETE_ACCESS_KEY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let mut holder = rows.holder(call.target())?;
            let key = rows.key(&holder, &call.input().access_key_id)?;
            holder.keys_mut().retain(|id| *id != key.id);
            rows.save_holder(&holder)?;
            Ok(rows.tx().remove(&ACCESS_KEYS, Scope::Installation, key.id.as_str())?)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                ("iam:CreateAccessKey", r#"{"UserName":"bob"}"#, &[("id", "/AccessKeyId")]),
            ],
            input: r#"{"UserName":"bob","AccessKeyId":"${id}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteAccessKey;
    use crate::testing::{done, example, key_of, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<DeleteAccessKey>().await, @r#"
        200
        <DeleteAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </DeleteAccessKeyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "DeleteAccessKey",
          "eventSource": "iam.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "(uuid)",
          "requestParameters": {
            "accessKeyId": "AKIA(id)",
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
    async fn a_key_that_the_user_does_not_have_is_missing() {
        let world =
            world(&[("CreateUser", r#"{"UserName":"bob"}"#), ("CreateUser", r#"{"UserName":"alice"}"#)])
                .await;
        let input = r#"{"UserName":"bob","AccessKeyId":"AKIAIOSFODNN7EXAMPLE"}"#;
        let expected = "404 NoSuchEntity: The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.";
        assert_eq!(refused(&world, "DeleteAccessKey", input).await, expected);
        let key = key_of(&world, "alice").await.access_key_id;
        let told = refused(&world, "DeleteAccessKey", &input.replace("AKIAIOSFODNN7EXAMPLE", &key)).await;
        assert_eq!(told, format!("404 NoSuchEntity: The Access Key with id {key} cannot be found."));
    }

    #[tokio::test]
    async fn the_root_user_deletes_its_own() {
        let world = world(&[("CreateAccessKey", "{}")]).await;
        done(&world, "DeleteAccessKey", r#"{"AccessKeyId":"AKIAROOTROOTROOTROOT"}"#).await;
        assert_eq!(world.call("iam:ListAccessKeys", "{}").await.status, 403);
    }
}
