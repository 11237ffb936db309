use std::collections::BTreeMap;

use alcazar_core::{AccountId, Arn, Declares, Region, Timestamp};
use alcazar_corridor::{Caller, Failure, Refusal, Tx};
use alcazar_store::{Record, Scope, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_kms::{GrantConstraints, GrantListEntry, GrantOperation, LimitExceededException};

use super::{KEYS, Key};

/// A grant: a principal may do some operations with a key, whatever the policies leave unsaid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) key_id: String,
    pub(crate) key_arn: Arn,
    pub(crate) name: Option<String>,
    /// A principal's ARN, or a service's name.
    pub(crate) grantee: String,
    /// The unique id of a grantee that is a user or role: another one of the same name has no part in the grant.
    #[serde(default)]
    pub(crate) grantee_id: Option<String>,
    /// A principal's ARN, or a service's name.
    pub(crate) retiring: Option<String>,
    /// The unique id of a retiring principal that is a user or role.
    #[serde(default)]
    pub(crate) retiring_id: Option<String>,
    /// The account that made it, as its root user's ARN.
    pub(crate) issuer: Arn,
    pub(crate) operations: Vec<GrantOperation>,
    /// The request's encryption context must hold these pairs at least.
    #[serde(default)]
    pub(crate) context_subset: Option<BTreeMap<String, String>>,
    /// The request's encryption context must be exactly this.
    #[serde(default)]
    pub(crate) context_equals: Option<BTreeMap<String, String>>,
    /// The resource on whose behalf a service must ask.
    #[serde(default)]
    pub(crate) source_arn: Option<String>,
    /// Made for a service's resource: `kms:GrantIsForAWSResource`.
    #[serde(default)]
    pub(crate) for_aws_resource: bool,
    pub(crate) created_at: Timestamp,
}

/// Which grants of a key name a principal: so that a decision looks at those alone.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Grantee {
    /// The ids of the grants.
    pub(crate) grants: Vec<String>,
}

/// A grant that a principal may retire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Retirable {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) key_id: String,
    pub(crate) grant: String,
}

/// How many grants a key has.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct GrantCount {
    pub(crate) grants: u32,
}

impl Record for Grant {}
impl Record for GrantCount {}
impl Record for Grantee {}
impl Record for Retirable {}

/// The grants, by key id and grant id.
pub(crate) static GRANTS: Table<(String, String), Grant> = Table::new("kms/grants", ScopeKind::Region);

/// The grants of a key by their grantee.
pub(crate) static GRANTEES: Table<(String, String), Grantee> = Table::new("kms/grantees", ScopeKind::Region);

/// The number of a key's grants, by key id: apart from the key's row, which every use of the key keeps at hand.
pub(crate) static GRANT_COUNTS: Table<str, GrantCount> = Table::new("kms/grant-counts", ScopeKind::Region);

/// The most grants of one key. Source: KMS Developer Guide, "Resource quotas".
pub(crate) const GRANT_LIMIT: u32 = 50_000;

/// The grants by Region and retiring principal, and by key and grant: of keys in any account.
pub(crate) static RETIRABLE: Table<(String, String), Retirable> =
    Table::new("kms/retirable", ScopeKind::Installation);

impl Grant {
    /// Whether that caller is the grantee, or a session of it.
    pub(crate) fn is_to(&self, caller: &Caller) -> bool {
        is_named(&self.grantee, self.grantee_id.as_deref(), caller)
    }

    /// Whether the grant itself lets that caller retire it: its retiring principal, its grantee where RetireGrant is among the operations,
    /// and the root user of the account that made it.
    /// Source: KMS API reference, `RetireGrant`.
    pub(crate) fn is_retirable_by(&self, caller: &Caller) -> bool {
        let retiring = self.retiring.as_ref();
        retiring.is_some_and(|name| is_named(name, self.retiring_id.as_deref(), caller))
            || (self.is_to(caller) && self.operations.contains(&GrantOperation::RetireGrant))
            || (caller.is_root() && caller.account().as_str() == self.issuer.account())
    }

    /// Whether it allows the operation with that encryption context. A constraint wants a context even where the operation has none.
    pub(crate) fn allows(&self, operation: &str, context: Option<&BTreeMap<String, String>>) -> bool {
        // No call here comes with a source yet: services that ask on a resource's behalf will bring it.
        self.source_arn.is_none()
            && self.operations.iter().any(|granted| granted.as_str() == operation)
            && (!has_context(operation) || self.is_met_by(context))
    }

    /// Whether the context meets the constraints.
    fn is_met_by(&self, context: Option<&BTreeMap<String, String>>) -> bool {
        let empty = BTreeMap::new();
        let given = context.unwrap_or(&empty);
        self.context_subset.as_ref().is_none_or(|wanted| holds(given, wanted))
            && self.context_equals.as_ref().is_none_or(|wanted| is_same_context(given, wanted))
    }

    /// Whether a grantee of this one may make that one: no other operations, and constraints that are at least as strict.
    /// Source: KMS Developer Guide, "Granting CreateGrant permission".
    pub(crate) fn covers(&self, child: &Self) -> bool {
        let narrower = match (&self.context_equals, &self.context_subset) {
            (Some(wanted), _) => {
                child.context_equals.as_ref().is_some_and(|held| is_same_context(held, wanted))
            }
            (None, Some(subset)) => {
                let held = child.context_equals.as_ref().or(child.context_subset.as_ref());
                held.is_some_and(|held| holds(held, subset))
            }
            (None, None) => true,
        };
        narrower
            && self.source_arn.is_none()
            && child.operations.iter().all(|operation| self.operations.contains(operation))
    }

    /// Whether that one says the same: a repeated CreateGrant with a name answers the grant that is there.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.grantee == other.grantee
            && self.retiring == other.retiring
            && self.issuer == other.issuer
            && self.operations == other.operations
            && self.context_subset == other.context_subset
            && self.context_equals == other.context_equals
            && self.source_arn == other.source_arn
    }

    /// The constraints, if there are any.
    pub(crate) fn constraints(&self) -> Option<GrantConstraints> {
        let constraints = GrantConstraints {
            encryption_context_subset: self.context_subset.clone(),
            encryption_context_equals: self.context_equals.clone(),
            source_arn: self.source_arn.clone(),
        };
        (constraints != GrantConstraints::default()).then_some(constraints)
    }

    /// Which constraint on the encryption context it has: `kms:GrantConstraintType`.
    pub(crate) fn constraint_type(&self) -> Option<String> {
        let kind = match (&self.context_equals, &self.context_subset) {
            (Some(_), _) => "EncryptionContextEquals",
            (None, Some(_)) => "EncryptionContextSubset",
            (None, None) => return None,
        };
        Some(kind.to_owned())
    }

    fn retirable(&self) -> Option<(String, String)> {
        let retiring = self.retiring.as_ref()?;
        Some((retirable_prefix(self.key_arn.region(), retiring), format!("{}/{}", self.key_id, self.id)))
    }
}

/// Whether a context has all of these pairs. In a grant's constraint the case of keys does not count; that of values does. No context has
/// two keys that differ in case alone. Source: KMS API reference, `GrantConstraints`.
fn holds(context: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(key, value)| {
        context.get(key) == Some(value)
            || context.iter().any(|(given, held)| given.eq_ignore_ascii_case(key) && held == value)
    })
}

/// Whether a context has these pairs and no other.
fn is_same_context(context: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    context.len() == wanted.len() && holds(context, wanted)
}

/// Whether the caller is that principal, or a session of that role.
fn is_named(name: &str, unique_id: Option<&str>, caller: &Caller) -> bool {
    let named = caller.arn().as_str() == name || caller.principal_arn().as_str() == name;
    let same = |id: &str| caller.user_id().split(':').next() == Some(id);
    named && unique_id.is_none_or(same)
}

/// Operations without an encryption context, to which constraints on it do not apply.
/// Source: KMS API reference, `GrantConstraints`.
fn has_context(operation: &str) -> bool {
    !matches!(operation, "DescribeKey" | "RetireGrant" | "CreateGrant" | "GetPublicKey")
}

/// The first part of the keys of [`RETIRABLE`].
pub(crate) fn retirable_prefix(region: &str, principal: &str) -> String {
    format!("{region}/{principal}")
}

/// Stores a new grant and what finds it, if the key may have another.
pub(crate) fn put_grant<S: Declares<LimitExceededException>>(
    tx: &mut Tx<'_>,
    scope: Scope,
    grant: &Grant,
) -> Result<(), Refusal<S>> {
    let used = grant_count(tx, scope, &grant.key_id)?;
    if used >= GRANT_LIMIT {
        let message = format!(
            "Grants per key quota for this account in this region is {GRANT_LIMIT}, current usage is {used}."
        );
        return Err(LimitExceededException::new(message).into());
    }
    put_grant_count(tx, scope, &grant.key_id, used + 1)?;
    tell_key(tx, scope, &grant.key_id)?;
    Ok(put_rows(tx, scope, grant)?)
}

/// The key's first grant is told by its row: decisions that are under way meanwhile have read that one.
fn tell_key(tx: &mut Tx<'_>, scope: Scope, key_id: &str) -> Result<(), Failure> {
    match tx.get(&KEYS, scope, key_id)? {
        Some(key) if !key.granted => tx.put(&KEYS, scope, key_id, &Key { granted: true, ..(*key).clone() }),
        _ => Ok(()),
    }
}

fn grant_count(tx: &Tx<'_>, scope: Scope, key_id: &str) -> Result<u32, Failure> {
    Ok(tx.get(&GRANT_COUNTS, scope, key_id)?.map_or(0, |count| count.grants))
}

fn put_grant_count(tx: &mut Tx<'_>, scope: Scope, key_id: &str, grants: u32) -> Result<(), Failure> {
    match grants {
        0 => tx.remove(&GRANT_COUNTS, scope, key_id),
        grants => tx.put(&GRANT_COUNTS, scope, key_id, &GrantCount { grants }),
    }
}

fn put_rows(tx: &mut Tx<'_>, scope: Scope, grant: &Grant) -> Result<(), Failure> {
    tx.put(&GRANTS, scope, &(grant.key_id.clone(), grant.id.clone()), grant)?;
    let by_grantee = (grant.key_id.clone(), grant.grantee.clone());
    let mut grantee = tx.get(&GRANTEES, scope, &by_grantee)?.map(|row| (*row).clone()).unwrap_or_default();
    grantee.grants.push(grant.id.clone());
    tx.put(&GRANTEES, scope, &by_grantee, &grantee)?;
    if let (Some(retirable), Scope::Region(account, region)) = (grant.retirable(), scope) {
        let row = Retirable { account, region, key_id: grant.key_id.clone(), grant: grant.id.clone() };
        tx.put(&RETIRABLE, Scope::Installation, &retirable, &row)?;
    }
    Ok(())
}

/// Removes a grant and what finds it.
pub(crate) fn end_grant(tx: &mut Tx<'_>, scope: Scope, grant: &Grant) -> Result<(), Failure> {
    let left = grant_count(tx, scope, &grant.key_id)?.saturating_sub(1);
    put_grant_count(tx, scope, &grant.key_id, left)?;
    tx.remove(&GRANTS, scope, &(grant.key_id.clone(), grant.id.clone()))?;
    let by_grantee = (grant.key_id.clone(), grant.grantee.clone());
    if let Some(row) = tx.get(&GRANTEES, scope, &by_grantee)? {
        let mut grantee = (*row).clone();
        grantee.grants.retain(|id| *id != grant.id);
        if grantee.grants.is_empty() {
            tx.remove(&GRANTEES, scope, &by_grantee)?;
        } else {
            tx.put(&GRANTEES, scope, &by_grantee, &grantee)?;
        }
    }
    if let Some(retirable) = grant.retirable() {
        tx.remove(&RETIRABLE, Scope::Installation, &retirable)?;
    }
    Ok(())
}

/// A grant as it is told. Source: KMS API reference, `GrantListEntry`.
pub(crate) fn entry(grant: &Grant) -> GrantListEntry {
    let is_principal = |name: &&String| name.starts_with("arn:");
    let retiring = grant.retiring.as_ref();
    GrantListEntry {
        key_id: Some(grant.key_arn.to_string()),
        grant_id: Some(grant.id.clone()),
        name: grant.name.clone(),
        creation_date: Some(grant.created_at),
        grantee_principal: Some(&grant.grantee).filter(is_principal).cloned(),
        retiring_principal: retiring.filter(is_principal).cloned(),
        issuing_account: Some(grant.issuer.to_string()),
        operations: Some(grant.operations.clone()),
        constraints: grant.constraints(),
        grantee_service_principal: Some(&grant.grantee).filter(|name| !is_principal(name)).cloned(),
        retiring_service_principal: retiring.filter(|name| !is_principal(name)).cloned(),
    }
}
