//! The HTTP contract of the AWS Secrets Manager Agent: programs without an SDK read secrets at a loopback address, out of a cache.
//!
//! Source: AWS Secrets Manager User Guide, "Using the AWS Secrets Manager Agent", and the agent's own documentation.

mod answer;
mod cache;
mod request;
mod serve;
mod token;

pub(crate) use serve::serve;
pub(crate) use token::Token;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alcazar_ports::Clock;
use zeroize::Zeroizing;

use crate::upstream::{CallError, SecretValue, Upstream, VersionOf};
use answer::Refusal;
use cache::{Cache, Found};
use request::Asked;

/// What can be set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// How long a value is good without asking; zero keeps none.
    pub(crate) ttl: Duration,
    /// How many values are kept.
    pub(crate) entries: usize,
    /// How many connections are answered at a time.
    pub(crate) connections: usize,
}

/// The agent.
pub(crate) struct Agent {
    upstream: Upstream,
    clock: Arc<dyn Clock>,
    token: Token,
    /// What a path that names a secret begins with: `/v1/`.
    prefix: String,
    bounds: Bounds,
    cache: Mutex<Cache>,
}

impl Agent {
    /// An agent with an empty cache.
    pub(crate) fn new(
        upstream: Upstream,
        clock: Arc<dyn Clock>,
        token: Token,
        prefix: String,
        bounds: Bounds,
    ) -> Self {
        let cache = Mutex::new(Cache::new(bounds.ttl, bounds.entries));
        Self { upstream, clock, token, prefix, bounds, cache }
    }

    /// Answers a request: the body of a good answer, or the refusal.
    async fn answer(
        &self,
        head: &http::request::Parts,
        crowded: bool,
    ) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        match request::read(head, &self.token, &self.prefix, crowded)? {
            Asked::Ping => Ok(Zeroizing::new(b"healthy".to_vec())),
            Asked::Secret { of, refresh } => {
                let value = self.value(of, refresh).await;
                value.map(|value| answer::body(&value)).map_err(|error| Refusal::of(&error))
            }
        }
    }

    /// The value: from the cache while it is fresh; when it is old, the same once more if its version still is the one that is meant, or
    /// if the service is out of reach. A refusal that is to last ends what was kept: who lost the right to a secret gets it no more.
    async fn value(&self, of: VersionOf, refresh: bool) -> Result<Arc<SecretValue>, CallError> {
        let value = self.asked(&of, refresh).await;
        if value.as_ref().is_err_and(|error| !error.is_transient()) {
            self.cache().forget(&of);
        }
        value
    }

    async fn asked(&self, of: &VersionOf, refresh: bool) -> Result<Arc<SecretValue>, CallError> {
        let asked = self.clock.wall();
        let found = if refresh { Found::Nothing } else { self.cache().look(of, asked) };
        let old = match found {
            Found::Fresh(value) => return Ok(value),
            Found::Stale(value) => Some(value),
            Found::Nothing => None,
        };
        let value = match old {
            Some(old) if self.is_still_meant(of, &old).await? => old,
            old => match (self.upstream.secret(of).await, old) {
                (Ok(value), _) => Arc::new(value),
                (Err(error), Some(old)) if error.is_transient() => old,
                (Err(error), _) => return Err(error),
            },
        };
        self.cache().keep(of.clone(), Arc::clone(&value), asked, self.clock.wall());
        Ok(value)
    }

    async fn is_still_meant(&self, of: &VersionOf, old: &SecretValue) -> Result<bool, CallError> {
        let id = old.arn.as_deref().unwrap_or(&of.secret_id);
        let described = match self.upstream.description(id).await {
            Err(error) if error.is_transient() => return Ok(true),
            other => other?,
        };
        let versions = described.version_ids_to_stages.unwrap_or_default();
        let version = of.version_id.as_ref().or(old.version_id.as_ref());
        let stages = version.and_then(|version| versions.get(version));
        Ok(match (&of.version_id, &of.version_stage) {
            (Some(_), None) => stages.is_some(),
            (_, stage) => {
                let stage = stage.as_deref().unwrap_or("AWSCURRENT");
                stages.is_some_and(|stages| stages.iter().any(|it| it == stage))
            }
        })
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
