//! What a new version is: its type, policies and tier, and the parameter with it.

use std::sync::Arc;

use alcazar_core::Arn;
use alcazar_corridor::{Call, Failure};
use wire_ssm::{ParameterAlreadyExists, ParameterMaxVersionLimitExceeded, ParameterTier, ParameterType};

use super::{PutParameter, Refused};
use crate::model::{KEPT, Parameter, Policy, Rule, Version, checked_policies, is_large, with_tags};

/// What has nothing to do with the value; the type.
pub(super) fn checked(call: &Call<PutParameter>, held: Option<&Parameter>) -> Result<ParameterType, Refused> {
    let input = call.input();
    let overwrite = input.overwrite == Some(true);
    if overwrite && input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        let message = "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.";
        return Err(Failure::validation(message).into());
    }
    if held.is_some() && !overwrite {
        let message = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
        return Err(ParameterAlreadyExists::new(message).into());
    }
    // AWS documents that the type cannot be changed; its service changes it, as its clients' own tests show.
    let kind = input.r#type.or(held.map(|held| held.newest.r#type));
    let kind =
        kind.ok_or_else(|| Failure::validation("A parameter type is required when you create a parameter."))?;
    if input.key_id.is_some() && kind != ParameterType::SecureString {
        let message = "KeyId is required for SecureString type parameter only.";
        return Err(Failure::validation(message).into());
    }
    Ok(kind)
}

/// The request's policies, or those that the parameter has. A change begins the time of those anew that tell of none.
pub(super) fn policies(call: &Call<PutParameter>, held: Option<&Parameter>) -> Result<Vec<Policy>, Refused> {
    if let Some(text) = &call.input().policies {
        return checked_policies(text, call.now());
    }
    let mut policies = held.map_or_else(Vec::new, |held| held.newest.policies.clone());
    for policy in &mut policies {
        policy.finished &= !matches!(policy.rule, Rule::NoChangeNotification(_));
    }
    Ok(policies)
}

/// The tier of the new version. AWS says of requests that name none that the default setting counts; that an advanced parameter stays one under
/// a default of standard is guessed.
pub(super) fn tier(
    call: &Call<PutParameter>,
    held: Option<&Parameter>,
    policies: &[Policy],
) -> Result<ParameterTier, Refused> {
    let advanced = held.is_some_and(|held| held.newest.tier == ParameterTier::Advanced);
    if advanced && call.input().tier == Some(ParameterTier::Standard) {
        let message = "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.";
        return Err(Failure::validation(message).into());
    }
    let needed = is_large(&call.input().value) || !policies.is_empty();
    match call.target().default_tier {
        ParameterTier::Advanced => Ok(ParameterTier::Advanced),
        _ if advanced => Ok(ParameterTier::Advanced),
        ParameterTier::IntelligentTiering if needed => Ok(ParameterTier::Advanced),
        // AWS documents that it is so, not the words.
        ParameterTier::Standard if !policies.is_empty() => Err(Failure::validation(
            "Parameter policies are supported only for parameters in the advanced-parameter tier. To use policies, upgrade the parameter to the advanced-parameter tier.",
        )
        .into()),
        ParameterTier::IntelligentTiering | ParameterTier::Standard => Ok(ParameterTier::Standard),
    }
}

pub(super) fn first(call: &Call<PutParameter>, arn: Arn, newest: Version) -> Result<Parameter, Refused> {
    let tags = call.input().tags.as_deref().unwrap_or_default();
    let tags = with_tags(Default::default(), tags)?
        .ok_or_else(|| Failure::validation("A parameter can have at most 50 tags."))?;
    Ok(Parameter {
        name: call.input().name.clone(),
        arn,
        account: call.account(),
        oldest: newest.number,
        newest,
        labels: Default::default(),
        tags,
        sharing: None,
    })
}

pub(super) fn next(held: &Arc<Parameter>, newest: Version) -> Result<Parameter, Refused> {
    let mut parameter = (**held).clone();
    parameter.newest = newest;
    if parameter.newest.number - parameter.oldest >= KEPT {
        if !parameter.labels_of(parameter.oldest).is_empty() {
            return Err(ParameterMaxVersionLimitExceeded::new(format!(
                "You attempted to create a new version of {} by calling the PutParameter API with the overwrite flag. Version {}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.",
                parameter.name, parameter.oldest
            ))
            .into());
        }
        parameter.oldest += 1;
    }
    Ok(parameter)
}
