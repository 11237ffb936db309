//! The event history is kept for ninety days. Source: CloudTrail User Guide, "Working with CloudTrail event history".

use std::sync::Arc;
use std::time::Duration;

use alcazar_corridor::Corridor;

use crate::metrics::Metrics;

const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// How often it is looked at: by the world's clock, while what is old is told by the services'.
const EVERY: Duration = Duration::from_secs(60);

/// Forgets old records, for as long as the program runs.
pub(crate) async fn run(corridor: Arc<Corridor>, metrics: Arc<Metrics>) {
    let universe = corridor.universe();
    let mut every = tokio::time::interval(EVERY);
    loop {
        every.tick().await;
        match universe.store.forget_records(universe.clock.now().minus(KEPT)).await {
            Ok(0) => {}
            Ok(forgotten) => {
                metrics.forgot(forgotten);
                tracing::info!(forgotten, "records older than ninety days are gone");
            }
            Err(error) => tracing::error!(%error, "old records could not be removed"),
        }
    }
}
