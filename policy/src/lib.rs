//! The IAM policy language and its decision: pure, without I/O, clock or wire.
//!
//! A document is compiled once ([`Policy::parse`]) and evaluated many times ([`decide`]). The caller says what is
//! asked ([`Request`]) and which policies bear on it ([`Layers`]); condition keys are computed when a statement asks
//! for them ([`Context`]).
//!
//! # The order of a decision
//!
//! 1. **Explicit deny.** Every statement of every layer is looked at; one `Deny` that applies ends it. The layer
//!    reported is the first in the order: RCP, SCP, VPC endpoint, resource, grants, boundary, session, identity.
//! 2. **RCPs** of the resource's account can only deny: `RCPFullAWSAccess` is attached everywhere and cannot be
//!    detached. They bind everybody but service-linked roles, and not the resources of the management account.
//! 3. **SCPs** of the caller's account: an `Allow` at every level. They bind users, roles and the root user of member
//!    accounts; not the management account, service-linked roles, services and strangers.
//! 4. **The VPC endpoint's policy** must allow, if the request came through an endpoint.
//! 5. **The resource.** In the same account it may allow finally, by how it names the caller ([`Reach`]): the user or
//!    session itself, whatever boundary, session and identity policies leave unsaid; the role, within boundary and
//!    session policy; the account, which only delegates. From another account it must allow, and the caller's side must
//!    allow too. A key policy or trust policy trusts nobody by default, not even its own account ([`ResourceTrust`]).
//! 6. **Identity policies, boundary, session policies** must all allow. The root user needs no identity policy.
//!
//! A condition key that the request lacks makes a positive operator false and a negated one true; `IfExists` and
//! `ForAllValues` are then true, `ForAnyValue` false. A policy variable that cannot be resolved makes its statement not
//! match, whether it allows or denies.
//!
//! Sources: IAM user guide, "Policy evaluation logic" (single account, cross-account, the enforcement code's logic),
//! "IAM JSON policy elements reference"; Organizations user guide, "Service control policies" and "Resource control
//! policies"; KMS developer guide, "Key policies". Where a recorded decision of another engine differs, these pages win:
//! `tests/data/DOUBTS.md`.

mod condition;
mod context;
mod decide;
mod denial;
mod document;
mod error;
mod json;
mod layers;
mod naming;
mod pattern;
mod principal;
mod public;
mod request;
mod resource;
mod statement;
mod validate;
mod variables;

#[cfg(feature = "cases")]
pub mod cases;

pub use condition::{Condition, Operator, Qualifier};
pub use context::{Context, MapContext, NoContext, Value, Values};
pub use decide::{Decision, Layer, Matched, Verdict, decide};
pub use denial::Denial;
pub use document::{Policy, PolicyKind, Version};
pub use error::{PolicyError, PolicyErrorKind};
pub use layers::{Grant, Layers, Organization, Policies, Resource, ResourceTrust};
pub use naming::{named_principals, renamed_principals};
pub use pattern::Pattern;
pub use principal::{Principal, Reach};
pub use request::Request;
pub use statement::{Effect, Statement};
