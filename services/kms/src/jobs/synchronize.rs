//! What all Regions of a multi-Region key share was changed in one of them: it is on record in the others too.
//!
//! The change itself is one commit for all Regions; this is the service event `SynchronizeMultiRegionKey` alone, told of the Region's own key.
//! Source: KMS Developer Guide, "SynchronizeMultiRegionKey" in CloudTrail.

use alcazar_corridor::{Committed, Done, Failure, Job, JobCall, ServiceEvent};

use crate::model::{KEY_KIND, KEYS};

pub(crate) struct Synchronize;

impl Job for Synchronize {
    const NAME: &'static str = "kms/synchronize-multi-region-key";

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let (scope, id) = (call.reminder().scope(), call.reminder().subject.clone());
        let key = call.view().get(&KEYS, scope, id.as_str()).await?;
        let event = key.map(|key| ServiceEvent {
            source: "kms.amazonaws.com",
            name: "SynchronizeMultiRegionKey",
            resource: Some((KEY_KIND, key.arn.clone())),
            details: format!(r#"{{"keyId":"{}"}}"#, key.id),
        });
        call.commit(event, |_| Ok(())).await
    }
}
