use alcazar_core::{Fault, Timestamp};
use alcazar_corridor::{Call, Failure, Operation, Tx};
use alcazar_store::{Record, Scope, ScopeKind, Table};
use serde::{Deserialize, Serialize};

/// The AWS managed key of a service. KMS makes it when somebody describes it, which needs a call as the caller; so a service remembers
/// where it has asked.
pub struct ManagedKey {
    alias: &'static str,
    asked: Table<str, FirstUse>,
}

/// That the AWS managed key was asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct FirstUse {
    /// When it was first asked for.
    since: Timestamp,
}

impl Record for FirstUse {}

impl ManagedKey {
    /// The key of that alias; the table `service/default-keys` holds in which accounts and Regions it was asked for.
    pub const fn new(alias: &'static str, table: &'static str) -> Self {
        Self { alias, asked: Table::new(table, ScopeKind::Region) }
    }

    /// Its alias, `alias/aws/...`.
    pub const fn alias(&self) -> &'static str {
        self.alias
    }

    /// Has KMS make it, by the name under which the caller's account knows it, unless that was done in this scope. Whether it was the
    /// first time: then the change that follows is to [`ManagedKey::note`] it.
    ///
    /// # Errors
    /// KMS's refusal; or the store cannot be read.
    pub async fn first_use<O: Operation>(
        &self,
        call: &Call<O>,
        scope: Scope,
        named: String,
    ) -> Result<bool, Fault> {
        let asked = call.view().get(&self.asked, scope, self.alias).await;
        if asked.map_err(Failure::into_fault)?.is_some() {
            return Ok(false);
        }
        call.ask::<wire_kms::DescribeKey>(wire_kms::DescribeKeyRequest::new(named)).await?;
        Ok(true)
    }

    /// Remembers that it is there.
    ///
    /// # Errors
    /// Pass it on with `?`.
    pub fn note(&self, tx: &mut Tx<'_>, scope: Scope) -> Result<(), Failure> {
        tx.put(&self.asked, scope, self.alias, &FirstUse { since: tx.now() })
    }
}

impl std::fmt::Debug for ManagedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ManagedKey({})", self.alias)
    }
}
