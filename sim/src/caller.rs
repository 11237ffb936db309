//! Who calls, and what they may.

use std::collections::BTreeMap;

use alcazar_core::{AccountId, SecretText, Timestamp};
use alcazar_corridor::{Universe, access_key_context};
use alcazar_directory::{ACCESS_KEYS, AccessKey, KeyOwner, PolicyDocument, USERS, User};
use alcazar_store::{Frame, Scope};
use alcazar_testkit::{Credentials, World};

/// The account that most callers belong to.
pub(crate) const ACCOUNT: &str = "111122223333";
/// Another account.
pub(crate) const OTHER: &str = "444455556666";
/// The user whose policy comes and goes while it calls.
pub(crate) const CHANGING: &str = "changing";
/// The user whom roles trust.
pub(crate) const READER: &str = "reader";
/// What the changing user may do while its policy is there, and the reader always.
pub(crate) const READS: &[&str] = &["cloudtrail:LookupEvents", "alcazar:GetClock", "alcazar:ListAccounts"];

/// What the reader may do besides, and its sessions too: roles trust it by name, and keys' grants may name it.
const GIVEN: &[&str] = &["sts:AssumeRole", "kms:Encrypt", "kms:Decrypt"];

/// The secret access key of the users made here.
pub(crate) const USER_SECRET: &str = "simUserSecretAccessKey/simUserSecretKEY0";

/// Somebody who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) credentials: Credentials,
    pub(crate) rights: Rights,
    /// When the credentials expire, if they do.
    pub(crate) expires_at: Option<Timestamp>,
}

/// An upper bound of what a caller may do, kept apart from the policies that say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rights {
    /// Everything in its own account.
    Everything,
    /// These operations.
    Only(&'static [&'static str]),
    /// [`READS`], at moments.
    Changing,
    /// Nothing that needs a right.
    Nothing,
    /// Nothing at all: its signatures are wrong.
    Forged,
}

impl Caller {
    /// Whether the caller could ever be allowed to call an operation that needs a right.
    pub(crate) fn might(&self, operation: &str) -> bool {
        // The installation's resources belong to the first account.
        let administers = self.account == ACCOUNT || !operation.starts_with("alcazar:");
        match self.rights {
            Rights::Everything => administers,
            Rights::Only(operations) => {
                operations.contains(&operation) || (self.is_reader() && GIVEN.contains(&operation))
            }
            Rights::Changing => READS.contains(&operation),
            Rights::Nothing | Rights::Forged => false,
        }
    }

    fn is_reader(&self) -> bool {
        self.name.split('\'').next() == Some(READER)
    }

    /// Whether its credentials have expired by then.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether its signatures are good.
    pub(crate) fn is_authentic(&self) -> bool {
        self.rights != Rights::Forged
    }
}

/// Everybody who calls in a world, made before anything can fail.
pub(crate) async fn all(world: &World) -> Vec<Caller> {
    let universe = world.corridor.universe();
    let stranger = world.account(OTHER).await;
    for (name, policy) in [(READER, Some(reads())), ("nobody", None), (CHANGING, None)] {
        make(universe, name, policy).await;
    }
    let caller = |name: &str, account: &str, credentials, rights| Caller {
        name: name.to_owned(),
        account: account.to_owned(),
        credentials,
        rights,
        expires_at: None,
    };
    let forged = Credentials { secret: SecretText::new("not the secret".to_owned()), ..world.root.clone() };
    vec![
        caller("root", ACCOUNT, world.root.clone(), Rights::Everything),
        caller("root-too", ACCOUNT, world.root.clone(), Rights::Everything),
        caller("stranger", OTHER, stranger, Rights::Everything),
        caller(READER, ACCOUNT, user_credentials(READER), Rights::Only(READS)),
        caller("nobody", ACCOUNT, user_credentials("nobody"), Rights::Nothing),
        caller(CHANGING, ACCOUNT, user_credentials(CHANGING), Rights::Changing),
        caller("forger", ACCOUNT, forged, Rights::Forged),
    ]
}

/// A policy that allows [`READS`].
pub(crate) fn reads() -> PolicyDocument {
    let actions = READS.iter().map(|action| format!("\"{action}\"")).collect::<Vec<_>>().join(",");
    PolicyDocument::new(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}]}}"#
    ))
}

/// The row of a user of the first account.
pub(crate) fn user(name: &str, policy: Option<PolicyDocument>, at: Timestamp) -> User {
    User {
        name: name.to_owned(),
        path: "/".to_owned(),
        id: format!("AIDA{}", padded(name)),
        arn: format!("arn:aws:iam::{ACCOUNT}:user/{name}").parse().expect("an ARN"),
        created_at: at,
        tags: Default::default(),
        permissions_boundary: None,
        groups: Vec::new(),
        attached: Vec::new(),
        inline: policy.map(|policy| BTreeMap::from([("reads".to_owned(), policy)])).unwrap_or_default(),
        access_keys: vec![access_key_id(name)],
    }
}

pub(crate) fn account() -> AccountId {
    ACCOUNT.parse().expect("an account id")
}

async fn make(universe: &Universe, name: &str, policy: Option<PolicyDocument>) {
    let at = universe.clock.now();
    let id = access_key_id(name);
    let user = user(name, policy, at);
    let key = AccessKey {
        id: id.clone(),
        account: account(),
        owner: KeyOwner::User { name: name.to_owned(), id: user.id.clone() },
        secret: universe.seal(&access_key_context(&id), USER_SECRET.as_bytes()).expect("sealed"),
        active: true,
        created_at: at,
        gate: None,
    };
    let put = vec![
        (USERS.key(Scope::Account(account()), name), USERS.encode(&user).expect("encoded")),
        (ACCESS_KEYS.key(Scope::Installation, &id), ACCESS_KEYS.encode(&key).expect("encoded")),
    ];
    universe.store.append(Frame { put, ..Frame::default() }).await.expect("the user is made");
}

fn user_credentials(name: &str) -> Credentials {
    let secret = SecretText::new(USER_SECRET.to_owned());
    Credentials { access_key_id: access_key_id(name), secret, token: None }
}

fn access_key_id(name: &str) -> String {
    format!("AKIA{}", padded(name))
}

fn padded(name: &str) -> String {
    let name: String = name.to_uppercase().chars().filter(char::is_ascii_alphabetic).collect();
    format!("{name:X<16}")
}
