//! The recovery window of a deleted secret is over: it goes, with all its versions, and its name is free.
//!
//! Recorded as the service event `EndSecretVersionDelete`. Source: Secrets Manager User Guide, "CloudTrail entries for Secrets Manager".

use alcazar_corridor::{Committed, Done, Failure, Job, JobCall};
use serde_json::Value;

use crate::model::{happened, held, remove};

pub(crate) struct DeleteSecret;

impl Job for DeleteSecret {
    const NAME: &'static str = "secretsmanager/delete-secret";

    async fn run(call: JobCall) -> Result<Committed<Done>, Failure> {
        let (scope, name) = (call.reminder().scope(), call.reminder().subject.clone());
        let now = call.view().now();
        let secret = held(call.view(), scope, &name).await?;
        let due = secret.filter(|secret| secret.deletion.is_some_and(|deletion| deletion.due <= now));
        let Some(secret) = due else {
            return call.commit(None, |_| Ok(())).await;
        };
        call.commit(None, |tx| {
            happened(tx, &secret, "EndSecretVersionDelete", Value::Null)?;
            remove(tx, &secret)
        })
        .await
    }
}
