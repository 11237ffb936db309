use alcazar_core::Declares;
use alcazar_corridor::{Refusal, View};
use alcazar_directory::PolicyDocument;
use alcazar_policy::{Policy, PolicyKind};
use wire_secretsmanager::{InvalidRequestException, MalformedPolicyDocumentException, PublicPolicyException};

use super::Secret;

/// A resource policy as a caller gave it, naming principals that exist; with `block_public`, one that does not let in everybody.
pub(crate) async fn checked_policy<S>(
    text: &str,
    block_public: bool,
    view: &View,
) -> Result<PolicyDocument, Refusal<S>>
where
    S: Declares<MalformedPolicyDocumentException> + Declares<PublicPolicyException>,
{
    let policy = Policy::parse(PolicyKind::Resource, text)
        .map_err(|error| MalformedPolicyDocumentException::new(error.message().to_owned()))?;
    if block_public && policy.is_public() {
        let message = "You can't make the resource policy public because BlockPublicPolicy is enabled.";
        return Err(PublicPolicyException::new(message).into());
    }
    existing(text, view).await
}

/// The document, whose principals must exist: it keeps them by their unique ids.
pub(crate) async fn existing<S>(text: &str, view: &View) -> Result<PolicyDocument, Refusal<S>>
where
    S: Declares<MalformedPolicyDocumentException>,
{
    let message = "This resource policy contains an unsupported principal.";
    view.bound(PolicyDocument::new(text), |_| MalformedPolicyDocumentException::new(message)).await
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
