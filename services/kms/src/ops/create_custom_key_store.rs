//! CreateCustomKeyStore: a store whose keys are encrypted once more by a key outside, behind an external key store proxy. It begins
//! disconnected.
//!
//! The proxy is asked for its health before the store is made: it must be there, know the credential and have a key manager that works.
//! Unlike AWS, which reaches every proxy at port 443 of a public name, the endpoint may name a port, and on the machine itself it may be
//! plain HTTP. There are no CloudHSM clusters here and no VPC endpoint services, so whichever is named is not found.
//! Source: KMS API reference, `CreateCustomKeyStore`.

use alcazar_core::NoKeys;
use alcazar_core::id::hex;
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use wire_kms::{
    self as wire, CloudHsmClusterNotFoundException, ConnectionStateType, CustomKeyStoreType,
    LimitExceededException, XksProxyAuthenticationCredentialType, XksProxyConnectivityType,
    XksProxyVpcEndpointServiceNotFoundException,
};

use crate::model::{KEY_STORE_LIMIT, KEY_STORES, KeyStore, KeyStoreIndex, ProxyRow, TooMany, located};
use crate::proxy::{Proxy, RequestMetadata, health, store_refusal};

pub(crate) struct CreateCustomKeyStore;

impl Operation for CreateCustomKeyStore {
    type Shape = wire::CreateCustomKeyStore;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = Guard::any(view.account());
        let located = located(()).need(wire::actions::CREATE_CUSTOM_KEY_STORE, any.clone(), NoKeys);
        Ok(match input.cloud_hsm_cluster_id {
            Some(_) => located.need_of(wire::actions::CLOUDHSM_DESCRIBE_CLUSTERS, any, NoKeys),
            None => located,
        })
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        if input.custom_key_store_type.unwrap_or(CustomKeyStoreType::AwsCloudhsm)
            == CustomKeyStoreType::AwsCloudhsm
        {
            return Err(no_cluster(input));
        }
        let wanted = Wanted::of(input)?;
        // 68 random bits, as AWS's ids have.
        let id = format!("cks-{}", hex(&call.random::<9>()).get(1..).unwrap_or_default());
        let secret = wanted.credential.raw_secret_access_key.expose().as_bytes();
        let proxy = ProxyRow {
            endpoint: wanted.endpoint.to_owned(),
            path: wanted.path.to_owned(),
            access_key_id: wanted.credential.access_key_id.expose().to_owned(),
            secret: call.seal(&ProxyRow::context(&id), secret)?,
        };
        let index = KeyStoreIndex::read(call.view()).await?;
        index.has_room().map_err(limit)?;
        index.check_unique(&id, &input.custom_key_store_name, &proxy)?;
        let asked = Proxy::new(&proxy, secret, call.outside(), call.view().circumstances())?;
        health(&asked, &RequestMetadata::of_store(&call)).await.map_err(store_refusal)?;
        let store = KeyStore {
            id,
            name: input.custom_key_store_name.clone(),
            created_at: call.now(),
            connection: ConnectionStateType::Disconnected,
            error: None,
            proxy,
        };
        call.commit(|tx, call| {
            let mut index = KeyStoreIndex::of(tx, call.here())?;
            index.check_unique(&store.id, &store.name, &store.proxy)?;
            index.set(&store).map_err(limit)?;
            index.keep(tx, call.here())?;
            tx.put(&KEY_STORES, call.here(), store.id.as_str(), &store)?;
            Ok(wire::CreateCustomKeyStoreResponse { custom_key_store_id: Some(store.id.clone()) })
        })
        .await
    }

    fn example() -> Example {
        Example { world: &[], input: crate::example::STORE }
    }
}

type Refused = Refusal<wire::CreateCustomKeyStore>;

/// What an external key store needs.
struct Wanted<'a> {
    endpoint: &'a str,
    path: &'a str,
    credential: &'a XksProxyAuthenticationCredentialType,
}

impl<'a> Wanted<'a> {
    /// Which words AWS uses for what is missing is guessed.
    fn of(input: &'a Input<CreateCustomKeyStore>) -> Result<Self, Refused> {
        let needs = |what: &str| {
            Failure::validation(format!(
                "{what} is required for custom key stores of type EXTERNAL_KEY_STORE."
            ))
        };
        if input.cloud_hsm_cluster_id.is_some()
            || input.trust_anchor_certificate.is_some()
            || input.key_store_password.is_some()
        {
            let message = "CloudHsmClusterId, TrustAnchorCertificate and KeyStorePassword are not valid for custom key stores of type EXTERNAL_KEY_STORE.";
            return Err(Failure::validation(message).into());
        }
        let connectivity = input.xks_proxy_connectivity.ok_or_else(|| needs("XksProxyConnectivity"))?;
        let endpoint = input.xks_proxy_uri_endpoint.as_deref().ok_or_else(|| needs("XksProxyUriEndpoint"))?;
        let path = input.xks_proxy_uri_path.as_deref().ok_or_else(|| needs("XksProxyUriPath"))?;
        let credential = input.xks_proxy_authentication_credential.as_ref();
        let credential = credential.ok_or_else(|| needs("XksProxyAuthenticationCredential"))?;
        let service = input.xks_proxy_vpc_endpoint_service_name.as_deref();
        reachable(connectivity, service, |service| service.map(no_endpoint_service))?;
        Ok(Self { endpoint, path, credential })
    }
}

/// A public endpoint has no VPC endpoint service, and no VPC endpoint service can be found.
pub(crate) fn reachable<S>(
    connectivity: XksProxyConnectivityType,
    service: Option<&str>,
    not_found: impl FnOnce(Option<&str>) -> Option<Refusal<S>>,
) -> Result<(), Refusal<S>> {
    match (connectivity, service) {
        (XksProxyConnectivityType::PublicEndpoint, None) => Ok(()),
        (XksProxyConnectivityType::PublicEndpoint, Some(_)) => {
            let message = "XksProxyVpcEndpointServiceName is not valid when XksProxyConnectivity is PUBLIC_ENDPOINT.";
            Err(Failure::validation(message).into())
        }
        (XksProxyConnectivityType::VpcEndpointService, service) => Err(not_found(service).unwrap_or_else(|| {
            let message = "XksProxyVpcEndpointServiceName is required when XksProxyConnectivity is VPC_ENDPOINT_SERVICE.";
            Failure::validation(message).into()
        })),
    }
}

fn no_endpoint_service<S>(service: &str) -> Refusal<S>
where
    S: alcazar_core::Declares<XksProxyVpcEndpointServiceNotFoundException>,
{
    let message = format!("The VPC endpoint service {service} was not found.");
    XksProxyVpcEndpointServiceNotFoundException::new(message).into()
}

/// No cluster can be found, as there are none.
fn no_cluster(input: &Input<CreateCustomKeyStore>) -> Refused {
    match &input.cloud_hsm_cluster_id {
        Some(id) => {
            CloudHsmClusterNotFoundException::new(format!("The AWS CloudHSM cluster {id} was not found."))
                .into()
        }
        None => {
            Failure::validation("CloudHsmClusterId is required for custom key stores of type AWS_CLOUDHSM.")
                .into()
        }
    }
}

fn limit(_: TooMany) -> Refused {
    let message = format!(
        "You have reached the limit of {KEY_STORE_LIMIT} custom key stores in this account and Region."
    );
    LimitExceededException::new(message).into()
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::refusal;

    #[tokio::test]
    async fn the_store_is_named_and_its_credential_is_not_recorded() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("kms:CreateCustomKeyStore", crate::example::STORE).await;
        insta::assert_snapshot!(world.told(&answer).await, @r#"
        200
        {
          "CustomKeyStoreId": "cks-c7654ecfd7b0b623b"
        }
        --- recorded
        {
          "awsRegion": "us-east-1",
          "eventCategory": "Management",
          "eventID": "01a20320-a200-74ac-816a-f38f59d2ddeb",
          "eventName": "CreateCustomKeyStore",
          "eventSource": "kms.amazonaws.com",
          "eventTime": "2026-11-22T12:00:00Z",
          "eventType": "AwsApiCall",
          "eventVersion": "1.11",
          "managementEvent": true,
          "readOnly": false,
          "recipientAccountId": "111122223333",
          "requestID": "532deabf-8872-4cb4-b995-ab5a9cd49bf9",
          "requestParameters": {
            "customKeyStoreName": "outside",
            "customKeyStoreType": "EXTERNAL_KEY_STORE",
            "xksProxyAuthenticationCredential": {},
            "xksProxyConnectivity": "PUBLIC_ENDPOINT",
            "xksProxyUriEndpoint": "https://xks.example.com",
            "xksProxyUriPath": "/test/kms/xks/v1"
          },
          "responseElements": {
            "customKeyStoreId": "cks-c7654ecfd7b0b623b"
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
    async fn what_is_missing_or_cannot_be_is_told() {
        let world = World::of(&[crate::SERVICE]).await;
        let external = r#""CustomKeyStoreName": "a", "CustomKeyStoreType": "EXTERNAL_KEY_STORE""#;
        let at = r#""XksProxyUriEndpoint": "https://xks.example.com", "XksProxyUriPath": "/kms/xks/v1""#;
        let credential = r#""XksProxyAuthenticationCredential": {"AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": "an/external/key/store/proxys/secret/example/"}"#;
        let public = r#""XksProxyConnectivity": "PUBLIC_ENDPOINT""#;
        let private = r#""XksProxyConnectivity": "VPC_ENDPOINT_SERVICE""#;
        let service = r#""XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1""#;
        let mut told = Vec::new();
        for input in [
            r#"{"CustomKeyStoreName": "a", "CloudHsmClusterId": "cluster-aaaaaaaaaaa", "KeyStorePassword": "password", "TrustAnchorCertificate": "x"}"#.to_owned(),
            r#"{"CustomKeyStoreName": "a"}"#.to_owned(),
            format!("{{{external}}}"),
            format!("{{{external}, {public}}}"),
            format!("{{{external}, {public}, {at}}}"),
            format!("{{{external}, {public}, {at}, {credential}, {service}}}"),
            format!("{{{external}, {public}, {at}, {credential}, \"KeyStorePassword\": \"password\"}}"),
            format!("{{{external}, {private}, {at}, {credential}}}"),
            format!("{{{external}, {private}, {at}, {credential}, {service}}}"),
        ] {
            told.push(refusal(&world, "kms:CreateCustomKeyStore", &input).await);
        }
        insta::assert_snapshot!(told.join("\n"), @"
        400 CloudHsmClusterNotFoundException: The AWS CloudHSM cluster cluster-aaaaaaaaaaa was not found.
        400 ValidationException: CloudHsmClusterId is required for custom key stores of type AWS_CLOUDHSM.
        400 ValidationException: XksProxyConnectivity is required for custom key stores of type EXTERNAL_KEY_STORE.
        400 ValidationException: XksProxyUriEndpoint is required for custom key stores of type EXTERNAL_KEY_STORE.
        400 ValidationException: XksProxyAuthenticationCredential is required for custom key stores of type EXTERNAL_KEY_STORE.
        400 ValidationException: XksProxyVpcEndpointServiceName is not valid when XksProxyConnectivity is PUBLIC_ENDPOINT.
        400 ValidationException: CloudHsmClusterId, TrustAnchorCertificate and KeyStorePassword are not valid for custom key stores of type EXTERNAL_KEY_STORE.
        400 ValidationException: XksProxyVpcEndpointServiceName is required when XksProxyConnectivity is VPC_ENDPOINT_SERVICE.
        400 XksProxyVpcEndpointServiceNotFoundException: The VPC endpoint service com.amazonaws.vpce.us-east-1.vpce-svc-1 was not found.
        ");
        assert!(world.outside.sent().is_empty(), "nobody is asked for what cannot be");
    }
}
