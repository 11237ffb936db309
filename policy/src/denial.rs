//! The text of a denial.
//!
//! Source: IAM user guide, "Troubleshoot access denied error messages", with an example of each form; the policy's ARN
//! after an explicit deny: "Enhanced access denied error messages with policy ARNs" (AWS security blog, 2026).

use std::fmt;

use crate::decide::{Decision, Layer, Verdict};
use crate::request::Request;

/// Writes AWS's sentence for a denied request.
#[derive(Debug, Clone, Copy)]
pub struct Denial<'d> {
    verdict: Verdict,
    layer: Layer,
    user: &'d str,
    action: &'d str,
    resource: &'d str,
    reason: bool,
    arn: Option<&'d str>,
}

impl<'p> Decision<'p> {
    /// The sentence that tells the caller of a denial; `None` if the request is allowed.
    ///
    /// It names the kind of policy that decided, and after an explicit denial the policy's ARN if it has one
    /// ([`crate::Policy::with_arn`]).
    #[must_use]
    pub fn denial<'d>(&self, request: &Request<'d>) -> Option<Denial<'d>>
    where
        'p: 'd,
    {
        (!self.is_allowed()).then_some(Denial {
            verdict: self.verdict,
            layer: self.layer,
            user: request.principal.name(),
            action: request.action,
            resource: request.resource,
            reason: true,
            arn: self.deciding().find_map(|matched| matched.arn),
        })
    }
}

impl Denial<'_> {
    /// Without the reason, for services and callers that are not to learn it.
    #[must_use]
    pub fn without_reason(self) -> Self {
        Self { reason: false, ..self }
    }

    /// Without the policy's ARN, which AWS tells only within the account and organization.
    #[must_use]
    pub fn without_policy_arn(self) -> Self {
        Self { arn: None, ..self }
    }
}

impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User: {} is not authorized to perform: {}", self.user, self.action)?;
        if !self.resource.is_empty() {
            write!(f, " on resource: {}", self.resource)?;
        }
        if !self.reason {
            return Ok(());
        }
        let (article, kind) = words(self.layer);
        if self.verdict == Verdict::ImplicitlyDenied {
            return write!(f, " because no {kind} allows the {} action", self.action);
        }
        write!(f, " with an explicit deny in {article} {kind}")?;
        self.arn.map_or(Ok(()), |arn| write!(f, ": {arn}"))
    }
}

fn words(layer: Layer) -> (&'static str, &'static str) {
    match layer {
        Layer::ResourceControl => ("a", "resource control policy"),
        Layer::ServiceControl => ("a", "service control policy"),
        Layer::VpcEndpoint => ("a", "VPC endpoint policy"),
        Layer::ResourcePolicy | Layer::Grant => ("a", "resource-based policy"),
        Layer::RoleTrust => ("the", "role trust policy"),
        Layer::Boundary => ("a", "permissions boundary"),
        Layer::Session => ("a", "session policy"),
        Layer::Identity | Layer::RootUser => ("an", "identity-based policy"),
    }
}
