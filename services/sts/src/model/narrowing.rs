use alcazar_core::{Arn, Declares};
use alcazar_corridor::{Failure, Refusal, View};
use alcazar_directory::{PolicyDocument, Tags, aws_managed};
use alcazar_policy::{Policy, PolicyKind};
use wire_sts::shapes::{PolicyDescriptorType, Tag};
use wire_sts::{MalformedPolicyDocumentException, PackedPolicyTooLargeException};

/// The policies that narrow a session.
pub(crate) struct Narrowing {
    pub(crate) policy: Option<PolicyDocument>,
    pub(crate) policy_arns: Vec<Arn>,
    /// How much of the space for policies and tags is taken, in per cent.
    pub(crate) packed_size: Option<i32>,
}

/// The space that session policies and tags share once packed, in characters. AWS tells a share of it and not its size; this is the
/// size that plain text of the documented maximum (2048 characters) fills.
const SPACE: usize = 2048;

impl Narrowing {
    /// Checks what a request gave. Managed policies must exist in the account that the session will be of.
    pub(crate) async fn checked<S>(
        view: &View,
        account: alcazar_core::AccountId,
        policy: Option<&str>,
        arns: Option<&[PolicyDescriptorType]>,
        tags: &Tags,
    ) -> Result<Self, Refusal<S>>
    where
        S: Declares<MalformedPolicyDocumentException> + Declares<PackedPolicyTooLargeException>,
    {
        let document = match policy {
            Some(text) => Some(checked_policy(text)?),
            None => None,
        };
        let mut policy_arns = Vec::new();
        for descriptor in arns.unwrap_or_default() {
            let text = descriptor.arn.as_deref().unwrap_or_default();
            policy_arns.push(existing(view, account, text).await?);
        }
        let taken = policy.map_or(0, str::len)
            + policy_arns.iter().map(|arn| arn.as_str().len()).sum::<usize>()
            + tags.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
        let per_cent = (taken * 100).div_ceil(SPACE);
        if per_cent > 100 {
            let message =
                format!("Packed policy consumes {per_cent}% of allotted space, please use smaller policy.");
            return Err(PackedPolicyTooLargeException::new(message).into());
        }
        let packed_size = (taken > 0).then_some(per_cent as i32);
        Ok(Self { policy: document, policy_arns, packed_size })
    }
}

fn checked_policy<S>(text: &str) -> Result<PolicyDocument, Refusal<S>>
where
    S: Declares<MalformedPolicyDocumentException>,
{
    match Policy::parse(PolicyKind::Session, text) {
        Ok(_) => Ok(PolicyDocument::new(text)),
        Err(error) => Err(MalformedPolicyDocumentException::new(error.message().to_owned()).into()),
    }
}

async fn existing(view: &View, account: alcazar_core::AccountId, text: &str) -> Result<Arn, Failure> {
    let invalid = || Failure::validation(format!("Policy ARN {text} is invalid or does not exist."));
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    if aws_managed(&arn).is_some() {
        return Ok(arn);
    }
    match view.managed_policy(account, &arn).await? {
        Some(_) => Ok(arn),
        None => Err(invalid()),
    }
}

/// Session tags: keys differ without regard to case, and `aws:` is AWS's own.
pub(crate) fn checked_tags(tags: Option<&[Tag]>) -> Result<Tags, Failure> {
    let tags = tags.unwrap_or_default();
    for (index, tag) in tags.iter().enumerate() {
        if tags.iter().take(index).any(|other| other.key.eq_ignore_ascii_case(&tag.key)) {
            return Err(Failure::validation(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Failure::validation("Tag keys beginning with aws: are reserved for system use."));
        }
    }
    Ok(Tags::from_pairs(tags.iter().map(|tag| (tag.key.clone(), tag.value.clone()))))
}
