//! How the installation's resources guard themselves, and how an account is told.

mod duration;
mod usage;
mod usage_place;
mod xks;

use std::sync::Arc;

use alcazar_core::{AccountId, Arn};
use alcazar_corridor::{Failure, Guard, View};
use alcazar_directory::{Account, INSTALLATION, Installation};
use alcazar_store::Scope;
use wire_alcazar::shapes;

pub(crate) use duration::duration;
pub(crate) use usage::Counts;
pub(crate) use usage_place::{Bookmark, Place, month_of, regions};
pub(crate) use xks::{CREDENTIAL_LIMIT, GATE, XKS_CREDENTIALS, XksCredential};

/// The installation's row, which is there from the store's first moment.
pub(crate) async fn installation(view: &View) -> Result<Arc<Installation>, Failure> {
    let row = view.get(&INSTALLATION, Scope::Installation, Installation::KEY).await?;
    row.ok_or_else(|| Failure::internal("the store has no installation row"))
}

/// A resource of the installation: it belongs to the management account.
pub(crate) async fn guard(view: &View, resource: &str) -> Result<Guard, Failure> {
    let owner = installation(view).await?.management_account;
    let partition = view.region().partition().name;
    Ok(Guard::new(Arn::new(partition, "alcazar", "", owner.as_str(), resource), owner))
}

/// An action on no resource in particular.
pub(crate) async fn guard_any(view: &View) -> Result<Guard, Failure> {
    Ok(Guard::any(installation(view).await?.management_account))
}

/// An account as it is told.
pub(crate) fn told(account: &Account, owner: AccountId, partition: &str) -> shapes::Account {
    shapes::Account {
        account_id: Some(account.id.to_string()),
        name: Some(account.name.clone()),
        arn: Some(format!("arn:{partition}:alcazar::{owner}:account/{}", account.id)),
        created_at: Some(account.created_at),
    }
}
