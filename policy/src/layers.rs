//! The policies that bear on a request, layer by layer.

use smallvec::SmallVec;

use crate::document::Policy;
use crate::principal::Reach;
use crate::statement::Effect;

/// Policies of one layer, or of one level of an organization.
pub type Policies<'p> = SmallVec<[&'p Policy; 4]>;

/// Every policy that applies. What does not apply stays empty: the default is no policy at all, which allows nothing
/// but to a root user in its own account.
#[derive(Debug, Clone, Default)]
pub struct Layers<'p> {
    /// Resource control policies of the resource's account.
    pub rcps: Organization<'p>,
    /// Service control policies of the caller's account.
    pub scps: Organization<'p>,
    /// The policy of the VPC endpoint that the request came through; `None` if it came otherwise. An endpoint whose
    /// owner set no policy has the default one, which allows everything.
    pub vpc_endpoint: Option<Policies<'p>>,
    /// What the resource says.
    pub resource: Resource<'p>,
    /// The permissions boundary of the user or role.
    pub boundary: Option<Policies<'p>>,
    /// The session policies (one inline, managed ones): `None` if the session was made without. A federated user's
    /// session made without has `Some` of none: it may do nothing but what resource policies grant it.
    pub session: Option<Policies<'p>>,
    /// Policies of the user (its groups' too) or role.
    pub identity: Policies<'p>,
}

/// The policies of an organization along the path from its root to an account.
#[derive(Debug, Clone, Default)]
pub struct Organization<'p> {
    /// The account in question is the management account: neither SCPs nor RCPs bind it.
    pub management_account: bool,
    /// Root first, then each organizational unit, then the account. Empty: the account is in no organization, or the
    /// policy type is not enabled.
    pub levels: SmallVec<[Policies<'p>; 4]>,
}

impl<'p> Organization<'p> {
    pub(crate) fn binding(&self) -> &[Policies<'p>] {
        if self.management_account { &[] } else { &self.levels }
    }
}

/// What the resource itself says.
#[derive(Debug, Clone, Default)]
pub struct Resource<'p> {
    /// Its policy, if it has one.
    pub policies: Policies<'p>,
    /// Grants and ACL entries that bear on this request, already matched by the service that keeps them.
    pub grants: SmallVec<[Grant<'p>; 2]>,
    /// Whom the resource trusts without being told.
    pub trust: ResourceTrust,
    /// S3 RestrictPublicBuckets: while the policy is public, only the owner's account and services get in by it.
    pub restrict_public: bool,
}

/// Whom a resource trusts without being told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ResourceTrust {
    /// Its own account: an identity policy there suffices.
    #[default]
    OwnAccount,
    /// Nobody: a KMS key policy. Identity policies count only if it names the account.
    KeyPolicy,
    /// Nobody: the trust policy of a role.
    RoleTrust,
}

impl ResourceTrust {
    pub(crate) fn is_strict(self) -> bool {
        self != Self::OwnAccount
    }
}

/// A verdict from elsewhere than a policy: a KMS grant, an ACL entry.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'p> {
    /// Permits or forbids.
    pub effect: Effect,
    /// How it names the caller. A KMS grant to a role is [`Reach::Behind`], to a user or session [`Reach::Direct`].
    pub reach: Reach,
    /// Shown in the decision: a grant id.
    pub id: &'p str,
}
