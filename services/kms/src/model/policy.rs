use std::sync::Arc;

use alcazar_core::{AccountId, Declares};
use alcazar_corridor::{Call, Guard, Operation, Refusal, View};
use alcazar_directory::PolicyDocument;
use alcazar_policy::{Policy, PolicyKind, ResourceTrust};
use wire_kms::{
    LimitExceededException, MalformedPolicyDocumentException, NotFoundException, PutKeyPolicyKeys, actions,
};

/// The one name a key policy has.
pub(crate) const POLICY_NAME: &str = "default";

/// The most bytes of a key policy. Source: KMS Developer Guide, "Resource quotas".
const POLICY_LIMIT: usize = 32 * 1024;

/// The policy of a key that was created without one: full access for the account, which may delegate it by IAM policies.
/// Source: KMS Developer Guide, "Default key policy".
pub(crate) fn default_policy(partition: &str, account: AccountId) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// A key policy as a caller gave it: of the language, within 32 KB, and naming principals that exist.
/// Source: KMS API reference, `PutKeyPolicy`, on the principals of the policy.
pub(crate) async fn checked_policy<S>(text: &str, view: &View) -> Result<PolicyDocument, Refusal<S>>
where
    S: Declares<MalformedPolicyDocumentException> + Declares<LimitExceededException>,
{
    if text.len() > POLICY_LIMIT {
        let message = format!("The key policy has {} bytes; the quota is {POLICY_LIMIT}.", text.len());
        return Err(LimitExceededException::new(message).into());
    }
    Policy::parse(PolicyKind::Resource, text)
        .map_err(|error| MalformedPolicyDocumentException::new(error.message().to_owned()))?;
    let invalid = |_: &str| {
        let message = "Policy contains a statement with one or more invalid principals.";
        MalformedPolicyDocumentException::new(message)
    };
    view.bound(PolicyDocument::new(text), invalid).await
}

/// The lockout safety check: whoever sets a policy must be able to change it afterwards, by it and by IAM together.
/// Source: KMS Developer Guide, "Default key policy", on the key becoming unmanageable.
pub(crate) async fn keeps_control<O>(
    call: &Call<O>,
    guard: Guard,
    policy: &PolicyDocument,
) -> Result<(), Refusal<O::Shape>>
where
    O: Operation,
    O::Shape: Declares<MalformedPolicyDocumentException>,
{
    let policy: Option<Arc<Policy>> = policy.compiled(PolicyKind::Resource).cloned();
    let guard = guard.trusting_nobody(ResourceTrust::KeyPolicy, policy).granted(false);
    let keys =
        PutKeyPolicyKeys { bypass_policy_lockout_safety_check: false, policy_name: POLICY_NAME.to_owned() };
    if call.would_allow(actions::PUT_KEY_POLICY, &guard, &keys).await? {
        return Ok(());
    }
    let message = "The new key policy will not allow you to update the key policy in the future.";
    Err(MalformedPolicyDocumentException::new(message).into())
}

/// The name that a request gives to the policy, if any, is the one there is.
pub(crate) fn checked_policy_name<S: Declares<NotFoundException>>(
    name: Option<&str>,
) -> Result<(), Refusal<S>> {
    match name {
        None | Some(POLICY_NAME) => Ok(()),
        Some(_) => Err(NotFoundException::new("No such policy exists").into()),
    }
}
