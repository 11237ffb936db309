//! DeleteCustomKeyStore: the store goes, if it is disconnected and has no keys, those that wait for their deletion included. Nothing happens to the
//! proxy and to the keys outside.
//! Source: KMS API reference, `DeleteCustomKeyStore`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, ConnectionStateType, CustomKeyStoreHasCMKsException};

use crate::example;
use crate::model::{EXTERNAL_KEYS, KEY_STORES, KeyStoreIndex, key_store, located, wrong_connection};

pub(crate) struct DeleteCustomKeyStore;

impl Operation for DeleteCustomKeyStore {
    type Shape = wire::DeleteCustomKeyStore;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = Guard::any(view.account());
        Ok(located(()).need(wire::actions::DELETE_CUSTOM_KEY_STORE, any, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let (id, here) = (call.input().custom_key_store_id.clone(), call.here());
        // Read before its keys are looked for: a key is made only in a store that is connected, which this row's version rules out.
        let store = key_store(&id, call.view()).await?;
        if store.connection != ConnectionStateType::Disconnected {
            return Err(wrong_connection(&store, "DeleteCustomKeyStore").into());
        }
        let keys = EXTERNAL_KEYS.range_under(here, &id);
        if !call.view().page(&EXTERNAL_KEYS, keys, None, 1).await?.is_empty() {
            let message = format!("Custom key store {id} contains KMS keys.");
            return Err(CustomKeyStoreHasCMKsException::new(message).into());
        }
        call.commit(|tx, _| {
            let mut index = KeyStoreIndex::of(tx, here)?;
            index.forget(&id);
            index.keep(tx, here)?;
            tx.remove(&KEY_STORES, here, id.as_str())?;
            Ok(wire::DeleteCustomKeyStoreResponse::default())
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
    async fn the_store_is_gone_and_that_is_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let store = world.call("kms:CreateCustomKeyStore", crate::example::STORE).await.ok();
        let input = format!(r#"{{"CustomKeyStoreId": "{}"}}"#, store.text("/CustomKeyStoreId"));
        let answer = world.call("kms:DeleteCustomKeyStore", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {}
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df7-a4a9-2c8768b0163e",
          "eventName": "DeleteCustomKeyStore",
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
