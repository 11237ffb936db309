//! For which secrets, and for how long, AWS would charge.
//! Source: AWS Secrets Manager pricing: each secret a month, and each replica as a secret; one that is marked for deletion is free.

use alcazar_corridor::{Billed, BilledPage, Failure, Holding, View};
use alcazar_store::{Key, Scope};

use super::row::SECRETS;

/// The secrets of a Region.
pub(crate) struct BilledSecrets;

impl Billed for BilledSecrets {
    async fn page(
        view: &View,
        scope: Scope,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<BilledPage, Failure> {
        let rows = view.page(&SECRETS, SECRETS.range(scope), after, limit).await?;
        let holding = |secret: &super::Secret| Holding {
            arn: secret.arn.clone(),
            kind: "Secret",
            spec: None,
            since: secret.created_at,
            until: secret.deletion.map(|deletion| deletion.since),
        };
        Ok(rows.into_iter().map(|(place, secret)| (place, vec![holding(&secret)])).collect())
    }
}
