//! CreateAccessKey: makes an access key of a user, or of whoever calls. The secret is told here and never again.
//!
//! A user has at most two, and so has the account's root user.
//! Source: IAM API reference, `CreateAccessKey`; User Guide, "Manage access keys for IAM users".

use alcazar_core::id::{UniqueIdPrefix, unique_id};
use alcazar_core::{NoKeys, SecretText};
use alcazar_corridor::{
    Call, Committed, Example, Input, Located, Operation, Output, Refusal, View, access_key_context,
};
use alcazar_directory::AccessKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wire_iam as wire;
use wire_iam::StatusType;

use crate::model::Rows;
use crate::model::access_key::Holder;
use crate::model::quota::{ACCESS_KEYS_PER_USER, exceeded};

pub(crate) struct CreateAccessKey;

impl Operation for CreateAccessKey {
    type Shape = wire::CreateAccessKey;
    type Target = Holder;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let holder = Holder::named(view, input.user_name.as_deref())?;
        let guard = holder.guard(view).await?;
        Ok(Located::new(holder).need(wire::actions::CREATE_ACCESS_KEY, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let id = unique_id(UniqueIdPrefix::AccessKey, call.random());
        // Forty characters: thirty bytes in base 64, slashes and plus signs included, as AWS's are.
        let secret = SecretText::new(STANDARD.encode(call.random::<30>()));
        let sealed = call.seal(&access_key_context(&id), secret.expose().as_bytes())?;
        call.commit(|tx, call| {
            let mut rows = Rows::of(tx, call);
            let mut holder = rows.holder(call.target())?;
            if holder.keys().len() >= ACCESS_KEYS_PER_USER {
                return Err(exceeded("AccessKeysPerUser", ACCESS_KEYS_PER_USER).into());
            }
            let key = AccessKey {
                id: id.clone(),
                account: call.account(),
                owner: holder.owner(),
                secret: sealed.clone(),
                active: true,
                created_at: rows.now(),
                gate: None,
            };
            holder.keys_mut().push(id.clone());
            rows.save_holder(&holder)?;
            rows.save_key(&key)?;
            let told = wire::shapes::AccessKey {
                create_date: Some(key.created_at),
                ..wire::shapes::AccessKey::new(
                    holder.name().to_owned(),
                    id.clone(),
                    StatusType::Active,
                    secret.clone(),
                )
            };
            Ok(wire::CreateAccessKeyResponse { access_key: told })
        })
        .await
    }

    fn example() -> Example {
        Example { world: &[("iam:CreateUser", r#"{"UserName":"bob"}"#, &[])], input: r#"{"UserName":"bob"}"# }
    }
}

#[cfg(test)]
mod tests {
    use super::CreateAccessKey;
    use crate::testing::{done, example, refused, world};

    #[tokio::test]
    async fn the_example_is_answered_and_recorded() {
        insta::assert_snapshot!(example::<CreateAccessKey>().await, @r#"
        200
        <CreateAccessKeyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
        <CreateAccessKeyResult>
        <AccessKey>
        <UserName>bob</UserName>
        <AccessKeyId>AKIA(id)</AccessKeyId>
        <Status>Active</Status>
        <SecretAccessKey>(secret)</SecretAccessKey>
        <CreateDate>2026-11-22T12:00:00Z</CreateDate>
        </AccessKey>
        </CreateAccessKeyResult>
        <ResponseMetadata>
        <RequestId>(uuid)</RequestId>
        </ResponseMetadata>
        </CreateAccessKeyResponse>
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "(uuid)",
          "eventName": "CreateAccessKey",
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
          "responseElements": {
            "accessKey": {
              "accessKeyId": "AKIA(id)",
              "createDate": "Nov 22, 2026, 12:00:00 PM",
              "status": "Active",
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
    async fn a_user_that_is_missing_is_told_to_an_administrator() {
        let told = refused(&world(&[]).await, "CreateAccessKey", r#"{"UserName":"nobody"}"#).await;
        assert_eq!(told, "404 NoSuchEntity: The user with name nobody cannot be found.");
    }

    #[tokio::test]
    async fn there_are_at_most_two() {
        let world = world(&[
            ("CreateUser", r#"{"UserName":"bob"}"#),
            ("CreateAccessKey", r#"{"UserName":"bob"}"#),
            ("CreateAccessKey", r#"{"UserName":"bob"}"#),
        ])
        .await;
        let told = refused(&world, "CreateAccessKey", r#"{"UserName":"bob"}"#).await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
        done(&world, "CreateAccessKey", "{}").await;
        let told = refused(&world, "CreateAccessKey", "{}").await;
        assert_eq!(told, "409 LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
    }
}
