//! DescribeCustomKeyStores: the account's custom key stores in this Region, or the one of that id or name. The secret of a proxy is never told, the
//! name of the secret is.
//! Source: KMS API reference, `DescribeCustomKeyStores`.

use alcazar_core::NoKeys;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use wire_kms::{self as wire, CustomKeyStoreNotFoundException};

use crate::example;
use crate::model::{KEY_STORES, KeyStoreIndex, Listed, key_store, limit, list_rows, located};

pub(crate) struct DescribeCustomKeyStores;

impl Operation for DescribeCustomKeyStores {
    type Shape = wire::DescribeCustomKeyStores;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = Guard::any(view.account());
        Ok(located(()).need(wire::actions::DESCRIBE_CUSTOM_KEY_STORES, any, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let page = match (&input.custom_key_store_id, &input.custom_key_store_name) {
            (Some(_), Some(_)) => {
                let message = "You can specify CustomKeyStoreId or CustomKeyStoreName, but not both.";
                return Err(Failure::validation(message).into());
            }
            (Some(id), None) => one(&call, id).await?,
            (None, Some(name)) => {
                let index = KeyStoreIndex::read(call.view()).await?;
                let message = || format!("Custom key store {name} was not found.");
                let id = index.named(name).ok_or_else(|| CustomKeyStoreNotFoundException::new(message()))?;
                one(&call, id).await?
            }
            (None, None) => {
                let (range, marker) = (KEY_STORES.range(call.here()), input.marker.as_deref());
                list_rows(&call, &KEY_STORES, range, "", marker, limit(input.limit, 100, 1000)).await?
            }
        };
        let answer = wire::DescribeCustomKeyStoresResponse {
            custom_key_stores: Some(page.items.iter().map(|store| store.entry()).collect()),
            truncated: Some(page.next.is_some()),
            next_marker: page.next,
        };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::STORED, input: r#"{"CustomKeyStoreId": "${store}"}"# }
    }
}

/// The one store of that id.
async fn one(
    call: &Call<DescribeCustomKeyStores>,
    id: &str,
) -> Result<Listed<std::sync::Arc<crate::model::KeyStore>>, Refusal<wire::DescribeCustomKeyStores>> {
    Ok(Listed { items: vec![key_store(id, call.view()).await?], next: None })
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::refusal;

    #[tokio::test]
    async fn stores_are_told_without_their_secrets() {
        let world = World::of(&[crate::SERVICE]).await;
        let _ = world.call("kms:CreateCustomKeyStore", crate::example::STORE).await.ok();
        let answer = world.call("kms:DescribeCustomKeyStores", r#"{"CustomKeyStoreName": "outside"}"#).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "CustomKeyStores": [
            {
              "ConnectionState": "DISCONNECTED",
              "CreationDate": 1795348800,
              "CustomKeyStoreId": "cks-c7654ecfd7b0b623b",
              "CustomKeyStoreName": "outside",
              "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
              "XksProxyConfiguration": {
                "AccessKeyId": "ABCDEFGHIJKLMNOPQRST",
                "Connectivity": "PUBLIC_ENDPOINT",
                "UriEndpoint": "https://xks.example.com",
                "UriPath": "/test/kms/xks/v1"
              }
            }
          ],
          "Truncated": false
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-7df7-a4a9-2c8768b0163e",
          "eventName": "DescribeCustomKeyStores",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": true,
          "recipientAccountId": "111122223333",
          "requestID": "adf21c03-41a4-4fca-b200-c2668f4b0412",
          "requestParameters": {
            "customKeyStoreName": "outside"
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

    #[tokio::test]
    async fn one_is_named_in_one_way() {
        let world = World::of(&[crate::SERVICE]).await;
        let both = r#"{"CustomKeyStoreId": "cks-1", "CustomKeyStoreName": "one"}"#;
        assert_eq!(
            refusal(&world, "kms:DescribeCustomKeyStores", both).await,
            "400 ValidationException: You can specify CustomKeyStoreId or CustomKeyStoreName, but not both."
        );
        assert_eq!(
            refusal(&world, "kms:DescribeCustomKeyStores", r#"{"CustomKeyStoreName": "one"}"#).await,
            "400 CustomKeyStoreNotFoundException: Custom key store one was not found."
        );
    }
}
