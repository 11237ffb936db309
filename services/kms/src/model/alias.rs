use alcazar_core::{AccountId, Arn, Declares, Region, Timestamp};
use alcazar_corridor::{Call, Failure, Guard, Operation, Refusal, View};
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_kms::{InvalidAliasNameException, LimitExceededException, NotFoundException};

use super::Key;

/// Another name for a key, in one account and Region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Alias {
    /// `alias/...`.
    pub(crate) name: String,
    /// The key it stands for.
    pub(crate) key_id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Record for Alias {}

/// The aliases of an account in a Region, by name.
pub(crate) static ALIASES: Table<str, Alias> = Table::new("kms/aliases", ScopeKind::Region);

/// The ARN of an alias.
pub(crate) fn alias_arn(name: &str, account: AccountId, region: Region) -> Arn {
    Arn::new(region.partition().name, "kms", region.name(), account.as_str(), name)
}

/// An alias as a resource: it has no policy of its own, IAM decides.
pub(crate) fn alias_guard(name: &str, view: &View) -> Guard {
    Guard::new(alias_arn(name, view.account(), view.region()), view.account()).kind("AWS::KMS::Alias")
}

/// A name that a caller may give to an alias. `alias/aws/` is for AWS managed keys.
/// Source: KMS API reference, `CreateAlias`, AliasName.
pub(crate) fn checked_alias<S: Declares<InvalidAliasNameException>>(name: &str) -> Result<(), Refusal<S>> {
    let Some(bare) = name.strip_prefix("alias/") else {
        let message = "Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";
        return Err(Failure::validation(message).into());
    };
    if bare.is_empty() {
        return Err(InvalidAliasNameException::new("alias/ names nothing.").into());
    }
    if bare.starts_with("aws/") {
        return Err(
            InvalidAliasNameException::new(format!("{name} is reserved for AWS managed keys.")).into()
        );
    }
    if bare.contains(':') {
        return Err(Failure::validation(format!("{name} contains invalid characters for an alias")).into());
    }
    Ok(())
}

/// The most aliases of one key. Source: KMS Developer Guide, "Resource quotas".
const ALIAS_LIMIT: usize = 50;

/// Names the alias in its key's row.
pub(crate) fn add_alias<S: Declares<LimitExceededException>>(
    key: &mut Key,
    name: &str,
) -> Result<(), Refusal<S>> {
    if key.aliases.iter().any(|held| held == name) {
        return Ok(());
    }
    if key.aliases.len() >= ALIAS_LIMIT {
        let used = key.aliases.len();
        let message = format!(
            "Aliases per key quota for this account in this region is {ALIAS_LIMIT}, current usage is {used}."
        );
        return Err(LimitExceededException::new(message).into());
    }
    key.aliases.push(name.to_owned());
    Ok(())
}

/// There is no such alias in the caller's account and the called Region.
pub(crate) fn missing_alias<O: Operation>(name: &str, call: &Call<O>) -> NotFoundException {
    let arn = alias_arn(name, call.account(), call.region());
    NotFoundException::new(format!("Alias {arn} is not found."))
}
