//! For which parameters, and for how long, AWS would charge: those of the advanced tier, which is never left again.
//! Source: AWS Systems Manager pricing, "Parameter Store".

use std::sync::Arc;

use alcazar_core::Timestamp;
use alcazar_corridor::{Billed, BilledPage, Failure, Holding, View};
use alcazar_store::{Key, Scope};
use wire_ssm::ParameterTier;

use super::{KEPT, PARAMETERS, Parameter, VERSIONS};

/// The advanced parameters of a Region.
pub(crate) struct BilledParameters;

impl Billed for BilledParameters {
    async fn page(
        view: &View,
        scope: Scope,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<BilledPage, Failure> {
        let rows = view.page(&PARAMETERS, PARAMETERS.range(scope), after, limit).await?;
        let mut held = Vec::with_capacity(rows.len());
        for (place, parameter) in rows {
            held.push((place, holdings(view, scope, &parameter).await?));
        }
        Ok(held)
    }
}

async fn holdings(view: &View, scope: Scope, parameter: &Arc<Parameter>) -> Result<Vec<Holding>, Failure> {
    if parameter.newest.tier != ParameterTier::Advanced {
        return Ok(Vec::new());
    }
    let since = advanced_since(view, scope, parameter).await?;
    let arn = parameter.arn.clone();
    Ok(vec![Holding { arn, kind: "AdvancedParameter", spec: None, since, until: None }])
}

/// When the oldest of the advanced versions that are kept was made. What is older is not known any more.
async fn advanced_since(view: &View, scope: Scope, parameter: &Parameter) -> Result<Timestamp, Failure> {
    let range = VERSIONS.range_under(scope, &parameter.key());
    let versions = view.page(&VERSIONS, range, None, usize::try_from(KEPT).unwrap_or(usize::MAX)).await?;
    let advanced = versions.iter().find(|(_, version)| version.tier == ParameterTier::Advanced);
    Ok(advanced.map_or(parameter.newest.modified_at, |(_, version)| version.modified_at))
}
