use alcazar_core::{Common, Declares};
use alcazar_corridor::{Failure, Refusal};
use alcazar_directory::PolicyDocument;
use alcazar_policy::{Policy, PolicyKind};
use wire_secretsmanager::{MalformedPolicyDocumentException, PublicPolicyException};

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

/// A secret has one policy here; those with names are known and not built.
pub(crate) fn only_policy(name: Option<&str>) -> Result<(), Failure> {
    match name {
        None => Ok(()),
        Some(_) => Err(Failure::common(Common::NotImplemented, "Named resource policies are not built yet.")),
    }
}
