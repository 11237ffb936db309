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
        let operations: Vec<Vec<&'static Operation>> = registry
            .services()
            .iter()
            .map(|entry| entry.operations.iter().map(|entry| entry.operation).collect())
            .collect();
        let targets: Vec<Target<'_>> = registry
            .services()
            .iter()
            .zip(&operations)
            .map(|(entry, operations)| Target { service: entry.service, operations })
            .collect();
        Self { built: Router::new(&targets) }
    }

    /// Finds the operation of a request among those that are built. `signing_name` is what its signature says it is for. Where there is
    /// none, the answer says at least which service and protocol the request means, so that a stranger is told in its words;
    /// [`Routes::known`] looks further, for those who have signed.
    pub(crate) fn route(&self, arrival: &Arrival, signing_name: Option<&str>) -> Routed {
        let request = parts(arrival);
        match self.built.route(host(arrival), signing_name, &request) {
            Ok(route) => {
                Routed { service: route.service, protocol: route.protocol, operation: Ok(route.operation) }
            }
            Err(error) => match signed(signing_name).next() {
                Some(service) if error.service().is_none() => {
                    Routed { service, protocol: spoken(service, &request), operation: Err(error) }
                }
                _ => Self::nowhere(error),
            },
        }
    }

    /// Looks for a request's operation among all that the models know of the services of that signing name. Their tables are made
    /// when the first such request comes, and stay: most programs never send one.
    pub(crate) fn known(arrival: &Arrival, signing_name: Option<&str>, built: RoutingError) -> Routed {
        static KNOWN: Mutex<BTreeMap<&'static str, &'static Router>> = Mutex::new(BTreeMap::new());
        let Some(name) = signed(signing_name).next().map(|service| service.signing_name) else {
            return Self::nowhere(built);
        };
        let router = *KNOWN.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_insert_with(|| {
            let target = |service| Target { service, operations: alcazar_model::operations(service) };
            Box::leak(Box::new(Router::new(&signed(Some(name)).map(target).collect::<Vec<_>>())))
        });
        match router.route(host(arrival), signing_name, &parts(arrival)) {
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

fn host(arrival: &Arrival) -> &str {
    arrival.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

/// The services of that signing name, by their static facts: nothing is unpacked for it.
fn signed(signing_name: Option<&str>) -> impl Iterator<Item = &'static Service> {
    let all = alcazar_model::services().iter().copied();
    all.filter(move |service| Some(service.signing_name) == signing_name)
}

/// The protocol in which a service answers a request that leads nowhere: the one the request looks like, if the service speaks it.
fn spoken(service: &Service, request: &RequestParts<'_>) -> Protocol {
    let looks = if request.headers.contains_key("smithy-protocol") {
        Some(Protocol::RpcV2Cbor)
    } else if request.headers.contains_key("x-amz-target") {
        service.protocols.iter().copied().find(|p| matches!(p, Protocol::AwsJson10 | Protocol::AwsJson11))
    } else {
        None
    };
    let first = service.protocols.first().copied().unwrap_or(Protocol::AwsJson11);
    looks.filter(|protocol| service.protocols.contains(protocol)).unwrap_or(first)
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
