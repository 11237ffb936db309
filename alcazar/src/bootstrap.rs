//! The store's first moment: the seal, the first account and its root user's access key, in one frame. And every later start: is
//! it the store it is taken for?

use std::sync::Arc;

use alcazar_core::id::{UniqueIdPrefix, unique_id};
use alcazar_core::{AccountId, Region, SecretText};
use alcazar_corridor::{Universe, access_key_context, access_key_secret};
use alcazar_directory::{ACCESS_KEYS, ACCOUNTS, AccessKey, Account, INSTALLATION, Installation, KeyOwner};
use alcazar_ports::{Clock, Databases, Entropy, Http, array};
use alcazar_store::seal::Sealer;
use alcazar_store::{Frame, KeyPart, Record, Row, Scope, Store, Table, Version};

use crate::configuration::{Configuration, Presets, SealSource, Secrets};
use crate::credentials::RootFile;
use crate::seal::{self, ROW, SEAL};
use crate::terminal;

/// A store that is what it is taken for.
pub(crate) struct Opened {
    pub(crate) universe: Universe,
    /// The root user's credentials, of a store that was just created.
    pub(crate) created: Option<RootFile>,
}

/// The real world around a store.
pub(crate) struct Ports {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) http: Arc<dyn Http>,
    pub(crate) databases: Arc<dyn Databases>,
}

impl Ports {
    fn around(self, store: Arc<dyn Store>, sealer: Sealer) -> Universe {
        let Self { clock, entropy, http, databases } = self;
        let (sealer, event_times) = (Arc::new(sealer), Arc::default());
        Universe { clock, entropy, http, databases, store, sealer, event_times }
    }
}

/// Opens the store's contents, or makes them in an empty one.
///
/// # Errors
/// In words for the operator: a wrong seal, a clock of the other kind, presets that differ, a store that cannot be read or
/// written.
pub(crate) async fn open(
    configuration: &Configuration,
    secrets: &Secrets,
    store: Arc<dyn Store>,
    ports: Ports,
) -> Result<Opened, String> {
    let presets = Wanted::of(&secrets.presets)?;
    let installation = read(&*store, &INSTALLATION, Installation::KEY).await?;
    let sealed = read(&*store, &SEAL, ROW).await?;
    match (installation, sealed) {
        (None, None) => create(configuration, secrets, presets, store, ports).await,
        (Some(installation), Some(sealed)) => {
            check_clock(configuration, &installation)?;
            let sealer = seal::open(&configuration.seal, secrets, &sealed)?;
            ports.clock.set_ahead(installation.ahead());
            let universe = ports.around(store, sealer);
            check_presets(&universe, &installation, &presets).await?;
            Ok(Opened { universe, created: None })
        }
        _ => Err("this folder holds a store that another program has made".to_owned()),
    }
}

/// What the environment wants the root user to be, in types.
#[derive(Default)]
struct Wanted {
    account: Option<AccountId>,
    key: Option<(String, SecretText)>,
}

impl Wanted {
    fn of(presets: &Presets) -> Result<Self, String> {
        let account = presets.account_id.as_deref().map(str::parse).transpose();
        let account = account.map_err(|error| format!("ALCAZAR_ACCOUNT_ID: {error}"))?;
        let key = match (&presets.access_key_id, &presets.secret_access_key) {
            (Some(id), Some(secret)) => Some((checked_id(id)?, checked_secret(secret)?)),
            (None, None) => None,
            _ => {
                return Err("ALCAZAR_ROOT_ACCESS_KEY_ID and ALCAZAR_ROOT_SECRET_ACCESS_KEY belong together"
                    .to_owned());
            }
        };
        Ok(Self { account, key })
    }
}

/// IAM's own bounds of an access key id (IAM API reference, `AccessKey`).
fn checked_id(id: &str) -> Result<String, String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if (16..=128).contains(&id.len()) && id.bytes().all(allowed) {
        return Ok(id.to_owned());
    }
    Err("ALCAZAR_ROOT_ACCESS_KEY_ID: an access key id has 16 to 128 letters, digits and underscores"
        .to_owned())
}

fn checked_secret(secret: &SecretText) -> Result<SecretText, String> {
    let text = secret.expose();
    if (16..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(secret.clone());
    }
    Err("ALCAZAR_ROOT_SECRET_ACCESS_KEY: a secret has 16 to 128 visible ASCII characters".to_owned())
}

async fn create(
    configuration: &Configuration,
    secrets: &Secrets,
    wanted: Wanted,
    store: Arc<dyn Store>,
    ports: Ports,
) -> Result<Opened, String> {
    let (sealer, sealed) = seal::create(&configuration.seal, secrets, &*ports.entropy)?;
    let universe = ports.around(store, sealer);
    let random = &*universe.entropy;
    let account_id = wanted
        .account
        .unwrap_or_else(|| AccountId::from_number(u64::from_be_bytes(array(random)) % 1_000_000_000_000));
    let (key_id, secret) = wanted.key.unwrap_or_else(|| {
        (unique_id(UniqueIdPrefix::AccessKey, array(random)), access_key_secret(array(random)))
    });
    let created_at = universe.clock.wall();
    let partition = Region::named(&configuration.region).unwrap_or_default().partition().name;
    let account = Account {
        id: account_id,
        partition: partition.to_owned(),
        name: "management".to_owned(),
        created_at,
        alias: None,
        root_access_keys: vec![key_id.clone()],
    };
    let key = AccessKey {
        id: key_id.clone(),
        account: account_id,
        owner: KeyOwner::Root,
        secret: universe.seal(&access_key_context(&key_id), secret.expose().as_bytes()).map_err(told)?,
        active: true,
        created_at,
        gate: None,
    };
    let installation = Installation {
        created_at,
        management_account: account_id,
        movable_clock: configuration.test_clock,
        ahead_millis: 0,
    };
    let mut frame = Frame { expect_empty: vec![INSTALLATION.everywhere()], ..Frame::default() };
    put(&mut frame, &SEAL, ROW, &sealed)?;
    put(&mut frame, &INSTALLATION, Installation::KEY, &installation)?;
    put(&mut frame, &ACCOUNTS, &account_id, &account)?;
    put(&mut frame, &ACCESS_KEYS, key_id.as_str(), &key)?;
    let created =
        RootFile { account_id: account_id.to_string(), access_key_id: key_id, secret_access_key: secret };
    // Before the store: a secret that nobody has been told is worse than a file about a store that did not come to be.
    if keeps_root(&configuration.seal) {
        created.keep(&configuration.folders.root())?;
    }
    universe.store.append(frame).await.map_err(|error| error.to_string())?;
    Ok(Opened { universe, created: Some(created) })
}

/// Beside a seal file the secret is kept: whoever reads the one may read the other and open the store with it. With another seal
/// it is kept only where nobody sees it printed.
fn keeps_root(seal: &SealSource) -> bool {
    matches!(seal, SealSource::File(_)) || !terminal::is_watched()
}

fn check_clock(configuration: &Configuration, installation: &Installation) -> Result<(), String> {
    match (configuration.test_clock, installation.movable_clock) {
        (false, true) => Err(
            "this store was created with --test-clock: its time may have been moved, and it is only ever \
                              served with --test-clock"
                .to_owned(),
        ),
        (true, false) => {
            Err("this store was not created with --test-clock: its time is the world's and stays so"
                .to_owned())
        }
        _ => Ok(()),
    }
}

/// Presets must be what the store was created with: they are no way to change it.
async fn check_presets(
    universe: &Universe,
    installation: &Installation,
    wanted: &Wanted,
) -> Result<(), String> {
    if wanted.account.is_some_and(|account| account != installation.management_account) {
        let account = installation.management_account;
        return Err(format!(
            "ALCAZAR_ACCOUNT_ID differs from the account {account} that this store was created with"
        ));
    }
    let Some((id, secret)) = &wanted.key else { return Ok(()) };
    let row = read(&*universe.store, &ACCESS_KEYS, id.as_str()).await?;
    let of_root =
        |key: &AccessKey| key.owner == KeyOwner::Root && key.account == installation.management_account;
    let key = row.filter(of_root).ok_or_else(|| {
        format!("ALCAZAR_ROOT_ACCESS_KEY_ID differs: {id} is no access key of this store's root user")
    })?;
    let known = universe.open(&access_key_context(id), &key.secret).map_err(told)?;
    if alcazar_sigv4::sha256(known.expose()) != alcazar_sigv4::sha256(secret.expose().as_bytes()) {
        return Err(format!("ALCAZAR_ROOT_SECRET_ACCESS_KEY differs from the secret of {id} in this store"));
    }
    Ok(())
}

fn put<K: KeyPart + ?Sized, R: Record>(
    frame: &mut Frame,
    table: &Table<K, R>,
    key: &K,
    record: &R,
) -> Result<(), String> {
    let key = table.key(Scope::Installation, key);
    frame.expect.push((key.clone(), Version::ABSENT));
    frame.put.push((key, table.encode(record).map_err(told)?));
    Ok(())
}

async fn read<K: KeyPart + ?Sized, R: Record>(
    store: &dyn Store,
    table: &Table<K, R>,
    key: &K,
) -> Result<Option<R>, String> {
    let key = table.key(Scope::Installation, key);
    let row: Arc<Row> = store.get(key.as_bytes()).await.map_err(told)?;
    row.exists().then(|| table.decode(&row.value)).transpose().map_err(told)
}

fn told(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}
