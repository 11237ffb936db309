use std::time::Duration;

use alcazar_core::{AccountId, Timestamp};
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};

/// The installation itself: one row, made with the store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Installation {
    /// When the store was created.
    pub created_at: Timestamp,
    /// The first account: it administers the installation.
    pub management_account: AccountId,
    /// Made for tests: the services' clock may be moved. Fixed at creation.
    pub movable_clock: bool,
    /// How far the services' time is ahead of the world's, in milliseconds.
    #[serde(default)]
    pub ahead_millis: u64,
}

impl Installation {
    /// The key of the one row.
    pub const KEY: &'static str = "installation";

    /// How far the services' time is ahead of the world's.
    pub fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_millis)
    }
}

impl Record for Installation {}

/// The installation's row, under [`Installation::KEY`].
pub static INSTALLATION: Table<str, Installation> =
    Table::new("directory/installation", ScopeKind::Installation);
