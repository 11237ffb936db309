//! One action on one resource by one caller.

use crate::context::{Context, NoContext};
use crate::principal::Principal;

/// What is to be decided. A call that needs several actions or touches several resources is several requests, all of
/// which must be allowed.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// Who asks.
    pub principal: Principal<'r>,
    /// The unique id of the user or role (`AIDA...`, `AROA...`), or empty.
    pub unique_id: &'r str,
    /// The canonical user id of the caller's account, which bucket policies may name, or empty.
    pub canonical_user: &'r str,
    /// `kms:Encrypt`, in any case.
    pub action: &'r str,
    /// The ARN of the resource, or `*` for an action that has none.
    pub resource: &'r str,
    /// The account that owns the resource (an S3 ARN does not tell).
    pub resource_account: &'r str,
    /// The condition keys.
    pub context: &'r dyn Context,
}

impl<'r> Request<'r> {
    /// A request without condition keys.
    #[must_use]
    pub fn new(
        principal: Principal<'r>,
        action: &'r str,
        resource: &'r str,
        resource_account: &'r str,
    ) -> Self {
        Self {
            principal,
            unique_id: "",
            canonical_user: "",
            action,
            resource,
            resource_account,
            context: &NoContext,
        }
    }

    /// The same request with condition keys.
    #[must_use]
    pub fn with(self, context: &'r dyn Context) -> Self {
        Self { context, ..self }
    }
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("principal", &self.principal)
            .field("action", &self.action)
            .field("resource", &self.resource)
            .field("resource_account", &self.resource_account)
            .finish_non_exhaustive()
    }
}
