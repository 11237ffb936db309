//! The stages in their order.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use alcazar_codec::{Limits, Response, check, read_input, write_error, write_output};
use alcazar_core::schema::{Operation, Protocol, Service};
use alcazar_core::value::Fields;
use alcazar_core::{AccountId, EventClass, Fault, Structured};
use alcazar_sigv4::{Dialect, Family, Presented, Request};
use alcazar_store::Pending;
use futures_util::FutureExt;
use http::header::USER_AGENT;

use crate::authenticate::{Authenticated, Authenticator, Claim, Entrance, Refused};
use crate::failure::panic_text;
use crate::quota::Draw;
use crate::reader::Reader;
use crate::route::{Routed, Routes, parts};
use crate::serve::{Arguments, Arrived};
use crate::tally::Tally;
use crate::throttle::Throttle;
use crate::{
    Arrival, Circumstances, Failure, Quotas, Registry, ResourceQuota, Universe, View, record, unbuilt,
};

/// How many queues there are for calls that change the same rows.
const TURNS: usize = 64;

/// The one path of every call. Shared by all connections.
pub struct Corridor {
    universe: Arc<Universe>,
    registry: Registry,
    routes: Routes,
    authenticator: Authenticator,
    tally: Tally,
    throttle: Throttle,
    turns: [tokio::sync::Mutex<()>; TURNS],
    shards: AtomicU64,
}

impl Corridor {
    /// A corridor in that universe, to those services, with the protective quotas.
    pub fn new(universe: impl Into<Arc<Universe>>, registry: Registry) -> Arc<Self> {
        Self::with_quotas(universe, registry, Quotas::default())
    }

    /// A corridor with those quotas.
    pub fn with_quotas(universe: impl Into<Arc<Universe>>, registry: Registry, quotas: Quotas) -> Arc<Self> {
        let routes = Routes::new(&registry);
        let tally = Tally::new(&registry);
        let authenticator = Authenticator::new();
        Arc::new(Self {
            universe: universe.into(),
            registry,
            routes,
            authenticator,
            tally,
            throttle: Throttle::new(quotas),
            turns: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            shards: AtomicU64::new(0),
        })
    }

    /// The ports, the store and the seal.
    pub fn universe(&self) -> &Arc<Universe> {
        &self.universe
    }

    /// The next shard of a resource quota, one after the other.
    pub(crate) fn next_shard(&self) -> u64 {
        self.shards.fetch_add(1, Ordering::Relaxed) % ResourceQuota::SHARDS
    }

    /// The services.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }

    /// What has been counted since the start.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Draws what the call draws from its quotas.
    pub(crate) fn admit(
        &self,
        view: &View,
        draws: impl Iterator<Item = Draw> + Clone,
    ) -> Result<(), Failure> {
        self.throttle.admit(view.account(), view.region(), draws, &*self.universe.clock)
    }

    /// The turn of calls that lost several races for a row, first come, first served. Accounts do not wait for each other, but for the
    /// few that share one of the queues.
    pub(crate) async fn turn(&self, account: AccountId) -> tokio::sync::MutexGuard<'_, ()> {
        let number: usize = account.as_str().parse().unwrap_or_default();
        self.turns[number % TURNS].lock().await
    }

    /// Takes a request through all stages. Whatever happens, there is an answer; what was authenticated is recorded before it.
    ///
    /// The future is large, and boxed here, so that whoever wraps it in others does not move it around.
    pub fn handle(self: &Arc<Self>, arrival: Arrival) -> Pending<'_, Response> {
        Box::pin(self.handled(arrival))
    }

    async fn handled(self: &Arc<Self>, arrival: Arrival) -> Response {
        let request_id = self.universe.uuid();
        let headers: Vec<(&str, &[u8])> =
            arrival.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let request = Request {
            method: arrival.method.as_str(),
            path: &arrival.path,
            query: &arrival.query,
            headers: &headers,
        };
        let presented = Presented::read(&request);
        let signing_name = presented.as_ref().ok().map(|presented| presented.scope().service);
        let mut routed = self.routes.route(&arrival, signing_name);
        let claim = Claim { request, presented };
        match self.admitted(&arrival, &claim, &mut routed, &request_id).await {
            Ok((operation, output)) => {
                self.tally.answered(operation);
                write_output(routed.protocol, operation, &*output, &request_id)
            }
            Err(fault) => self.refused(&routed, &fault, &request_id),
        }
    }

    fn refused(&self, routed: &Routed, fault: &Fault, request_id: &str) -> Response {
        let (service, wire) = (routed.service, fault.wire(routed.service));
        if let Some(cause) = fault.cause() {
            tracing::error!(request_id, service = service.id, code = wire.code, %cause, "call failed");
        }
        self.tally.refused(service, routed.name(), &wire);
        write_error(routed.protocol, service, fault, request_id)
    }

    async fn admitted(
        self: &Arc<Self>,
        arrival: &Arrival,
        claim: &Claim<'_>,
        routed: &mut Routed,
        request_id: &str,
    ) -> Result<(&'static Operation, Box<dyn Structured>), Fault> {
        let dialect = Dialect::of(routed.service.signing_name, family(routed.protocol));
        let proven = self
            .authenticator
            .prove(&self.universe, arrival, claim, routed.service, dialect, Entrance::Api)
            .await;
        let Authenticated { caller, region, reader } = proven.map_err(|refused| told(dialect, refused))?;
        let caller = Arc::new(caller);
        let circumstances = Arc::new(self.circumstances(arrival, request_id, region));
        if let Err(error) = &routed.operation {
            let signing_name = claim.presented.as_ref().ok().map(|presented| presented.scope().service);
            *routed = Routes::known(arrival, signing_name, error.clone());
        }
        let (operation, decoded) = decode(arrival, routed);
        let entry = self.registry.operation(operation.service.id, operation.name);
        let fields = match decoded {
            Ok(fields) => fields,
            Err(fault) => {
                let view = View::new(reader, caller, circumstances);
                let class = entry.map_or(EventClass::Management, |entry| entry.class);
                return Err(record::refusal(&view, operation, class, None, &[], fault).await);
            }
        };
        let (known, when) = (caller.clone(), circumstances.clone());
        let arguments = Arguments::Read(fields);
        let arrived = Arrived { corridor: self.clone(), caller, reader, circumstances, arguments };
        // What calls share is left whole by a panic: rows change in the store's thread alone, caches are filled by one insert, and no lock
        // minds that its holder has panicked.
        let served = AssertUnwindSafe(async {
            match entry {
                Some(entry) => (entry.serve)(arrived).await,
                None => unbuilt::serve(operation, arrived).await,
            }
        });
        match served.catch_unwind().await {
            Ok(served) => served.map(|output| (operation, output)),
            Err(panic) => {
                let view = View::new(Reader::new(&self.universe), known, when);
                let class = entry.map_or(EventClass::Management, |entry| entry.class);
                let fault = Fault::internal(format!("the call panicked: {}", panic_text(&*panic)));
                Err(record::refusal(&view, operation, class, None, &[], fault).await)
            }
        }
    }

    pub(crate) fn circumstances(
        &self,
        arrival: &Arrival,
        request_id: &str,
        region: alcazar_core::Region,
    ) -> Circumstances {
        let text = |name| arrival.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Circumstances {
            request_id: request_id.to_owned(),
            now: self.universe.clock.now(),
            region,
            source: arrival.source,
            user_agent: text(USER_AGENT).to_owned(),
            host: text(http::header::HOST).to_owned(),
            secure: arrival.secure,
            via: Vec::new(),
        }
    }
}

/// The operation that was called, and its input, read and validated; a call that names no operation has an input that is none.
fn decode(arrival: &Arrival, routed: &Routed) -> (&'static Operation, Result<Fields, Fault>) {
    let operation = match &routed.operation {
        Ok(operation) => *operation,
        Err(error) => return (unbuilt::unknown(routed.service), Err(error.fault())),
    };
    let read = read_input(routed.protocol, operation, &parts(arrival), &Limits::DEFAULT).map_err(Fault::from);
    (operation, read.and_then(|fields| check(operation, &fields).map(|()| fields)))
}

/// How a protocol's services answer a bad signature.
fn family(protocol: Protocol) -> Family {
    match protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RpcV2Cbor => Family::Json,
        Protocol::AwsQuery => Family::Query,
        Protocol::Ec2Query => Family::Ec2,
        Protocol::RestJson => Family::RestJson,
        Protocol::RestXml => Family::S3,
    }
}

fn told(dialect: Dialect, refused: Refused) -> Fault {
    match refused {
        Refused::Signature(error) => {
            let answer = dialect.answer(&error);
            Fault::presented(answer.code, answer.status, answer.message)
        }
        Refused::Failure(failure) => failure.into_fault(),
    }
}

/// The service that answers when none was named: its errors are those of a JSON service.
pub(crate) static NOWHERE: Service = Service {
    id: "alcazar",
    service_id: "Alcazar",
    signing_name: "alcazar",
    endpoint_prefix: "alcazar",
    principal: "alcazar.amazonaws.com",
    api_version: "2026-11-01",
    target_prefix: "",
    protocols: &[Protocol::AwsJson11],
    query_compatible: false,
    xml_namespace: None,
    global: false,
};
