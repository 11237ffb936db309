use std::collections::BTreeMap;
use std::sync::Arc;

use alcazar_corridor::{Failure, Guard, View};
use alcazar_policy::{Policy, PolicyKind, ResourceTrust};

use super::{Found, GRANTEES, GRANTS, Grant, Key, default_policy};

/// CloudTrail's type of a key.
pub(crate) const KEY_KIND: &str = "AWS::KMS::Key";

/// How a found key guards itself against this operation: by its policy, without which nobody gets in, and by its grants. A key that is not
/// there is judged under the default policy, so that an administrator learns that it is missing and a stranger only that he may not.
pub(crate) async fn guard(
    found: &Found,
    operation: &str,
    context: Option<&BTreeMap<String, String>>,
    view: &View,
) -> Result<Guard, Failure> {
    guard_granted(found, view, |grant| grant.allows(operation, context)).await
}

/// The same, where a grant allows by more than its list of operations.
pub(crate) async fn guard_granted(
    found: &Found,
    view: &View,
    allows: impl Fn(&Grant) -> bool + Send,
) -> Result<Guard, Failure> {
    match found.found() {
        Some(key) => Ok(guard_with(found, is_granted(found, key, view, allows).await?)),
        None => Ok(guard_missing(found)),
    }
}

/// How a found key guards itself where it is already known whether a grant allows.
pub(crate) fn guard_with(found: &Found, granted: bool) -> Guard {
    match found.found() {
        Some(key) => guard_key(key).granted(granted),
        None => guard_missing(found),
    }
}

/// How a key guards itself against operations that AWS keeps to the key's own account: to others it has no policy, whatever it says.
/// Source: KMS Developer Guide, "AWS KMS permissions", column cross-account use.
pub(crate) fn guard_own(found: &Found, view: &View) -> Guard {
    match found.found() {
        Some(key) if key.account == view.account() => guard_key(key),
        Some(key) => Guard::new(key.arn.clone(), key.account)
            .kind(KEY_KIND)
            .trusting_nobody(ResourceTrust::KeyPolicy, None),
        None => guard_missing(found),
    }
}

/// A key's own account, policy, tags and properties.
pub(crate) fn guard_key(key: &Key) -> Guard {
    let guard = Guard::new(key.arn.clone(), key.account)
        .kind(KEY_KIND)
        .tags(key.tags.clone())
        .trusting_nobody(ResourceTrust::KeyPolicy, key.policy.compiled(PolicyKind::Resource).cloned())
        .key("kms:keyspec", key.spec.as_str())
        .key("kms:keyusage", key.usage.as_str())
        .key("kms:keyorigin", key.origin.as_str())
        .key("kms:multiregion", if key.regions.is_some() { "true" } else { "false" });
    let guard = match key.multi_region_type() {
        Some(kind) => guard.key("kms:multiregionkeytype", kind.as_str()),
        None => guard,
    };
    if key.aliases.is_empty() { guard } else { guard.key("kms:resourcealiases", key.aliases.clone()) }
}

/// How a key that is not there is guarded.
fn guard_missing(found: &Found) -> Guard {
    let text = default_policy(found.arn.partition(), found.owner);
    let policy = Policy::parse_stored(PolicyKind::Resource, &text).ok().map(Arc::new);
    Guard::new(found.arn.clone(), found.owner)
        .kind(KEY_KIND)
        .trusting_nobody(ResourceTrust::KeyPolicy, policy)
}

/// Whether a grant to the caller, or to the role behind its session, allows.
async fn is_granted(
    found: &Found,
    key: &Key,
    view: &View,
    allows: impl Fn(&Grant) -> bool + Send,
) -> Result<bool, Failure> {
    if !key.granted {
        return Ok(false);
    }
    let caller = view.caller();
    let mut names = vec![caller.arn().as_str()];
    if caller.principal_arn() != caller.arn() {
        names.push(caller.principal_arn().as_str());
    }
    for name in names {
        let named = (key.id.clone(), name.to_owned());
        let Some(grantee) = view.get(&GRANTEES, found.scope(), &named).await? else { continue };
        for id in &grantee.grants {
            let grant = view.get(&GRANTS, found.scope(), &(key.id.clone(), id.clone())).await?;
            if grant.is_some_and(|grant| grant.is_to(caller) && allows(&grant)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
