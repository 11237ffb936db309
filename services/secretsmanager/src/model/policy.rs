use alcazar_core::Declares;
use alcazar_corridor::Refusal;
use alcazar_directory::PolicyDocument;
use alcazar_policy::{Policy, PolicyKind};
use wire_secretsmanager::{InvalidRequestException, MalformedPolicyDocumentException, PublicPolicyException};

use super::Secret;

/// A resource policy as a caller gave it; with `block_public`, one that does not let in everybody.
pub(crate) fn checked_policy<S>(text: &str, block_public: bool) -> Result<PolicyDocument, Refusal<S>>
where
    S: Declares<MalformedPolicyDocumentException> + Declares<PublicPolicyException>,
{
    let policy = Policy::parse(PolicyKind::Resource, text)
        .map_err(|error| MalformedPolicyDocumentException::new(error.message().to_owned()))?;
    if block_public && policy.is_public() {
        let message = "You can't make the resource policy public because BlockPublicPolicy is enabled.";
        return Err(PublicPolicyException::new(message).into());
    }
    Ok(PolicyDocument::new(text))
}

/// The most named policies of a secret; AWS tells no number. The message is guessed.
const LIMIT: usize = 10;

/// Puts a policy: under a name, or as the one without.
pub(crate) fn put_policy<S: Declares<InvalidRequestException>>(
    secret: &mut Secret,
    name: Option<&String>,
    policy: PolicyDocument,
) -> Result<(), Refusal<S>> {
    let Some(name) = name else {
        secret.policy = Some(policy);
        return Ok(());
    };
    secret.policies.insert(name.clone(), policy);
    match secret.policies.len() > LIMIT {
        true => {
            Err(InvalidRequestException::new("A secret can have at most 10 named resource policies.").into())
        }
        false => Ok(()),
    }
}
