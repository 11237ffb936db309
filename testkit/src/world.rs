use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use alcazar_core::{AccountId, Region, SecretText, Timestamp};
use alcazar_corridor::{Arrival, Corridor, Entry, Registry, ServiceEntry, Universe, access_key_context};
use alcazar_directory::{ACCESS_KEYS, ACCOUNTS, AccessKey, Account, INSTALLATION, Installation, KeyOwner};
use alcazar_ports::{Clock, Databases, ManualClock, NoDatabases, SeededEntropy};
use alcazar_store::engines::faults::{FaultPlan, FaultyStore, seeded};
use alcazar_store::engines::memory::MemoryStore;
use alcazar_store::seal::Sealer;
use alcazar_store::{Frame, RecordClass, RecordQuery, Scope, Store};
use serde_json::Value;

use crate::request::{self, Credentials};
use crate::{Answer, Outside, answer};

/// The moment at which every world begins: 2026-11-22T12:00:00Z.
const BEGINNING: Timestamp = Timestamp::from_seconds(1_795_348_800);

/// A simulated installation with one account, and its root user's credentials.
pub struct World {
    /// The corridor under test.
    pub corridor: Arc<Corridor>,
    /// The clock; it stands still until it is moved.
    pub clock: Arc<ManualClock>,
    /// Everybody outside.
    pub outside: Arc<Outside>,
    /// The first account's root user.
    pub root: Credentials,
    /// The Region that calls go to.
    pub region: Region,
}

impl World {
    /// A world with these services, one account (111122223333) and an empty store in memory.
    pub async fn of(services: &[ServiceEntry]) -> Self {
        Self::over(services, Arc::new(MemoryStore::new()), 1).await
    }

    /// A world over that store, with randomness from that seed.
    pub async fn over(services: &[ServiceEntry], store: Arc<dyn Store>, seed: u64) -> Self {
        Self::beside(services, store, seed, Arc::new(NoDatabases)).await
    }

    /// A world over that store, with those databases beside it.
    pub async fn beside(
        services: &[ServiceEntry],
        store: Arc<dyn Store>,
        seed: u64,
        databases: Arc<dyn Databases>,
    ) -> Self {
        let clock = Arc::new(ManualClock::at(BEGINNING));
        let outside = Arc::new(Outside::default());
        let universe = Universe {
            clock: clock.clone(),
            entropy: Arc::new(SeededEntropy::new(seed)),
            databases,
            store,
            sealer: Arc::new(Sealer::new(&[7; 32])),
            http: outside.clone(),
            event_times: Arc::default(),
        };
        installation(&universe).await;
        let root = account(&universe, "111122223333", "AKIAROOTROOTROOTROOT").await;
        let corridor = Corridor::new(universe, Registry::new(services));
        Self { corridor, clock, outside, root, region: Region::default() }
    }

    /// Another account, with its root user's credentials.
    pub async fn account(&self, id: &str) -> Credentials {
        let access_key_id = format!("AKIA{id}ROOT");
        account(self.corridor.universe(), id, &access_key_id).await
    }

    /// Calls an operation as the first account's root user: `world.call("kms:CreateKey", "{}")`.
    pub async fn call(&self, operation: &str, input: &str) -> Answer {
        self.call_as(&self.root, operation, input).await
    }

    /// Calls an operation with those credentials.
    pub async fn call_as(&self, who: &Credentials, operation: &str, input: &str) -> Answer {
        let arrival = self.arrival(who, operation, input);
        self.send(arrival).await
    }

    /// The signed request of such a call, to be altered before it is sent.
    pub fn arrival(&self, who: &Credentials, operation: &str, input: &str) -> Arrival {
        let (service, name) = operation.split_once(':').expect("service:Operation");
        let input: Value = serde_json::from_str(input).expect("the input is JSON");
        let entry = self.corridor.registry().services().iter().find(|entry| entry.service.id == service);
        let service = entry.unwrap_or_else(|| panic!("no service {service} in this world")).service;
        let source = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
        let region = if service.global { self.region.global() } else { self.region };
        request::signed(service, name, &input, who, region, self.clock.wall(), source)
    }

    /// Sends a request as it is.
    pub async fn send(&self, arrival: Arrival) -> Answer {
        Answer::of(self.corridor.handle(arrival).await)
    }

    /// Makes the world of an operation's example in this one, and gives the example's input.
    pub async fn example(&mut self, entry: &Entry) -> String {
        let example = (entry.example)();
        let mut kept = Vec::new();
        for (operation, input, keep) in example.world {
            let (operation, elsewhere) = operation.split_once('@').unwrap_or((operation, ""));
            let home = self.region;
            self.region = Region::named(elsewhere).unwrap_or(home);
            let answer = self.call(operation, &filled(input, &kept)).await.ok();
            self.region = home;
            if !elsewhere.is_empty() {
                let _ = self.corridor.run_due().await.expect("the reminders can be read");
            }
            kept.extend(keep.iter().map(|(name, pointer)| (*name, answer.text(pointer))));
        }
        filled(example.input, &kept)
    }

    /// The same world from now on, with the program started anew over a store that fails by that plan; and the store.
    pub fn failing(&self, services: &[ServiceEntry], plan: FaultPlan, seed: u64) -> (Self, Arc<FaultyStore>) {
        let before = self.corridor.universe();
        let store = Arc::new(FaultyStore::new(before.store.clone(), plan, seeded(seed)));
        let universe = Universe { store: store.clone(), ..Universe::clone(before) };
        let world = Self {
            corridor: Corridor::new(universe, Registry::new(services)),
            clock: self.clock.clone(),
            outside: self.outside.clone(),
            root: self.root.clone(),
            region: self.region,
        };
        (world, store)
    }

    /// The newest audit records of the first account in the world's Region and in the global one, newest first, as indented JSON.
    pub async fn records(&self, count: usize) -> String {
        self.records_of("111122223333", count).await
    }

    /// The newest audit records of that account.
    pub async fn records_of(&self, account: &str, count: usize) -> String {
        let mut found = Vec::new();
        let mut regions = vec![self.region];
        if self.region != self.region.global() {
            regions.push(self.region.global());
        }
        for region in regions {
            let query = RecordQuery {
                class: RecordClass::Management,
                account: account.parse().expect("an account id"),
                region: Some(region),
                from: None,
                to: None,
                attribute: None,
                after: None,
                limit: count,
            };
            found.extend(self.corridor.universe().store.records(&query).await.expect("records").records);
        }
        found.sort_by_key(|(cursor, _)| std::cmp::Reverse(*cursor));
        found.iter().take(count).map(|(_, body)| answer::indented(body)).collect::<Vec<_>>().join("\n")
    }

    /// The answer and its audit record, as one text.
    pub async fn told(&self, answer: &Answer) -> String {
        format!("{answer}\n--- recorded\n{}", self.records(1).await)
    }

    /// Moves the services' time (and the world's) and runs every job that falls due.
    pub async fn pass(&self, time: Duration) -> usize {
        self.clock.advance(time);
        self.corridor.run_due().await.expect("the reminders can be read")
    }
}

/// An example's input with what was kept in the place of its names.
fn filled(input: &str, kept: &[(&str, String)]) -> String {
    kept.iter().fold(input.to_owned(), |input, (name, value)| input.replace(&format!("${{{name}}}"), value))
}

/// The secret of every access key of a test world.
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The installation's row: the first account administers it, and its clock may be moved.
async fn installation(universe: &Universe) {
    let row = Installation {
        created_at: universe.clock.now(),
        management_account: "111122223333".parse().expect("an account id"),
        movable_clock: true,
        ahead_millis: 0,
    };
    let key = INSTALLATION.key(Scope::Installation, Installation::KEY);
    let put = vec![(key, INSTALLATION.encode(&row).expect("encoded"))];
    universe.store.append(Frame { put, ..Frame::default() }).await.expect("the installation is made");
}

async fn account(universe: &Universe, id: &str, access_key_id: &str) -> Credentials {
    let id: AccountId = id.parse().expect("an account id");
    let account = Account {
        id,
        partition: "aws".to_owned(),
        name: "test".to_owned(),
        created_at: universe.clock.now(),
        alias: None,
        root_access_keys: vec![access_key_id.to_owned()],
    };
    let put = vec![(ACCOUNTS.key(Scope::Installation, &id), ACCOUNTS.encode(&account).expect("encoded"))];
    universe.store.append(Frame { put, ..Frame::default() }).await.expect("the account is made");
    access_key(universe, id, KeyOwner::Root, access_key_id).await
}

/// An access key of a user whose row is there.
pub(crate) async fn user_key(
    universe: &Universe,
    account: AccountId,
    name: &str,
    id: &str,
    key: &str,
) -> Credentials {
    let owner = KeyOwner::User { name: name.to_owned(), id: id.to_owned() };
    access_key(universe, account, owner, key).await
}

async fn access_key(universe: &Universe, account: AccountId, owner: KeyOwner, id: &str) -> Credentials {
    let key = AccessKey {
        id: id.to_owned(),
        account,
        owner,
        secret: universe.seal(&access_key_context(id), SECRET.as_bytes()).expect("sealed"),
        active: true,
        created_at: universe.clock.now(),
        gate: None,
    };
    let put = vec![(ACCESS_KEYS.key(Scope::Installation, id), ACCESS_KEYS.encode(&key).expect("encoded"))];
    universe.store.append(Frame { put, ..Frame::default() }).await.expect("the key is made");
    Credentials { access_key_id: id.to_owned(), secret: SecretText::new(SECRET.to_owned()), token: None }
}
