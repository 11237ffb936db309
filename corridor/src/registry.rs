use std::any::Any;
use std::collections::HashMap;

use alcazar_core::schema::{self, Service};
use alcazar_core::{EventClass, Shape, Structured};
use alcazar_store::Pending;

use crate::billed::BilledEntry;
use crate::job::JobEntry;
use crate::serve::{Arrived, Served, serve};
use crate::{Example, Operation};

/// A service: what it is called, and the list of what it does. Each service crate has one.
#[derive(Clone, Copy)]
pub struct ServiceEntry {
    /// Its wire description.
    pub service: &'static Service,
    /// Its operations, one line each.
    pub operations: &'static [Entry],
    /// Its jobs, one line each.
    pub jobs: &'static [JobEntry],
    /// What it keeps that AWS charges for by the month; `None` where it charges for nothing of it.
    pub billed: Option<BilledEntry>,
}

/// Serves a call, with the answer in that form.
type Serve<A> = fn(Arrived) -> Pending<'static, Served<A>>;

/// An operation's line in its service's list.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its tables.
    pub operation: &'static schema::Operation,
    /// The IAM actions it may need.
    pub actions: &'static [&'static str],
    /// How CloudTrail classes it.
    pub class: EventClass,
    /// Its example.
    pub example: fn() -> Example,
    pub(crate) serve: Serve<Box<dyn Structured>>,
    /// The same with the answer in its type, for a service that asks.
    pub(crate) ask: Serve<Box<dyn Any + Send>>,
}

impl Entry {
    /// The entry of an operation.
    pub const fn of<O: Operation>() -> Self {
        Self {
            operation: O::Shape::OPERATION,
            actions: O::Shape::ACTIONS,
            class: O::Shape::CLASS,
            example: O::example,
            serve: |arrived| {
                Box::pin(async { Ok(Box::new(serve::<O>(arrived).await?) as Box<dyn Structured>) })
            },
            ask: |arrived| {
                Box::pin(async { Ok(Box::new(serve::<O>(arrived).await?) as Box<dyn Any + Send>) })
            },
        }
    }
}

/// Every service of the program.
pub struct Registry {
    services: Vec<ServiceEntry>,
    operations: HashMap<&'static str, HashMap<&'static str, Entry>>,
    jobs: HashMap<&'static str, (&'static Service, JobEntry)>,
}

impl Registry {
    /// The registry of these services.
    pub fn new(services: &[ServiceEntry]) -> Self {
        let operations = services
            .iter()
            .map(|service| {
                (service.service.id, service.operations.iter().map(|e| (e.operation.name, *e)).collect())
            })
            .collect();
        let jobs = services
            .iter()
            .flat_map(|service| service.jobs.iter().map(|job| (job.name, (service.service, *job))))
            .collect();
        Self { services: services.to_vec(), operations, jobs }
    }

    /// The services.
    pub fn services(&self) -> &[ServiceEntry] {
        &self.services
    }

    /// The operation of that service and name, if it is built.
    pub fn operation(&self, service: &str, name: &str) -> Option<&Entry> {
        self.operations.get(service)?.get(name)
    }

    /// The job of that name, and its service.
    pub(crate) fn job(&self, name: &str) -> Option<&(&'static Service, JobEntry)> {
        self.jobs.get(name)
    }
}
