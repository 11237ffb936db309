use alcazar_core::{AccountId, Timestamp};
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};

/// An account of this installation. Its root user is a principal by being.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The partition it lives in: all its ARNs carry it, and it is called in that partition's Regions alone.
    #[serde(default = "first_partition")]
    pub partition: String,
    /// The name given at creation.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// The alias for sign-in, at most one.
    #[serde(default)]
    pub alias: Option<String>,
    /// The root user's access keys, at most two.
    #[serde(default)]
    pub root_access_keys: Vec<String>,
}

/// Who holds an account alias: aliases are unique in the installation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountAlias {
    /// The holder.
    pub account: AccountId,
}

fn first_partition() -> String {
    "aws".to_owned()
}

impl Record for Account {}
impl Record for AccountAlias {}

/// The accounts.
pub static ACCOUNTS: Table<AccountId, Account> = Table::new("directory/accounts", ScopeKind::Installation);

/// The aliases.
pub static ACCOUNT_ALIASES: Table<str, AccountAlias> =
    Table::new("directory/account-aliases", ScopeKind::Installation);
