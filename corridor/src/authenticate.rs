//! Who calls? Proven by Signature Version 4 over the request as it stood on the wire.

use std::sync::Arc;

use alcazar_core::{AccountId, Arn, Region, SecretText};
use alcazar_directory::{ACCESS_KEYS, ACCOUNTS, KeyOwner, ROLES, USERS, name_key};
use alcazar_sigv4::{
    Dialect, Endpoint, PayloadHash, Presented, Request, SignatureError, SigningKey, SigningKeyCache, sha256,
    verify,
};
use alcazar_store::{KeyPart, Record, Scope, Table};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::generations::Generations;
use crate::view::decoded;
use crate::{Arrival, Caller, Credential, Failure, Principal, Session, SessionPrincipal, Universe};

/// How many signing keys and opened session tokens are kept.
const CACHED: usize = 16_384;

/// The stage, with what it remembers between calls.
pub(crate) struct Authenticator {
    signing_keys: SigningKeyCache,
    sessions: Generations<Box<str>, Arc<Session>>,
}

/// What a request says of its signer, before it is believed.
pub(crate) struct Claim<'a> {
    pub(crate) request: Request<'a>,
    pub(crate) presented: Result<Presented<'a>, SignatureError>,
}

/// A proven caller.
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    pub(crate) region: Region,
}

/// Why nobody was proven.
pub(crate) enum Refused {
    /// The signature or the credential.
    Signature(SignatureError),
    /// Something inside.
    Failure(Failure),
}

impl From<SignatureError> for Refused {
    fn from(error: SignatureError) -> Self {
        Self::Signature(error)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Authenticator {
    pub(crate) fn new() -> Self {
        Self { signing_keys: SigningKeyCache::new(CACHED), sessions: Generations::new(CACHED) }
    }

    /// Proves the caller of a request to the service of that signing name.
    pub(crate) async fn prove(
        &self,
        universe: &Universe,
        arrival: &Arrival,
        claim: &Claim<'_>,
        signing_name: &str,
        dialect: Dialect,
    ) -> Result<Authenticated, Refused> {
        let request = &claim.request;
        let presented = claim.presented.as_ref().map_err(Clone::clone)?;
        let region = Region::named(presented.scope().region);
        let wall = alcazar_sigv4::Timestamp::from_unix(universe.clock.wall().seconds());
        let endpoint = Endpoint {
            service: signing_name,
            // A Region that is not served is told as a wrong scope, with the default one as the right one.
            region: region.is_none().then(|| Region::default().name()),
            dialect,
            now: wall,
        };
        let checked = presented.check(request, &endpoint)?;
        let Some(region) = region else { return Err(SignatureError::Mismatch.into()) };
        let holder = self.holder(universe, presented.access_key_id(), presented.token(), region).await?;
        let body = PayloadHash::Sha256(sha256(&arrival.body));
        let (id, scope) = (presented.access_key_id(), presented.scope());
        match self.signing_keys.get(id, scope) {
            Some(key) => drop(verify(request, &checked, &key, body)?),
            None => {
                let key = Arc::new(derived(universe, presented, &holder.secret)?);
                verify(request, &checked, &key, body)?;
                // Only a key that has proven itself is kept: others would push out those that are in use.
                self.signing_keys.keep(id, scope, key);
            }
        }
        Ok(Authenticated { caller: holder.caller, region })
    }

    /// The holder of an access key, long-term or temporary.
    async fn holder(
        &self,
        universe: &Universe,
        access_key_id: &str,
        token: Option<&str>,
        region: Region,
    ) -> Result<Holder, Refused> {
        match token {
            None => long_term(universe, access_key_id, region).await,
            Some(token) => self.temporary(universe, access_key_id, token, region).await,
        }
    }

    async fn temporary(
        &self,
        universe: &Universe,
        access_key_id: &str,
        token: &str,
        region: Region,
    ) -> Result<Holder, Refused> {
        let session = match self.sessions.get(token) {
            Some(session) => session,
            None => {
                let session = Arc::new(open_token(universe, token).ok_or(SignatureError::InvalidToken)?);
                self.sessions.insert(token.into(), session.clone());
                session
            }
        };
        if session.access_key_id != access_key_id {
            return Err(SignatureError::InvalidToken.into());
        }
        if universe.clock.now() >= session.expires_at {
            return Err(SignatureError::ExpiredToken.into());
        }
        let caller = session_caller(universe, &session, region).await?.ok_or(SignatureError::InvalidToken)?;
        Ok(Holder { secret: Secret::Session(session), caller })
    }
}

fn derived(universe: &Universe, presented: &Presented<'_>, secret: &Secret) -> Result<SigningKey, Refused> {
    match secret {
        Secret::Session(session) => Ok(SigningKey::of(presented, session.secret.expose())),
        Secret::Sealed(sealed) => {
            let opened = universe.open(&access_key_context(presented.access_key_id()), sealed)?;
            let secret =
                std::str::from_utf8(opened.expose()).map_err(|e| Refused::from(Failure::internal(e)))?;
            Ok(SigningKey::of(presented, secret))
        }
    }
}

struct Holder {
    caller: Caller,
    secret: Secret,
}

enum Secret {
    Sealed(alcazar_directory::Sealed),
    Session(Arc<Session>),
}

async fn long_term(universe: &Universe, id: &str, region: Region) -> Result<Holder, Refused> {
    let unknown = || SignatureError::UnknownAccessKey(id.to_owned());
    let key = read(universe, &ACCESS_KEYS, Scope::Installation, id).await?.ok_or_else(unknown)?;
    if !key.active {
        return Err(unknown().into());
    }
    let credential = Credential { access_key_id: key.id.clone(), session: None };
    let principal = match &key.owner {
        KeyOwner::Root => Principal::Root,
        KeyOwner::User { name, id } => {
            let user = read(universe, &USERS, Scope::Account(key.account), name_key(name).as_str()).await?;
            Principal::User(user.filter(|user| user.id == *id).ok_or_else(unknown)?)
        }
    };
    let caller = identified(principal, key.account, region, credential);
    exists(universe, key.account).await?.then_some(()).ok_or_else(unknown)?;
    Ok(Holder { caller, secret: Secret::Sealed(key.secret.clone()) })
}

async fn session_caller(
    universe: &Universe,
    session: &Arc<Session>,
    region: Region,
) -> Result<Option<Caller>, Failure> {
    let account = session.account;
    let scope = Scope::Account(account);
    if !exists(universe, account).await? {
        return Ok(None);
    }
    let principal = match &session.principal {
        SessionPrincipal::Root => Some(Principal::Root),
        SessionPrincipal::User { name, id } => {
            let user = read(universe, &USERS, scope, name_key(name).as_str()).await?;
            user.filter(|user| user.id == *id).map(Principal::User)
        }
        SessionPrincipal::Role { name, id } => {
            let role = read(universe, &ROLES, scope, name_key(name).as_str()).await?;
            let role = role.filter(|role| role.id == *id);
            role.map(|role| Principal::Role { role, session: session.clone() })
        }
        SessionPrincipal::Federated { user: None } => {
            Some(Principal::Federated { user: None, session: session.clone() })
        }
        SessionPrincipal::Federated { user: Some((name, id)) } => {
            let user = read(universe, &USERS, scope, name_key(name).as_str()).await?;
            let user = user.filter(|user| user.id == *id);
            user.map(|user| Principal::Federated { user: Some(user), session: session.clone() })
        }
    };
    let credential =
        || Credential { access_key_id: session.access_key_id.clone(), session: Some(session.clone()) };
    Ok(principal.map(|principal| identified(principal, account, region, credential())))
}

fn identified(principal: Principal, account: AccountId, region: Region, credential: Credential) -> Caller {
    let partition = region.partition().name;
    let sts = |resource: String| Arn::new(partition, "sts", "", account.as_str(), &resource);
    let arn = match &principal {
        Principal::User(user) => user.arn.clone(),
        Principal::Role { role, session } => sts(format!("assumed-role/{}/{}", role.name, session.name)),
        Principal::Federated { session, .. } => sts(format!("federated-user/{}", session.name)),
        Principal::Root | Principal::Service(_) => Arn::new(partition, "iam", "", account.as_str(), "root"),
    };
    Caller { principal, account, arn, credential: Some(credential) }
}

async fn exists(universe: &Universe, account: AccountId) -> Result<bool, Failure> {
    Ok(read(universe, &ACCOUNTS, Scope::Installation, &account).await?.is_some())
}

/// Reads a row for authentication: outside of any call's view, since there is no call yet. That the caller still exists is
/// looked at again when its policies are collected.
async fn read<K, R>(
    universe: &Universe,
    table: &Table<K, R>,
    scope: Scope,
    key: &K,
) -> Result<Option<Arc<R>>, Failure>
where
    K: KeyPart + ?Sized,
    R: Record,
{
    let key = table.key(scope, key);
    let row = match universe.store.cached(key.as_bytes()) {
        Some(row) => row,
        None => universe.store.get(key.as_bytes()).await?,
    };
    decoded(table, &row)
}

/// The context under which an access key's secret is sealed.
pub fn access_key_context(id: &str) -> Vec<u8> {
    format!("directory/access-key/{id}").into_bytes()
}

/// A secret access key as AWS makes them: forty characters of base64, from thirty random bytes.
pub fn access_key_secret(random: [u8; 30]) -> SecretText {
    SecretText::new(STANDARD.encode(random))
}

const TOKEN_CONTEXT: &[u8] = b"corridor/session-token";

/// The token of a session: the session itself, sealed, in base64.
pub(crate) fn seal_token(universe: &Universe, session: &Session) -> Result<SecretText, Failure> {
    let plain = zeroize::Zeroizing::new(rmp_serde::to_vec_named(session).map_err(Failure::internal)?);
    Ok(SecretText::new(STANDARD.encode(&universe.seal(TOKEN_CONTEXT, &plain)?.0)))
}

fn open_token(universe: &Universe, token: &str) -> Option<Session> {
    let sealed = alcazar_directory::Sealed(STANDARD.decode(token).ok()?);
    let plain = universe.open(TOKEN_CONTEXT, &sealed).ok()?;
    rmp_serde::from_slice(plain.expose()).ok()
}
