//! ConnectCustomKeyStore: begins to connect a store to its proxy, and does not wait for it. Within a second the store is CONNECTED, or FAILED with
//! the code that says why.
//!
//! A store that is connected, or is being connected, stays as it is; one that failed is disconnected first.
//! Source: KMS API reference, `ConnectCustomKeyStore` and `CustomKeyStoreInvalidStateException`.

use alcazar_core::NoKeys;
use alcazar_corridor::{
    Call, Committed, Example, Guard, Input, Job, Located, Operation, Output, Refusal, View,
};
use wire_kms::{self as wire, ConnectionStateType};

use crate::example;
use crate::jobs::connect_key_store::ConnectKeyStore;
use crate::model::{change_key_store, located, wrong_connection};

pub(crate) struct ConnectCustomKeyStore;

impl Operation for ConnectCustomKeyStore {
    type Shape = wire::ConnectCustomKeyStore;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = Guard::any(view.account());
        Ok(located(()).need(wire::actions::CONNECT_CUSTOM_KEY_STORE, any, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let (id, here) = (call.input().custom_key_store_id.as_str(), call.here());
            change_key_store(tx, here, id, |tx, store| match store.connection {
                ConnectionStateType::Connected | ConnectionStateType::Connecting => Ok(()),
                ConnectionStateType::Disconnected => {
                    store.connection = ConnectionStateType::Connecting;
                    Ok(tx.remind(tx.now(), ConnectKeyStore::NAME, here, id)?)
                }
                ConnectionStateType::Failed | ConnectionStateType::Disconnecting => {
                    Err(wrong_connection(store, "ConnectCustomKeyStore").into())
                }
            })?;
            Ok(wire::ConnectCustomKeyStoreResponse::default())
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::STORED, input: r#"{"CustomKeyStoreId": "${store}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn the_call_is_recorded_and_the_store_begins_to_connect() {
        let world = World::of(&[crate::SERVICE]).await;
        let store = world.call("kms:CreateCustomKeyStore", crate::example::STORE).await.ok();
        let input = format!(r#"{{"CustomKeyStoreId": "{}"}}"#, store.text("/CustomKeyStoreId"));
        let answer = world.call("kms:ConnectCustomKeyStore", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {}
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df7-a4a9-2c8768b0163e",
          "eventName": "ConnectCustomKeyStore",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "adf21c03-41a4-4fca-b200-c2668f4b0412",
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
