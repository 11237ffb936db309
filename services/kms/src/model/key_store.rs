//! Custom key stores: their rows, their names and addresses, and the state of their connection.
//! Source: KMS API reference, `CreateCustomKeyStore` and `CustomKeyStoresListEntry`.

use std::sync::Arc;

use alcazar_core::{Declares, SecretText, Timestamp};
use alcazar_corridor::{Failure, Refusal, Tx, View};
use alcazar_directory::Sealed;
use alcazar_store::{Record, Scope, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_kms::{
    ConnectionErrorCodeType, ConnectionStateType, CustomKeyStoreInvalidStateException,
    CustomKeyStoreNameInUseException, CustomKeyStoreNotFoundException, CustomKeyStoreType,
    CustomKeyStoresListEntry, XksProxyConfigurationType, XksProxyConnectivityType, XksProxyUriInUseException,
};

/// An external key store: the only kind that there is, as there are no CloudHSM clusters here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyStore {
    /// `cks-` and 17 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_at: Timestamp,
    pub(crate) connection: ConnectionStateType,
    /// Why the connection failed.
    #[serde(default)]
    pub(crate) error: Option<ConnectionErrorCodeType>,
    pub(crate) proxy: ProxyRow,
}

/// Where the proxy is, and by what it knows us.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ProxyRow {
    /// `https://xks.example.com`, without a slash at its end.
    pub(crate) endpoint: String,
    /// `/prefix/kms/xks/v1`.
    pub(crate) path: String,
    pub(crate) access_key_id: String,
    /// The secret access key, sealed for this store.
    pub(crate) secret: Sealed,
}

/// The stores of an account in a Region, as far as they must differ: one row, so that two that are made at once see each other.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct KeyStoreIndex {
    stores: Vec<Listed>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Listed {
    id: String,
    name: String,
    address: String,
}

/// Which KMS key an external key is the other half of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ExternalKey {
    pub(crate) key_id: String,
}

impl Record for KeyStore {}
impl Record for KeyStoreIndex {}
impl Record for ExternalKey {}

/// The custom key stores of an account in a Region, by id.
pub(crate) static KEY_STORES: Table<str, KeyStore> = Table::new("kms/key-stores", ScopeKind::Region);

/// One row for each account and Region.
static INDEX: Table<str, KeyStoreIndex> = Table::new("kms/key-store-index", ScopeKind::Region);
const ONLY: &str = "stores";

/// The external keys that are taken, by store and name.
pub(crate) static EXTERNAL_KEYS: Table<(String, String), ExternalKey> =
    Table::new("kms/external-keys", ScopeKind::Region);

/// How many custom key stores an account has in a Region. Source: KMS Developer Guide, "Resource quotas".
pub(crate) const KEY_STORE_LIMIT: usize = 10;

/// The quota is used up.
pub(crate) struct TooMany;

impl KeyStore {
    /// Whether somebody has disconnected it, or nobody ever connected it.
    pub(crate) fn is_disconnected(&self) -> bool {
        matches!(self.connection, ConnectionStateType::Disconnected | ConnectionStateType::Disconnecting)
    }

    /// Keys are made and used in it only while it is connected.
    pub(crate) fn is_connected(&self) -> bool {
        self.connection == ConnectionStateType::Connected
    }

    /// As DescribeCustomKeyStores tells it.
    pub(crate) fn entry(&self) -> CustomKeyStoresListEntry {
        CustomKeyStoresListEntry {
            custom_key_store_id: Some(self.id.clone()),
            custom_key_store_name: Some(self.name.clone()),
            connection_state: Some(self.connection),
            connection_error_code: self.error,
            creation_date: Some(self.created_at),
            custom_key_store_type: Some(CustomKeyStoreType::ExternalKeyStore),
            xks_proxy_configuration: Some(XksProxyConfigurationType {
                connectivity: Some(XksProxyConnectivityType::PublicEndpoint),
                access_key_id: Some(SecretText::new(self.proxy.access_key_id.clone())),
                uri_endpoint: Some(self.proxy.endpoint.clone()),
                uri_path: Some(self.proxy.path.clone()),
                ..XksProxyConfigurationType::default()
            }),
            ..CustomKeyStoresListEntry::default()
        }
    }
}

impl ProxyRow {
    /// The place that the secret of this store is sealed for.
    pub(crate) fn context(store_id: &str) -> Vec<u8> {
        format!("kms/key-store/{store_id}").into_bytes()
    }

    /// Endpoint and path in one spelling: names of hosts know no case, and 443 goes without saying.
    fn address(&self) -> String {
        let endpoint = self.endpoint.to_ascii_lowercase();
        let endpoint = match endpoint.strip_prefix("https://").and_then(|rest| rest.strip_suffix(":443")) {
            Some(host) => format!("https://{host}"),
            None => endpoint,
        };
        format!("{endpoint}{}", self.path)
    }
}

impl KeyStoreIndex {
    /// The stores as a call sees them before it changes anything.
    pub(crate) async fn read(view: &View) -> Result<Arc<Self>, Failure> {
        Ok(view.get(&INDEX, view.here(), ONLY).await?.unwrap_or_default())
    }

    /// The stores as a change sees them.
    pub(crate) fn of(tx: &Tx<'_>, scope: Scope) -> Result<Self, Failure> {
        let row = tx.get(&INDEX, scope, ONLY)?;
        Ok(row.map(|row| (*row).clone()).unwrap_or_default())
    }

    /// Writes them.
    pub(crate) fn keep(&self, tx: &mut Tx<'_>, scope: Scope) -> Result<(), Failure> {
        tx.put(&INDEX, scope, ONLY, self)
    }

    /// One more, or one changed.
    pub(crate) fn set(&mut self, store: &KeyStore) -> Result<(), TooMany> {
        let listed =
            Listed { id: store.id.clone(), name: store.name.clone(), address: store.proxy.address() };
        if let Some(known) = self.stores.iter_mut().find(|other| other.id == store.id) {
            *known = listed;
            return Ok(());
        }
        self.has_room()?;
        self.stores.push(listed);
        Ok(())
    }

    /// One less.
    pub(crate) fn forget(&mut self, id: &str) {
        self.stores.retain(|listed| listed.id != id);
    }

    /// The id of the store of that name.
    pub(crate) fn named(&self, name: &str) -> Option<&str> {
        self.stores.iter().find(|listed| listed.name == name).map(|listed| listed.id.as_str())
    }

    /// Whether another one could still be made.
    pub(crate) fn has_room(&self) -> Result<(), TooMany> {
        if self.stores.len() < KEY_STORE_LIMIT { Ok(()) } else { Err(TooMany) }
    }

    /// Name and address of a store must be its own. Which words AWS uses is guessed.
    pub(crate) fn check_unique<S>(&self, id: &str, name: &str, proxy: &ProxyRow) -> Result<(), Refusal<S>>
    where
        S: Declares<CustomKeyStoreNameInUseException> + Declares<XksProxyUriInUseException>,
    {
        let address = proxy.address();
        for other in self.stores.iter().filter(|other| other.id != id) {
            if other.name == name {
                let message = format!("Custom key store name {name} is already in use.");
                return Err(CustomKeyStoreNameInUseException::new(message).into());
            }
            if other.address == address {
                let message = format!(
                    "The XksProxyUriEndpoint {} and XksProxyUriPath {} are already in use by another external key store.",
                    proxy.endpoint, proxy.path
                );
                return Err(XksProxyUriInUseException::new(message).into());
            }
        }
        Ok(())
    }
}

/// The store of that id, for a caller who may know.
pub(crate) async fn key_store<S>(id: &str, view: &View) -> Result<Arc<KeyStore>, Refusal<S>>
where
    S: Declares<CustomKeyStoreNotFoundException>,
{
    let store = view.get(&KEY_STORES, view.here(), id).await?;
    store.ok_or_else(|| no_key_store(id).into())
}

/// Changes a store's row: the row as it is then.
pub(crate) fn change_key_store<S>(
    tx: &mut Tx<'_>,
    scope: Scope,
    id: &str,
    change: impl FnOnce(&mut Tx<'_>, &mut KeyStore) -> Result<(), Refusal<S>>,
) -> Result<(), Refusal<S>>
where
    S: Declares<CustomKeyStoreNotFoundException>,
{
    let row = tx.get(&KEY_STORES, scope, id)?.ok_or_else(|| no_key_store(id))?;
    let mut store = (*row).clone();
    change(tx, &mut store)?;
    Ok(tx.put(&KEY_STORES, scope, id, &store)?)
}

/// There is no such store. AWS's words are guessed.
pub(crate) fn no_key_store(id: &str) -> CustomKeyStoreNotFoundException {
    CustomKeyStoreNotFoundException::new(format!("Custom key store {id} was not found."))
}

/// The store's connection does not allow that. AWS's words are guessed.
pub(crate) fn wrong_connection(store: &KeyStore, operation: &str) -> CustomKeyStoreInvalidStateException {
    let state = store.connection;
    CustomKeyStoreInvalidStateException::new(format!(
        "{operation} is not valid for custom key store {} while its connection state is {state}.",
        store.id
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        let address = |endpoint: &str| {
            let proxy = ProxyRow {
                endpoint: endpoint.to_owned(),
                path: "/A/kms/xks/v1".to_owned(),
                access_key_id: String::new(),
                secret: Sealed(Vec::new()),
            };
            proxy.address()
        };
        assert_eq!(address("https://XKS.example.com:443"), address("https://xks.example.com"));
        assert_ne!(address("http://localhost:443"), address("http://localhost"));
        assert_ne!(address("https://xks.example.com:8443"), address("https://xks.example.com"));
    }
}
