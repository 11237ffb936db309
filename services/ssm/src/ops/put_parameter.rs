//! PutParameter: makes a parameter, or a new version of one.
//!
//! A new version says everything anew but its policies and its tier, which stay unless the request has others; the tier never goes back to
//! standard. 100 versions are kept: the oldest goes, if it has no label. The caller needs the right to encrypt with the key of a SecureString.
//! Source: Systems Manager API reference, `PutParameter`; User Guide, "Working with parameter versions".

mod store;
#[cfg(test)]
mod tests;
mod version;

use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_ssm::{self as wire, ParameterTier, ParameterType};

use self::store::store;
use self::version::{checked, first, next, policies, tier};
use crate::model::{
    DEFAULT_KEY, Found, Sealing, Version, checked_data_type, checked_name, default_tier, fits, matches,
    not_empty, seal, tag_pairs,
};

pub(crate) struct PutParameter;

/// The parameter as it is, and the tier of requests that name none.
pub(crate) struct Target {
    found: Found,
    default_tier: ParameterTier,
}

impl Operation for PutParameter {
    type Shape = wire::PutParameter;
    type Target = Target;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Found::own(&input.name, view).await?;
        let default_tier = match input.tier {
            Some(tier) => tier,
            None => default_tier(view).await?,
        };
        let (guard, keys) = (found.guard(), keys(input, &found));
        let mut located = Located::new(Target { found, default_tier }).need(
            wire::actions::PUT_PARAMETER,
            guard.clone(),
            keys.clone(),
        );
        if let Some(tags) = input.tags.as_ref().filter(|tags| !tags.is_empty()) {
            located = located.need(wire::actions::ADD_TAGS_TO_RESOURCE, guard, keys).tagging(tag_pairs(tags));
        }
        Ok(located)
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        let name = checked_name(&input.name, call.view())?;
        not_empty(&input.value)?;
        let held = call.target().found.found().cloned();
        let kind = checked(&call, held.as_deref())?;
        let policies = policies(&call, held.as_deref())?;
        let tier = tier(&call, held.as_deref(), &policies)?;
        fits(&input.value, tier)?;
        matches(&input.value, input.allowed_pattern.as_deref())?;
        let data_type = checked_data_type(input.data_type.as_deref(), kind, &input.value)?;
        let arn = name.arn(call.view(), call.account().as_str());
        let key_id = (kind == ParameterType::SecureString)
            .then(|| input.key_id.clone().unwrap_or_else(|| DEFAULT_KEY.alias().to_owned()));
        let sealing = match &key_id {
            Some(key) => seal(&call, &arn, key, tier, &input.value).await?,
            None => Sealing::clear(&input.value),
        };
        let version = Version {
            number: held.as_ref().map_or(1, |held| held.newest.number + 1),
            r#type: kind,
            value: sealing.value.clone(),
            key_id,
            modified_at: call.now(),
            modified_by: call.caller().arn().to_string(),
            description: input.description.clone().filter(|text| !text.is_empty()),
            allowed_pattern: input.allowed_pattern.clone().filter(|text| !text.is_empty()),
            tier,
            policies,
            data_type,
        };
        let parameter = match held {
            Some(held) => next(&held, version)?,
            None => first(&call, arn, version)?,
        };
        store(call, parameter, sealing).await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"Name": "/app/db", "Value": "one", "Type": "String"}"# }
    }
}

type Refused = Refusal<wire::PutParameter>;

fn keys(input: &Input<PutParameter>, found: &Found) -> wire::PutParameterKeys {
    let policies =
        input.policies.is_some() || found.found().is_some_and(|held| !held.newest.policies.is_empty());
    wire::PutParameterKeys {
        overwrite: input.overwrite.unwrap_or(false).to_string(),
        policies: policies.to_string(),
    }
}
