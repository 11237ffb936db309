use std::sync::Arc;

use alcazar_core::Arn;
use alcazar_corridor::{Failure, Guard, View};
use alcazar_directory::name_key;
use alcazar_store::Scope;

use super::Entity;

/// An entity as `locate` found it, or the place where it would be.
pub(crate) struct Found<E> {
    row: Option<Arc<E>>,
    guard: Guard,
}

impl<E: Entity> Found<E> {
    /// Looks it up in the caller's account. What is missing is judged under the path `/`.
    pub(crate) async fn named(view: &View, name: &str) -> Result<Self, Failure> {
        let row = view.get(E::TABLE, Scope::Account(view.account()), name_key(name).as_str()).await?;
        let guard = match &row {
            Some(entity) => {
                Guard::new(entity.arn().clone(), view.account()).kind(E::KIND).tags(entity.tags())
            }
            None => new_guard::<E>(view, "/", name),
        };
        Ok(Self { row, guard })
    }

    /// How it guards itself.
    pub(crate) fn guard(&self) -> Guard {
        self.guard.clone()
    }

    /// Its path; `/` where it is missing.
    pub(crate) fn path(&self) -> &str {
        self.row.as_ref().map_or("/", |entity| entity.path())
    }

    /// The boundary it has: `iam:PermissionsBoundary`.
    pub(crate) fn boundary(&self) -> Option<String> {
        self.row.as_ref()?.boundary().map(Arn::to_string)
    }
}

/// How an entity of that path and name would guard itself.
pub(crate) fn new_guard<E: Entity>(view: &View, path: &str, name: &str) -> Guard {
    Guard::new(arn(view, &format!("{}{path}{name}", E::NOUN)), view.account()).kind(E::KIND)
}

/// What a list is decided on: `user/division/` for the users under a path, as IAM's denials name it.
pub(crate) fn listing(view: &View, noun: &str, path_prefix: Option<&str>) -> Guard {
    Guard::new(arn(view, &format!("{noun}{}", path_prefix.unwrap_or("/"))), view.account())
}

/// Actions that are about no resource.
pub(crate) fn anything(view: &View) -> Guard {
    Guard::any(view.account())
}

/// An IAM ARN of the caller's account.
pub(super) fn arn(view: &View, resource: &str) -> Arn {
    Arn::new(view.region().partition().name, "iam", "", view.account().as_str(), resource)
}
