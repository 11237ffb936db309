//! The decision. The order and its sources are told in the crate's documentation.

use smallvec::SmallVec;

use crate::document::Policy;
use crate::layers::{Grant, Layers, Policies, ResourceTrust};
use crate::principal::{Principal, Reach, Subject};
use crate::request::Request;
use crate::statement::{Ask, Effect};

/// Allowed or not, and in which way not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Everything that must allow does, and nothing denies.
    Allowed,
    /// Something that must allow is silent.
    ImplicitlyDenied,
    /// A `Deny` statement applies.
    ExplicitlyDenied,
}

/// A kind of policy as the decision sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Resource control policies.
    ResourceControl,
    /// Service control policies.
    ServiceControl,
    /// The policy of the VPC endpoint.
    VpcEndpoint,
    /// The policy of the resource.
    ResourcePolicy,
    /// The trust policy of the role.
    RoleTrust,
    /// A grant or ACL entry of the resource.
    Grant,
    /// The permissions boundary.
    Boundary,
    /// The session policies.
    Session,
    /// The policies of the user or role.
    Identity,
    /// Not a policy: the root user's own right in its account.
    RootUser,
}

/// A statement that applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matched<'p> {
    /// Where it stands.
    pub layer: Layer,
    /// The level of the organization, root 0; 0 in other layers.
    pub level: usize,
    /// Which policy of the layer (and level).
    pub policy: usize,
    /// Which statement of the policy.
    pub statement: usize,
    /// The statement's `Sid`; the id of a grant.
    pub sid: Option<&'p str>,
    /// The policy's ARN, if it was given one.
    pub arn: Option<&'p str>,
    /// What it does.
    pub effect: Effect,
}

/// A verdict with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'p> {
    /// Allowed or not.
    pub verdict: Verdict,
    /// The layer that decided: that allowed finally, that denies, or that is silent where it must allow.
    pub layer: Layer,
    /// Every statement that applied, in the order of the layers.
    pub matched: SmallVec<[Matched<'p>; 6]>,
    /// Condition keys that were asked for and that the request does not have, each once, as the policies spell them.
    pub missing: SmallVec<[&'p str; 4]>,
}

impl<'p> Decision<'p> {
    /// May the request go on?
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allowed
    }

    /// The statements that decided: those of the deciding layer with the effect of the verdict.
    pub fn deciding(&self) -> impl Iterator<Item = &Matched<'p>> {
        let effect = if self.is_allowed() { Effect::Allow } else { Effect::Deny };
        self.matched.iter().filter(move |m| m.layer == self.layer && m.effect == effect)
    }
}

/// Decides one request under the policies that bear on it. Pure: the same arguments give the same decision.
#[must_use]
pub fn decide<'p>(request: &Request<'_>, layers: &Layers<'p>) -> Decision<'p> {
    let account = request.principal.account();
    let subject = Subject {
        principal: request.principal,
        account,
        unique_id: request.unique_id,
        canonical_user: request.canonical_user,
    };
    let ask = Ask { subject, action: request.action, resource: request.resource, context: request.context };
    let same_account = account == Some(request.resource_account);
    let mut scan =
        Scan { ask, same_account, denied: None, matched: SmallVec::new(), missing: SmallVec::new() };
    let findings = scan.all(layers);
    let (verdict, layer) = match scan.denied {
        Some(layer) => (Verdict::ExplicitlyDenied, layer),
        None => match findings.weigh(&request.principal, same_account, layers) {
            Ok(layer) => (Verdict::Allowed, layer),
            Err(layer) => (Verdict::ImplicitlyDenied, layer),
        },
    };
    Decision { verdict, layer, matched: scan.matched, missing: scan.missing }
}

/// Goes through the statements and notes what applies.
struct Scan<'r, 'p> {
    ask: Ask<'r>,
    same_account: bool,
    /// The first layer with a `Deny` that applies.
    denied: Option<Layer>,
    matched: SmallVec<[Matched<'p>; 6]>,
    missing: SmallVec<[&'p str; 4]>,
}

/// What each layer allows.
struct Findings {
    /// Every level of the SCPs allows; true where none bind.
    scps: bool,
    vpc_endpoint: bool,
    /// The best way in which the resource names the caller, and whether a policy or a grant does.
    resource: Option<(Reach, Layer)>,
    resource_layer: Layer,
    boundary: bool,
    session: bool,
    identity: bool,
}

impl<'p> Scan<'_, 'p> {
    fn all(&mut self, layers: &Layers<'p>) -> Findings {
        let linked = matches!(self.ask.subject.principal, Principal::ServiceLinkedRole { .. });
        if !linked {
            // `RCPFullAWSAccess` is attached everywhere and cannot be detached, so an RCP is never silent.
            for (level, policies) in layers.rcps.binding().iter().enumerate() {
                self.policies(Layer::ResourceControl, level, policies);
            }
        }
        // SCPs bind the principals of accounts: not services, not strangers, not service-linked roles.
        let mut scps = true;
        if self.ask.subject.account.is_some() && !linked {
            for (level, policies) in layers.scps.binding().iter().enumerate() {
                scps &= self.policies(Layer::ServiceControl, level, policies).is_some();
            }
        }
        let vpc_endpoint = self.optional(Layer::VpcEndpoint, layers.vpc_endpoint.as_ref());
        let resource_layer = match layers.resource.trust {
            ResourceTrust::RoleTrust => Layer::RoleTrust,
            _ => Layer::ResourcePolicy,
        };
        let by_policy = self.policies(resource_layer, 0, &layers.resource.policies);
        let by_policy = by_policy.filter(|_| !self.is_shut_out(layers)).map(|reach| (reach, resource_layer));
        let by_grant = self.grants(&layers.resource.grants).map(|reach| (reach, Layer::Grant));
        Findings {
            scps,
            vpc_endpoint,
            resource: best(by_policy, by_grant),
            resource_layer,
            boundary: self.optional(Layer::Boundary, layers.boundary.as_ref()),
            session: self.optional(Layer::Session, layers.session.as_ref()),
            identity: self.policies(Layer::Identity, 0, &layers.identity).is_some(),
        }
    }

    /// "RestrictPublicBuckets: restricts access to a bucket with a public policy to only AWS service principals and
    /// authorized users within the bucket owner's account" (S3 user guide, "Blocking public access").
    fn is_shut_out(&self, layers: &Layers<'p>) -> bool {
        layers.resource.restrict_public
            && !self.same_account
            && !matches!(self.ask.subject.principal, Principal::Service { .. })
            && layers.resource.policies.iter().any(|policy| policy.is_public())
    }

    fn optional(&mut self, layer: Layer, policies: Option<&Policies<'p>>) -> bool {
        policies.is_none_or(|policies| self.policies(layer, 0, policies).is_some())
    }

    /// The best reach of the `Allow` statements that apply.
    fn policies(&mut self, layer: Layer, level: usize, policies: &[&'p Policy]) -> Option<Reach> {
        let mut allowed = None;
        for (policy_index, policy) in policies.iter().enumerate() {
            for (statement_index, statement) in policy.statements().iter().enumerate() {
                let missing = &mut self.missing;
                let mut note = |key: &'p str| {
                    if !missing.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                        missing.push(key);
                    }
                };
                let Some(reach) = statement.applies(&self.ask, &mut note) else { continue };
                self.matched.push(Matched {
                    layer,
                    level,
                    policy: policy_index,
                    statement: statement_index,
                    sid: statement.sid(),
                    arn: policy.arn(),
                    effect: statement.effect(),
                });
                self.note(layer, statement.effect(), reach, &mut allowed);
            }
        }
        allowed
    }

    fn grants(&mut self, grants: &[Grant<'p>]) -> Option<Reach> {
        let mut allowed = None;
        for (index, grant) in grants.iter().enumerate() {
            self.matched.push(Matched {
                layer: Layer::Grant,
                level: 0,
                policy: index,
                statement: 0,
                sid: Some(grant.id),
                arn: None,
                effect: grant.effect,
            });
            self.note(Layer::Grant, grant.effect, grant.reach, &mut allowed);
        }
        allowed
    }

    fn note(&mut self, layer: Layer, effect: Effect, reach: Reach, allowed: &mut Option<Reach>) {
        match effect {
            Effect::Allow => *allowed = (*allowed).max(Some(reach)),
            Effect::Deny => self.denied = self.denied.or(Some(layer)),
        }
    }
}

fn best(a: Option<(Reach, Layer)>, b: Option<(Reach, Layer)>) -> Option<(Reach, Layer)> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.0 > a.0 { b } else { a }),
        (a, b) => a.or(b),
    }
}

impl Findings {
    /// The layer that allows finally, or the one whose silence denies.
    fn weigh(
        &self,
        principal: &Principal<'_>,
        same_account: bool,
        layers: &Layers<'_>,
    ) -> Result<Layer, Layer> {
        require(self.scps, Layer::ServiceControl)?;
        require(self.vpc_endpoint, Layer::VpcEndpoint)?;
        // Whoever belongs to no account has no other side that could allow.
        let outsider = principal.account().is_none();
        let needs_resource = outsider || !same_account || layers.resource.trust.is_strict();
        match self.resource {
            None if needs_resource => Err(self.resource_layer),
            // "You cannot use AWS account root user credentials to call AssumeRole" (STS API reference).
            _ if principal.is_root() && layers.resource.trust == ResourceTrust::RoleTrust => {
                Err(Layer::RoleTrust)
            }
            Some((_, layer)) if outsider => Ok(layer),
            Some((Reach::Direct, layer)) if same_account => Ok(layer),
            // What a boundary or session policy takes away, the identity policies cannot give back.
            Some((Reach::Behind, layer)) if same_account => self.limits().map(|()| layer),
            Some((Reach::Everyone, layer)) if same_account => {
                require(self.session, Layer::Session).map(|()| layer)
            }
            _ => self.own_side(principal),
        }
    }

    /// The caller's own account allows: identity policies within boundary and session policies. A root user needs no
    /// identity policy.
    fn own_side(&self, principal: &Principal<'_>) -> Result<Layer, Layer> {
        let root = principal.is_root() || is_root_session(principal);
        require(root || self.identity, Layer::Identity)?;
        self.limits()?;
        Ok(if self.identity || !root { Layer::Identity } else { Layer::RootUser })
    }

    fn limits(&self) -> Result<(), Layer> {
        require(self.boundary, Layer::Boundary)?;
        require(self.session, Layer::Session)
    }
}

fn require(allowed: bool, layer: Layer) -> Result<(), Layer> {
    if allowed { Ok(()) } else { Err(layer) }
}

/// A federated user whom the root user vouched for.
fn is_root_session(principal: &Principal<'_>) -> bool {
    matches!(principal, Principal::FederatedUser { issuer, .. } if issuer.ends_with(":root"))
}
