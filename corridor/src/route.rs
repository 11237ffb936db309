//! Which operation a request is for: among those that are built, then among those that the models know.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use alcazar_codec::{RequestParts, Router, RoutingError, Target};
use alcazar_core::schema::{Operation, Protocol, Service};
use http::header::HOST;

use crate::corridor::NOWHERE;
use crate::{Arrival, Registry};

/// The routers, made once.
pub(crate) struct Routes {
    built: Router,
}

/// Where a request goes, or why it goes nowhere; its service and protocol say how that is told.
pub(crate) struct Routed {
    pub(crate) service: &'static Service,
    pub(crate) protocol: Protocol,
    pub(crate) operation: Result<&'static Operation, RoutingError>,
}

impl Routed {
    /// The operation's name; empty when none was recognised.
    pub(crate) fn name(&self) -> &'static str {
        self.operation.as_ref().map_or("", |operation| operation.name)
    }
}

impl Routes {
    pub(crate) fn new(registry: &Registry) -> Self {
        let targets: Vec<Target> = registry
            .services()
            .iter()
            .map(|entry| Target {
                service: entry.service,
                // Leaked once, at start: the router keeps its tables for the life of the program.
                operations: entry.operations.iter().map(|entry| entry.operation).collect::<Vec<_>>().leak(),
            })
            .collect();
        Self { built: Router::new(&targets) }
    }

    /// Finds the operation of a request. `signing_name` is what its signature says it is for.
    pub(crate) fn route(&self, arrival: &Arrival, signing_name: Option<&str>) -> Routed {
        let host = arrival.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let request = parts(arrival);
        match self.built.route(host, signing_name, &request) {
            Ok(route) => {
                Routed { service: route.service, protocol: route.protocol, operation: Ok(route.operation) }
            }
            Err(error) => Self::known(host, signing_name, &request, error),
        }
    }

    /// Among what the models know of the services of that signing name. Their tables are made when the first such request comes, and
    /// stay: most programs never send one.
    fn known(
        host: &str,
        signing_name: Option<&str>,
        request: &RequestParts<'_>,
        built: RoutingError,
    ) -> Routed {
        static KNOWN: Mutex<BTreeMap<&'static str, &'static Router>> = Mutex::new(BTreeMap::new());
        let signed = |service: &&&'static Service| Some(service.signing_name) == signing_name;
        let Some(name) = alcazar_model::services().iter().find(signed).map(|service| service.signing_name)
        else {
            return Self::nowhere(built);
        };
        let router = *KNOWN.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_insert_with(|| {
            let services = alcazar_model::services().iter().filter(signed);
            let target = |service: &&'static Service| Target {
                service,
                operations: alcazar_model::operations(service),
            };
            Box::leak(Box::new(Router::new(&services.map(target).collect::<Vec<_>>())))
        });
        match router.route(host, signing_name, request) {
            Ok(route) => {
                Routed { service: route.service, protocol: route.protocol, operation: Ok(route.operation) }
            }
            // The error of the built services is told in their own static tables, where there is one.
            Err(known) => Self::nowhere(if built.service().is_some() { built } else { known }),
        }
    }

    fn nowhere(error: RoutingError) -> Routed {
        let service = error.service().unwrap_or(&NOWHERE);
        let spoken = service.protocols.first().copied().unwrap_or(Protocol::AwsJson11);
        Routed { service, protocol: error.protocol().unwrap_or(spoken), operation: Err(error) }
    }
}

/// The request as the codecs see it. Labels of a path are matched by the reader itself.
pub(crate) fn parts(arrival: &Arrival) -> RequestParts<'_> {
    RequestParts {
        method: arrival.method.as_str(),
        path: &arrival.path,
        query: &arrival.query,
        headers: &arrival.headers,
        body: &arrival.body,
        labels: &[],
    }
}
