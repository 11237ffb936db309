use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use alcazar_core::fault::WireError;
use alcazar_core::schema::{Operation, Service};

use crate::Registry;

/// What the corridor has counted since the start, by operation and outcome. Reading it costs nothing to the calls.
#[derive(Debug)]
pub struct Tally {
    answered: HashMap<(&'static str, &'static str), AtomicU64>,
    refused: Mutex<HashMap<(&'static str, &'static str, &'static str), u64>>,
}

/// A line of the tally.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// The service's id.
    pub service: &'static str,
    /// The operation's name; empty when none was recognised.
    pub operation: &'static str,
    /// The error code; empty for answers.
    pub code: &'static str,
    /// How many.
    pub count: u64,
}

impl Tally {
    pub(crate) fn new(registry: &Registry) -> Self {
        let names = registry.services().iter().flat_map(|service| service.operations);
        let answered = names
            .map(|entry| ((entry.operation.service.id, entry.operation.name), AtomicU64::new(0)))
            .collect();
        Self { answered, refused: Mutex::default() }
    }

    pub(crate) fn answered(&self, operation: &'static Operation) {
        if let Some(count) = self.answered.get(&(operation.service.id, operation.name)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn refused(&self, service: &'static Service, operation: &'static str, error: &WireError) {
        // Codes, services and operations are all from static tables, so the map is bounded by them.
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        *refused.entry((service.id, operation, error.code)).or_default() += 1;
    }

    /// Every count above zero, sorted.
    pub fn counts(&self) -> Vec<Count> {
        let answered = self.answered.iter().map(|(&(service, operation), count)| Count {
            service,
            operation,
            code: "",
            count: count.load(Ordering::Relaxed),
        });
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = refused.iter().map(|(&(service, operation, code), &count)| Count {
            service,
            operation,
            code,
            count,
        });
        let mut counts: Vec<Count> = answered.chain(refused).filter(|line| line.count > 0).collect();
        counts.sort();
        counts
    }
}
