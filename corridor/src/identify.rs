//! Whose credential is it? Read anew for every attempt at a call, through the call's own reader: a key made inactive, a user
//! renamed or a role deleted meanwhile is noticed before anything is committed.

use std::sync::Arc;

use alcazar_core::{AccountId, Arn, Region};
use alcazar_directory::{ACCESS_KEYS, ACCOUNTS, AccessKey, KeyOwner, ROLES, USERS, User, name_key};
use alcazar_store::Scope;

use crate::reader::Reader;
use crate::{Caller, Credential, Failure, Principal, Session, SessionPrincipal};

/// The holder of a credential as the rows say now, with the row of a long-term key; `None` when there is none any more, or none in the Region's partition: an account
/// lives in one partition, and its ARNs, on which policies decide, are never those of another.
pub(crate) async fn identify(
    reader: &Reader,
    credential: &Credential,
    region: Region,
) -> Result<Option<(Caller, Option<Arc<AccessKey>>)>, Failure> {
    match &credential.session {
        None => long_term(reader, credential, region).await,
        Some(session) => {
            let Some(principal) = of_session(reader, session).await? else { return Ok(None) };
            if !lives(reader, session.account, region).await? {
                return Ok(None);
            }
            Ok(Some((identified(principal, session.account, region, credential), None)))
        }
    }
}

async fn long_term(
    reader: &Reader,
    credential: &Credential,
    region: Region,
) -> Result<Option<(Caller, Option<Arc<AccessKey>>)>, Failure> {
    let key = reader.get(&ACCESS_KEYS, Scope::Installation, credential.access_key_id.as_str()).await?;
    let Some(key) = key.filter(|key| key.active) else { return Ok(None) };
    let principal = match &key.owner {
        KeyOwner::Root => Principal::Root,
        KeyOwner::User { name, id } => match user(reader, key.account, name, id).await? {
            Some(user) => Principal::User(user),
            None => return Ok(None),
        },
    };
    if !lives(reader, key.account, region).await? {
        return Ok(None);
    }
    Ok(Some((identified(principal, key.account, region, credential), Some(key))))
}

async fn of_session(reader: &Reader, session: &Arc<Session>) -> Result<Option<Principal>, Failure> {
    let account = session.account;
    Ok(match &session.principal {
        SessionPrincipal::Root => Some(Principal::Root),
        SessionPrincipal::User { name, id } => user(reader, account, name, id).await?.map(Principal::User),
        SessionPrincipal::Role { name, id } => {
            let role = reader.get(&ROLES, Scope::Account(account), name_key(name).as_str()).await?;
            let role = role.filter(|role| role.id == *id);
            role.map(|role| Principal::Role { role, session: session.clone() })
        }
        SessionPrincipal::Federated { user: None } => {
            Some(Principal::Federated { user: None, session: session.clone() })
        }
        SessionPrincipal::Federated { user: Some((name, id)) } => {
            let user = user(reader, account, name, id).await?;
            user.map(|user| Principal::Federated { user: Some(user), session: session.clone() })
        }
    })
}

/// The user of that name, if it is still the same one.
async fn user(
    reader: &Reader,
    account: AccountId,
    name: &str,
    id: &str,
) -> Result<Option<Arc<User>>, Failure> {
    let user = reader.get(&USERS, Scope::Account(account), name_key(name).as_str()).await?;
    Ok(user.filter(|user| user.id == id))
}

async fn lives(reader: &Reader, account: AccountId, region: Region) -> Result<bool, Failure> {
    let account = reader.get(&ACCOUNTS, Scope::Installation, &account).await?;
    Ok(account.is_some_and(|account| account.partition == region.partition().name))
}

fn identified(principal: Principal, account: AccountId, region: Region, credential: &Credential) -> Caller {
    let partition = region.partition().name;
    let sts = |resource: String| Arn::new(partition, "sts", "", account.as_str(), &resource);
    let arn = match &principal {
        Principal::User(user) => user.arn.clone(),
        Principal::Role { role, session } => sts(format!("assumed-role/{}/{}", role.name, session.name)),
        Principal::Federated { session, .. } => sts(format!("federated-user/{}", session.name)),
        Principal::Root | Principal::Service(_) => Arn::new(partition, "iam", "", account.as_str(), "root"),
    };
    Caller { principal, account, arn, credential: Some(credential.clone()) }
}
