//! UpdateCustomKeyStore: another name, or another proxy.
//!
//! The name, the path and the credential may change while the store is connected, the rest only while it is disconnected. Whatever concerns the proxy
//! is tried first: it must answer under its new address and credential.
//! Source: KMS API reference, `UpdateCustomKeyStore`; Developer Guide, "Edit external key store properties".

use alcazar_core::NoKeys;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use wire_kms::{
    self as wire, ConnectionStateType, XksProxyConnectivityType, XksProxyVpcEndpointServiceNotFoundException,
};

use super::create_custom_key_store::reachable;
use crate::example;
use crate::model::{
    KeyStore, KeyStoreIndex, ProxyRow, change_key_store, key_store, located, wrong_connection,
};
use crate::proxy::{Proxy, RequestMetadata, health, store_refusal};

pub(crate) struct UpdateCustomKeyStore;

impl Operation for UpdateCustomKeyStore {
    type Shape = wire::UpdateCustomKeyStore;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = Guard::any(view.account());
        let located = located(()).need(wire::actions::UPDATE_CUSTOM_KEY_STORE, any.clone(), NoKeys);
        Ok(match input.cloud_hsm_cluster_id {
            Some(_) => located.need_of(wire::actions::CLOUDHSM_DESCRIBE_CLUSTERS, any, NoKeys),
            None => located,
        })
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let old = key_store(&input.custom_key_store_id, call.view()).await?;
        checked(input, &old)?;
        let store = KeyStore {
            name: input.new_custom_key_store_name.clone().unwrap_or_else(|| old.name.clone()),
            proxy: proxy(&call, &old.proxy)?,
            ..(*old).clone()
        };
        let index = KeyStoreIndex::read(call.view()).await?;
        index.check_unique(&store.id, &store.name, &store.proxy)?;
        if concerns_proxy(input) {
            let secret = call.open(&ProxyRow::context(&store.id), &store.proxy.secret)?;
            let circumstances = call.view().circumstances();
            let asked = Proxy::new(&store.proxy, secret.expose(), call.outside(), circumstances)?;
            health(&asked, &RequestMetadata::of_store(&call)).await.map_err(store_refusal)?;
        }
        call.commit(|tx, call| {
            let mut index = KeyStoreIndex::of(tx, call.here())?;
            index.check_unique(&store.id, &store.name, &store.proxy)?;
            // It is among them already, so there is room.
            let _ = index.set(&store);
            index.keep(tx, call.here())?;
            change_key_store(tx, call.here(), &store.id, |_, row| {
                row.clone_from(&store);
                Ok(())
            })?;
            Ok(wire::UpdateCustomKeyStoreResponse::default())
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: example::STORED,
            input: r#"{"CustomKeyStoreId": "${store}", "NewCustomKeyStoreName": "renamed"}"#,
        }
    }
}

type Refused = Refusal<wire::UpdateCustomKeyStore>;

/// Whether these properties may change now. AWS's words are guessed.
fn checked(input: &Input<UpdateCustomKeyStore>, store: &KeyStore) -> Result<(), Refused> {
    if input.cloud_hsm_cluster_id.is_some() || input.key_store_password.is_some() {
        let message = "CloudHsmClusterId and KeyStorePassword are valid only for custom key stores of type AWS_CLOUDHSM.";
        return Err(Failure::validation(message).into());
    }
    if input.new_custom_key_store_name.is_none()
        && !concerns_proxy(input)
        && input.xks_proxy_vpc_endpoint_service_name.is_none()
    {
        return Err(Failure::validation("At least one property to update is required.").into());
    }
    let anytime = input.xks_proxy_uri_endpoint.is_none() && input.xks_proxy_connectivity.is_none();
    let fits = match store.connection {
        ConnectionStateType::Disconnected => true,
        ConnectionStateType::Connected => anytime,
        _ => false,
    };
    if !fits {
        return Err(wrong_connection(store, "UpdateCustomKeyStore").into());
    }
    let connectivity = input.xks_proxy_connectivity.unwrap_or(XksProxyConnectivityType::PublicEndpoint);
    reachable(connectivity, input.xks_proxy_vpc_endpoint_service_name.as_deref(), |service| {
        let message = format!("The VPC endpoint service {} was not found.", service?);
        Some(XksProxyVpcEndpointServiceNotFoundException::new(message).into())
    })
}

fn concerns_proxy(input: &Input<UpdateCustomKeyStore>) -> bool {
    input.xks_proxy_uri_endpoint.is_some()
        || input.xks_proxy_uri_path.is_some()
        || input.xks_proxy_authentication_credential.is_some()
        || input.xks_proxy_connectivity.is_some()
}

/// The proxy as it is to be.
fn proxy(call: &Call<UpdateCustomKeyStore>, old: &ProxyRow) -> Result<ProxyRow, Refused> {
    let input = call.input();
    let mut proxy = old.clone();
    if let Some(endpoint) = &input.xks_proxy_uri_endpoint {
        proxy.endpoint.clone_from(endpoint);
    }
    if let Some(path) = &input.xks_proxy_uri_path {
        proxy.path.clone_from(path);
    }
    if let Some(credential) = &input.xks_proxy_authentication_credential {
        let secret = credential.raw_secret_access_key.expose().as_bytes();
        credential.access_key_id.expose().clone_into(&mut proxy.access_key_id);
        proxy.secret = call.seal(&ProxyRow::context(&input.custom_key_store_id), secret)?;
    }
    Ok(proxy)
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn the_new_credential_is_tried_and_not_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let store = world.call("kms:CreateCustomKeyStore", crate::example::STORE).await.ok();
        let input = format!(
            r#"{{"CustomKeyStoreId": "{}", "XksProxyAuthenticationCredential": {{"AccessKeyId": "ABCDEFGHIJKLMNOPQRSTU", "RawSecretAccessKey": "another/external/key/store/proxys/secret/ex"}}}}"#,
            store.text("/CustomKeyStoreId")
        );
        let _ = world.outside.sent();
        let answer = world.call("kms:UpdateCustomKeyStore", &input).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {}
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-760e-944f-eb894b153ea4",
          "eventName": "UpdateCustomKeyStore",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "adf21c03-41a4-4fca-b200-c2668f4b0412",
          "requestParameters": {
            "customKeyStoreId": "cks-c7654ecfd7b0b623b",
            "xksProxyAuthenticationCredential": {}
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
        let sent = world.outside.sent();
        assert_eq!(sent.len(), 1);
        let claim = sent[0].headers()["authorization"].to_str().unwrap();
        assert!(claim.contains("Credential=ABCDEFGHIJKLMNOPQRSTU/"), "{claim}");
    }
}
