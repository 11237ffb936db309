//! A store is connected to its proxy: the proxy is asked for its health, and the store is CONNECTED, or FAILED with the reason.
//!
//! The outcome is recorded as a service event. AWS documents none for it; the name is that of the operation that asked.
//! Source: KMS API reference, `ConnectCustomKeyStore` and `CustomKeyStoresListEntry`.

use alcazar_corridor::{Committed, Done, Failure, Job, JobCall, ServiceEvent};
use wire_kms::{ConnectionErrorCodeType, ConnectionStateType};

use crate::model::{KEY_STORES, KeyStore, ProxyRow};
use crate::proxy::{Proxy, RequestMetadata, health};

pub(crate) struct ConnectKeyStore;

impl Job for ConnectKeyStore {
    const NAME: &'static str = "kms/connect-key-store";
    /// A proxy may take its time.
    const OUTSIDE: bool = true;

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let (scope, id) = (call.reminder().scope(), call.reminder().subject.clone());
        let store = call.view().get(&KEY_STORES, scope, id.as_str()).await?;
        let waits = |store: &KeyStore| store.connection == ConnectionStateType::Connecting;
        let Some(store) = store.filter(|store| waits(store)) else {
            return call.commit(None, |_| Ok(())).await;
        };
        let error = connect(&call, &store).await.err();
        let connection = match error {
            None => ConnectionStateType::Connected,
            Some(_) => ConnectionStateType::Failed,
        };
        let code = error.map(|code| format!(r#","connectionErrorCode":"{code}""#)).unwrap_or_default();
        let event = ServiceEvent {
            source: "kms.amazonaws.com",
            name: "ConnectCustomKeyStore",
            resource: None,
            details: format!(r#"{{"customKeyStoreId":"{id}","connectionState":"{connection}"{code}}}"#),
        };
        let store = KeyStore { connection, error, ..(*store).clone() };
        call.commit(Some(event), |tx| tx.put(&KEY_STORES, scope, id.as_str(), &store)).await
    }
}

async fn connect(call: &JobCall, store: &KeyStore) -> Result<(), ConnectionErrorCodeType> {
    let internal = |_| ConnectionErrorCodeType::InternalError;
    let secret = call.open(&ProxyRow::context(&store.id), &store.proxy.secret).map_err(internal)?;
    let circumstances = call.view().circumstances();
    let proxy = Proxy::new(&store.proxy, secret.expose(), call.outside(), circumstances).map_err(internal)?;
    let metadata = RequestMetadata::of_job("ConnectCustomKeyStore", call);
    health(&proxy, &metadata).await.map_err(|error| error.fault.connection_error())
}
