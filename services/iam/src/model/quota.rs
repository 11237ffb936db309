//! The quotas of an account. Source: IAM User Guide, "IAM and AWS STS quotas", the defaults.

use alcazar_core::Declares;
use alcazar_corridor::{Failure, Refusal};
use alcazar_directory::{USAGE, Usage};
use wire_iam::LimitExceededException;

use super::Rows;

/// What an account has a limited number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Users,
    Groups,
    Roles,
    Policies,
    PolicyVersions,
}

/// Access keys of a user, and of the root user.
pub(crate) const ACCESS_KEYS_PER_USER: usize = 2;
/// Groups of a user.
pub(crate) const GROUPS_PER_USER: usize = 10;
/// Managed policies attached to a user, group or role.
pub(crate) const ATTACHED_POLICIES: usize = 10;
/// Versions of a managed policy.
pub(crate) const VERSIONS_PER_POLICY: usize = 5;
/// Characters of a managed policy without white space.
pub(crate) const POLICY_SIZE: usize = 6144;
/// Characters of a trust policy without white space.
pub(crate) const TRUST_SIZE: usize = 2048;
/// Tags of a user, role or policy.
pub(crate) const TAGS: usize = 50;

impl Counted {
    /// How many an account may have.
    pub(crate) const fn quota(self) -> i32 {
        match self {
            Self::Users => 5000,
            Self::Groups => 300,
            Self::Roles => 1000,
            Self::Policies => 1500,
            Self::PolicyVersions => 10_000,
        }
    }

    /// The quota's name in messages.
    const fn name(self) -> &'static str {
        match self {
            Self::Users => "UsersPerAccount",
            Self::Groups => "GroupsPerAccount",
            Self::Roles => "RolesPerAccount",
            Self::Policies => "PoliciesPerAccount",
            Self::PolicyVersions => "PolicyVersionsInUse",
        }
    }

    fn of(self, usage: &mut Usage) -> &mut i32 {
        match self {
            Self::Users => &mut usage.users,
            Self::Groups => &mut usage.groups,
            Self::Roles => &mut usage.roles,
            Self::Policies => &mut usage.policies,
            Self::PolicyVersions => &mut usage.policy_versions,
        }
    }
}

/// `Cannot exceed quota for UsersPerAccount: 5000`
pub(crate) fn exceeded(quota: &str, limit: usize) -> LimitExceededException {
    LimitExceededException::new(format!("Cannot exceed quota for {quota}: {limit}"))
}

impl<S> Rows<'_, '_, S> {
    /// Counts one more.
    pub(crate) fn claim(&mut self, counted: Counted) -> Result<(), Refusal<S>>
    where
        S: Declares<LimitExceededException>,
    {
        let mut usage = self.usage()?;
        let used = counted.of(&mut usage);
        if *used >= counted.quota() {
            return Err(exceeded(counted.name(), counted.quota() as usize).into());
        }
        *used += 1;
        Ok(self.keep(&usage)?)
    }

    /// Counts so many less.
    pub(crate) fn release(&mut self, counted: Counted, by: i32) -> Result<(), Failure> {
        let mut usage = self.usage()?;
        let used = counted.of(&mut usage);
        *used = (*used - by).max(0);
        self.keep(&usage)
    }

    fn usage(&self) -> Result<Usage, Failure> {
        Ok(self.tx.get(&USAGE, self.scope(), "")?.map(|usage| *usage).unwrap_or_default())
    }

    fn keep(&mut self, usage: &Usage) -> Result<(), Failure> {
        let scope = self.scope();
        self.tx.put(&USAGE, scope, "", usage)
    }
}
