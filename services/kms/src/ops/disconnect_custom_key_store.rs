//! DisconnectCustomKeyStore: the store's keys are unavailable from now on; their key states say so. There is nothing to take down, so the store is
//! DISCONNECTED at once and never shows DISCONNECTING.
//! Source: KMS API reference, `DisconnectCustomKeyStore` and `CustomKeyStoreInvalidStateException`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, ConnectionStateType};

use crate::example;
use crate::model::{change_key_store, located, wrong_connection};

pub(crate) struct DisconnectCustomKeyStore;

impl Operation for DisconnectCustomKeyStore {
    type Shape = wire::DisconnectCustomKeyStore;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = Guard::any(view.account());
        Ok(located(()).need(wire::actions::DISCONNECT_CUSTOM_KEY_STORE, any, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let id = call.input().custom_key_store_id.as_str();
            change_key_store(tx, call.here(), id, |_, store| {
                if store.is_disconnected() {
                    return Err(wrong_connection(store, "DisconnectCustomKeyStore").into());
                }
                store.connection = ConnectionStateType::Disconnected;
                store.error = None;
                Ok(())
            })?;
            Ok(wire::DisconnectCustomKeyStoreResponse::default())
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::CONNECTING, input: r#"{"CustomKeyStoreId": "${store}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn the_store_is_disconnected_and_that_is_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let store = world.call("kms:CreateCustomKeyStore", crate::example::STORE).await.ok();
        let input = format!(r#"{{"CustomKeyStoreId": "{}"}}"#, store.text("/CustomKeyStoreId"));
        let _ = world.call("kms:ConnectCustomKeyStore", &input).await.ok();
        let answer = world.call("kms:DisconnectCustomKeyStore", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {}
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-77c0-a559-b74fdab168e5",
          "eventName": "DisconnectCustomKeyStore",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "460e144f-eb89-4b15-bea4-f5a10f520ae5",
          "requestParameters": {
            "customKeyStoreId": "cks-c7654ecfd7b0b623b"
          },
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
}
