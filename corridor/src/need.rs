use std::sync::Arc;

use alcazar_core::{AccountId, Arn, ConditionKeys, Region, Shape};
use alcazar_directory::Tags;
use alcazar_policy::{Policy, ResourceTrust};

use crate::quota::Draw;
use crate::{Operation, Quota};

/// What an operation touches and needs, told by `locate`.
pub struct Located<O: Operation> {
    pub(crate) needs: Vec<Need>,
    pub(crate) request_tags: Vec<(String, String)>,
    pub(crate) tag_keys: Vec<String>,
    pub(crate) open: Option<&'static str>,
    /// The quota that most calls draw from; kept apart, so that they need no memory for a list.
    draw: Option<Draw>,
    draws: Vec<Draw>,
    pub(crate) target: O::Target,
}

/// One right that the call needs: an action on a resource, with the condition keys that the request itself supplies.
pub struct Need {
    pub(crate) action: &'static str,
    pub(crate) resource: Guard,
    pub(crate) keys: Box<dyn ConditionKeys>,
}

/// A resource as the decision sees it.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Its ARN; `None` for an action that has no resource, which policies see as `*`.
    pub arn: Option<Arn>,
    /// Whose it is.
    pub owner: AccountId,
    /// Its type as CloudTrail names it, `AWS::KMS::Key`; `None` keeps it out of the record's `resources`.
    pub kind: Option<&'static str>,
    /// Its tags.
    pub tags: Tags,
    /// Its resource policy.
    pub policy: Option<Arc<Policy>>,
    /// Its further resource policies, of a kind of resource that may have several.
    pub further: Vec<Arc<Policy>>,
    /// Whether the owner's identity policies count without the resource policy's word.
    pub trust: ResourceTrust,
    /// A grant allows the action to this caller, whatever the policies leave unsaid.
    pub granted: bool,
    /// Further keys of the resource's own: `kms:KeySpec`, `kms:ResourceAliases`; names in lower case.
    pub keys: Vec<(&'static str, Held)>,
}

/// What a key of a resource holds.
#[derive(Debug, Clone)]
pub enum Held {
    /// One of AWS's words: a key spec, `true`.
    Word(&'static str),
    /// Texts, in no order.
    Texts(Vec<String>),
}

impl<O: Operation> Located<O> {
    /// What the call touches; rights are added with [`Located::need`].
    pub fn new(target: O::Target) -> Self {
        Self {
            needs: Vec::new(),
            request_tags: Vec::new(),
            tag_keys: Vec::new(),
            open: None,
            draw: None,
            draws: Vec::new(),
            target,
        }
    }

    /// A call that needs no right, with the reason. The list of such operations is pinned by a test.
    pub fn open(reason: &'static str, target: O::Target) -> Self {
        Self { open: Some(reason), ..Self::new(target) }
    }

    /// Needs this action on this resource. The keys are a generated structure: leaving one out does not compile.
    #[must_use]
    pub fn need(mut self, action: &'static str, resource: Guard, keys: <O::Shape as Shape>::Keys) -> Self {
        self.needs.push(Need { action, resource, keys: Box::new(keys) });
        self
    }

    /// Needs another service's action, which has condition keys of its own: `iam:PassRole` with its generated structure.
    #[must_use]
    pub fn need_of<K: ConditionKeys>(mut self, action: &'static str, resource: Guard, keys: K) -> Self {
        self.needs.push(Need { action, resource, keys: Box::new(keys) });
        self
    }

    /// Counts as that many requests of a quota, of the caller's account in the called Region.
    #[must_use]
    pub fn within(self, quota: &'static Quota, units: u32) -> Self {
        self.drawing(Draw { quota, units, region: None })
    }

    /// The same in another Region, where the call does a part of its work.
    #[must_use]
    pub fn within_in(self, region: Region, quota: &'static Quota, units: u32) -> Self {
        self.drawing(Draw { quota, units, region: Some(region) })
    }

    fn drawing(mut self, draw: Draw) -> Self {
        if self.draw.is_none() {
            self.draw = Some(draw);
        } else {
            self.draws.push(draw);
        }
        self
    }

    /// What the call draws from its quotas.
    pub(crate) fn draws(&self) -> impl Iterator<Item = Draw> + Clone + '_ {
        self.draw.iter().chain(&self.draws).copied()
    }

    /// The request puts these tags: `aws:RequestTag/...` and `aws:TagKeys`.
    #[must_use]
    pub fn tagging(mut self, tags: impl IntoIterator<Item = (String, String)>) -> Self {
        self.request_tags.extend(tags);
        self
    }

    /// The request removes these tags: `aws:TagKeys`.
    #[must_use]
    pub fn untagging(mut self, keys: impl IntoIterator<Item = String>) -> Self {
        self.tag_keys.extend(keys);
        self
    }
}

impl Guard {
    /// A resource without policy and tags, in an account that trusts itself.
    pub fn new(arn: Arn, owner: AccountId) -> Self {
        Self { arn: Some(arn), ..Self::any(owner) }
    }

    /// No resource of its own: what CreateKey or ListUsers is decided on.
    pub fn any(owner: AccountId) -> Self {
        Self {
            arn: None,
            owner,
            kind: None,
            tags: Tags::default(),
            policy: None,
            further: Vec::new(),
            trust: ResourceTrust::OwnAccount,
            granted: false,
            keys: Vec::new(),
        }
    }

    /// Of that CloudTrail type: it stands in the record's `resources`.
    #[must_use]
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = Some(kind);
        self
    }

    /// With these tags.
    #[must_use]
    pub fn tags(mut self, tags: Tags) -> Self {
        self.tags = tags;
        self
    }

    /// With that policy, without whose word nobody gets in: a key's, or a role's trust policy.
    #[must_use]
    pub fn trusting_nobody(mut self, trust: ResourceTrust, policy: Option<Arc<Policy>>) -> Self {
        self.policy = policy;
        self.trust = trust;
        self
    }

    /// With that policy beside the identity policies.
    #[must_use]
    pub fn policy(mut self, policy: Option<Arc<Policy>>) -> Self {
        self.policy = policy;
        self
    }

    /// With further policies of the same kind.
    #[must_use]
    pub fn further(mut self, policies: Vec<Arc<Policy>>) -> Self {
        self.further = policies;
        self
    }

    /// With a key of its own; the name in lower case.
    #[must_use]
    pub fn key(mut self, name: &'static str, held: impl Into<Held>) -> Self {
        self.keys.push((name, held.into()));
        self
    }

    /// With a grant that allows the action.
    #[must_use]
    pub fn granted(mut self, granted: bool) -> Self {
        self.granted = granted;
        self
    }
}

impl From<&'static str> for Held {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl From<Vec<String>> for Held {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}
