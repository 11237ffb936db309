//! UpdateAccessKey: makes an access key of a user, or of whoever calls, sign no longer (`Inactive`), or again (`Active`).
//! Source: IAM API reference, `UpdateAccessKey`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::AccessKey;
use wire_iam as wire;
use wire_iam::StatusType;

use crate::model::Rows;
use crate::model::access_key::Holder;

pub(crate) struct UpdateAccessKey;

impl Operation for UpdateAccessKey {
    type Shape = wire::UpdateAccessKey;
    type Target = Holder;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let holder = Holder::named(view, input.user_name.as_deref())?;
        let guard = holder.guard(view).await?;
        Ok(Located::new(holder).need(wire::actions::UPDATE_ACCESS_KEY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let active = match call.input().status {
            StatusType::Active => true,
            StatusType::Inactive => false,
            StatusType::Expired => {
                return Err(wire::InvalidInputException::new("The status Expired cannot be set.").into());
            }
        };
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let holder = rows.holder(call.target())?;
            let key = rows.key(&holder, &call.input().access_key_id)?;
            Ok(rows.save_key(&AccessKey { active, ..key })?)
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[
                ("iam:CreateUser", r#"{"UserName":"bob"}"#, &[]),
                ("iam:CreateAccessKey", r#"{"UserName":"bob"}"#, &[("id", "/AccessKeyId")]),
            ],
            input: r#"{"UserName":"bob","AccessKeyId":"${id}","Status":"Inactive"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UpdateAccessKey;
    use crate::testing::{example, key_of, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<UpdateAccessKey>().await, @r#"
        200
        <UpdateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </UpdateAccessKeyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "UpdateAccessKey",
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
            "status": "Inactive",
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
        let input = r#"{"UserName":"bob","AccessKeyId":"AKIAIOSFODNN7EXAMPLE","Status":"Inactive"}"#;
        let expected = "404 NoSuchEntity: The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.";
        assert_eq!(refused(&world, "UpdateAccessKey", input).await, expected);
        let key = key_of(&world, "alice").await.access_key_id;
        let told = refused(&world, "UpdateAccessKey", &input.replace("AKIAIOSFODNN7EXAMPLE", &key)).await;
        assert_eq!(told, format!("404 NoSuchEntity: The Access Key with id {key} cannot be found."));
    }

    #[tokio::test]
    async fn a_key_does_not_expire_by_hand() {
        let input = r#"{"AccessKeyId":"AKIAROOTROOTROOTROOT","Status":"Expired"}"#;
        let told = refused(&world(&[]).await, "UpdateAccessKey", input).await;
        assert_eq!(told, "400 InvalidInput: The status Expired cannot be set.");
    }
}
