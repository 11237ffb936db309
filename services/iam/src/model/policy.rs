//! Managed policies: the account's own, and those that AWS publishes.

use std::sync::Arc;

use alcazar_core::{AccountId, Arn, Declares};
use alcazar_corridor::{Call, Failure, Guard, Operation, Refusal, View};
use alcazar_directory::{
    AWS_POLICY_USE, MANAGED_POLICIES, ManagedPolicy, PolicyVersion, aws_managed, name_key,
};
use alcazar_store::Scope;
use wire_iam::{InvalidInputException, NoSuchEntityException};

use super::Rows;
use super::guard::arn;

/// CloudTrail's type of a managed policy.
const KIND: &str = "AWS::IAM::Policy";

/// What a policy is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Attachment,
    Boundary,
}

/// Whether the call reads the policy or changes it: AWS managed policies are read by everybody and changed by nobody here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// A policy's ARN as a parameter.
pub(crate) fn policy_arn<S: Declares<InvalidInputException>>(text: &str) -> Result<Arn, Refusal<S>> {
    let invalid = || format!("ARN {text} is not valid.");
    let arn: Arn = text.parse().map_err(|_| Failure::validation(invalid()))?;
    if arn.service() == "iam" && arn.resource().starts_with("policy/") {
        return Ok(arn);
    }
    Err(InvalidInputException::new(invalid()).into())
}

/// The policy's name: the last part of its ARN.
pub(crate) fn name_of(arn: &Arn) -> &str {
    arn.name()
}

/// The policy's path: what stands between `policy` and the name.
pub(crate) fn path_of(arn: &Arn) -> &str {
    let from = arn.resource().strip_prefix("policy").unwrap_or_default();
    from.get(..from.len() - name_of(arn).len()).unwrap_or("/")
}

/// How the policy of that ARN guards itself.
pub(crate) async fn guard(view: &View, text: &str, access: Access) -> Result<Guard, Failure> {
    let arn: Arn = text.parse().map_err(|_| Failure::validation(format!("ARN {text} is not valid.")))?;
    if arn.account() == "aws" {
        // Nobody's account: a change of it is denied as in any account that is not the caller's.
        let owner = if access == Access::Read { view.account() } else { AccountId::from_number(0) };
        return Ok(Guard::new(arn, owner));
    }
    let owner = arn.account().parse().unwrap_or(view.account());
    let policy = view.managed_policy(owner, &arn).await?;
    let tags = policy.map(|policy| policy.tags.clone()).unwrap_or_default();
    Ok(Guard::new(arn, owner).kind(KIND).tags(tags))
}

/// How a policy of that path and name would guard itself.
pub(crate) fn new_policy_guard(view: &View, path: &str, name: &str) -> Guard {
    Guard::new(arn(view, &format!("policy{path}{name}")), view.account()).kind(KIND)
}

/// The policy of that ARN, AWS's or the account's.
pub(crate) async fn read_policy<O>(
    call: &Call<O>,
    text: &str,
) -> Result<Arc<ManagedPolicy>, Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<NoSuchEntityException> + Declares<InvalidInputException>,
{
    let arn = policy_arn::<O::Shape>(text)?;
    Ok(find(call, &arn).await?.ok_or_else(|| missing(&arn))?)
}

/// The policy of that ARN and the version of that id.
pub(crate) async fn read_version<O>(
    call: &Call<O>,
    text: &str,
    version: &str,
) -> Result<(Arc<ManagedPolicy>, PolicyVersion), Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<NoSuchEntityException> + Declares<InvalidInputException>,
{
    let arn = policy_arn::<O::Shape>(text)?;
    let missing = || missing_version(&arn, version);
    let policy = find(call, &arn).await?.ok_or_else(missing)?;
    let found =
        policy.versions.iter().find(|held| Some(held.number) == number(version)).ok_or_else(missing)?;
    let found = found.clone();
    Ok((policy, found))
}

async fn find<O: Operation>(call: &Call<O>, arn: &Arn) -> Result<Option<Arc<ManagedPolicy>>, Failure> {
    if let Some(policy) = aws_managed(arn) {
        let (scope, key) = (Scope::Account(call.account()), name_key(name_of(arn)));
        let used = call.view().get(&AWS_POLICY_USE, scope, key.as_str()).await?;
        let used = used.map(|used| *used).unwrap_or_default();
        return Ok(Some(Arc::new(as_used(policy, arn.partition(), used.attachments, used.boundaries))));
    }
    call.view().managed_policy(call.account(), arn).await
}

/// An AWS managed policy as an account in that partition sees it.
pub(crate) fn as_used(
    policy: &ManagedPolicy,
    partition: &str,
    attachments: i32,
    boundaries: i32,
) -> ManagedPolicy {
    let arn = Arn::new(partition, "iam", "", "aws", policy.arn.resource());
    ManagedPolicy { arn, attachments, boundaries, ..policy.clone() }
}

/// `Policy arn:... was not found.`
pub(crate) fn missing(arn: &Arn) -> NoSuchEntityException {
    NoSuchEntityException::new(format!("Policy {arn} was not found."))
}

/// Said of a version that is missing, and of its policy too.
pub(crate) fn missing_version(arn: &Arn, version: &str) -> NoSuchEntityException {
    NoSuchEntityException::new(format!("Policy {arn} version {version} does not exist or is not attachable."))
}

/// `v3` is 3.
pub(crate) fn number(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.parse().ok()
}

impl<S> Rows<'_, '_, S> {
    /// The account's own policy of that ARN, to be changed and saved.
    pub(crate) fn policy(&self, arn: &Arn) -> Result<Option<ManagedPolicy>, Failure> {
        let row = self.tx.get(&MANAGED_POLICIES, self.scope(), name_key(name_of(arn)).as_str())?;
        Ok(row.filter(|policy| policy.arn == *arn).map(|policy| (*policy).clone()))
    }

    /// Writes the policy's row.
    pub(crate) fn save_policy(&mut self, policy: &ManagedPolicy) -> Result<(), Failure> {
        let scope = self.scope();
        self.tx.put(&MANAGED_POLICIES, scope, name_key(&policy.name).as_str(), policy)
    }

    /// Counts a use of the policy up or down; `false` when there is no such policy.
    pub(crate) fn count(&mut self, arn: &Arn, what: Use, by: i32) -> Result<bool, Failure> {
        let scope = self.scope();
        if let Some(policy) = aws_managed(arn) {
            let key = name_key(&policy.name);
            let mut used =
                self.tx.get(&AWS_POLICY_USE, scope, key.as_str())?.map(|used| *used).unwrap_or_default();
            match what {
                Use::Attachment => used.attachments = (used.attachments + by).max(0),
                Use::Boundary => used.boundaries = (used.boundaries + by).max(0),
            }
            self.tx.put(&AWS_POLICY_USE, scope, key.as_str(), &used)?;
            return Ok(true);
        }
        let Some(mut policy) = self.policy(arn)? else { return Ok(false) };
        match what {
            Use::Attachment => policy.attachments = (policy.attachments + by).max(0),
            Use::Boundary => policy.boundaries = (policy.boundaries + by).max(0),
        }
        self.save_policy(&policy)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_path_are_parts_of_the_arn() {
        let arn = Arn::new("aws", "iam", "", "111122223333", "policy/a/b/c");
        assert_eq!((path_of(&arn), name_of(&arn)), ("/a/b/", "c"));
        let arn = Arn::new("aws", "iam", "", "aws", "policy/ReadOnlyAccess");
        assert_eq!((path_of(&arn), name_of(&arn)), ("/", "ReadOnlyAccess"));
    }

    #[test]
    fn versions_are_numbers_after_a_letter() {
        assert_eq!([number("v12"), number("v1.x"), number("1")], [Some(12), None, None]);
    }
}
