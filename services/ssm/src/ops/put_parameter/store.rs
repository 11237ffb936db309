//! The change: the parameter with its new version, counted in its tier, reminded of its policies, and told.

use alcazar_corridor::{Call, Committed};
use wire_ssm::{self as wire, ParameterLimitExceeded, ParameterTier};

use super::{PutParameter, Refused};
use crate::model::{Parameter, Sealing, VERSIONS, count, discount, tell_change};

/// Stores it.
pub(super) async fn store(
    call: Call<PutParameter>,
    parameter: Parameter,
    sealing: Sealing,
) -> Result<Committed<wire::PutParameterResult>, Refused> {
    call.commit(|tx, call| {
        let mut parameter = parameter.clone();
        let (scope, name) = (call.here(), parameter.key());
        let held = call.target().found.found();
        let before = held.map(|held| held.newest.tier);
        if before != Some(parameter.newest.tier) {
            let mut counted = count(tx, scope, parameter.newest.tier, &name)?;
            // An intelligent tier goes on where the standard one ends. A SecureString stays encrypted as it is: both forms are read.
            if !counted && call.target().default_tier == ParameterTier::IntelligentTiering {
                parameter.newest.tier = ParameterTier::Advanced;
                counted = count(tx, scope, ParameterTier::Advanced, &name)?;
            }
            if !counted {
                return Err(too_many().into());
            }
        }
        if let Some(held) = held {
            if before != Some(parameter.newest.tier) {
                discount(tx, scope, held.newest.tier, &name)?;
            }
            if held.oldest != parameter.oldest {
                tx.remove(&VERSIONS, scope, &(name, held.oldest))?;
            }
            held.forget(tx)?;
        }
        sealing.note(tx, scope)?;
        parameter.put(tx)?;
        parameter.remind(tx)?;
        tell_change(tx, &parameter, if held.is_some() { "Update" } else { "Create" })?;
        let version = i64::try_from(parameter.newest.number).ok();
        Ok(wire::PutParameterResult { version, tier: Some(parameter.newest.tier) })
    })
    .await
}

/// The words are AWS's of its API reference.
fn too_many() -> ParameterLimitExceeded {
    ParameterLimitExceeded::new(
        "You have exceeded the number of parameters for this AWS account. Delete one or more parameters and try again.",
    )
}
