//! Gates: endpoints that others have specified, with credentials of their own. What is done behind them is done by calls through this same corridor,
//! so that it is allowed by policies and recorded like everything else.

use std::sync::Arc;

use alcazar_core::schema::Service;
use alcazar_core::{Fault, Region, Shape};
use alcazar_sigv4::{Dialect, Family, Presented, Request};

use crate::ask::ask;
use crate::authenticate::{Authenticated, Claim, Entrance, Refused};
use crate::{Arrival, Caller, Circumstances, Corridor};

/// A request that came by a gate and whose signer is proven.
pub struct Admitted {
    corridor: Arc<Corridor>,
    caller: Arc<Caller>,
    circumstances: Circumstances,
}

/// Why a request that came by a gate has no signer.
#[derive(Debug)]
pub enum Unproven {
    /// Its signature or credential is wrong, or is none of this gate's.
    Signature,
    /// Something inside failed; for the log.
    Inside(Fault),
}

impl Corridor {
    /// Proves who signed a request for that gate, with Signature Version 4 under the gate's signing name and an access key that was made for the gate.
    /// What is asked on its behalf is asked in that Region; the Region of the signature is the signer's own affair.
    ///
    /// # Errors
    /// When nobody is proven.
    pub async fn admit_at(
        self: &Arc<Self>,
        gate: &'static Service,
        arrival: &Arrival,
        region: Region,
    ) -> Result<Admitted, Unproven> {
        let headers: Vec<(&str, &[u8])> =
            arrival.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let request = Request {
            method: arrival.method.as_str(),
            path: &arrival.path,
            query: &arrival.query,
            headers: &headers,
        };
        let presented = Presented::read(&request);
        let claim = Claim { request, presented };
        let dialect = Dialect::of(gate.signing_name, Family::Json);
        let proven =
            self.authenticator().prove(self.universe(), arrival, &claim, gate, dialect, Entrance::Gate).await;
        let Authenticated { caller, .. } = proven.map_err(|refused| match refused {
            Refused::Signature(_) => Unproven::Signature,
            Refused::Failure(failure) => Unproven::Inside(failure.into_fault()),
        })?;
        let circumstances = self.circumstances(arrival, &self.universe().uuid(), region);
        Ok(Admitted { corridor: self.clone(), caller: Arc::new(caller), circumstances })
    }
}

impl Admitted {
    /// Who signed.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Tells the records of what follows by what agent it is done: what the gate's own protocol says of the request.
    pub fn through(&mut self, agent: String) {
        self.circumstances.user_agent = agent;
    }

    /// Calls an operation as the signer: his policies decide, and it is recorded as his.
    ///
    /// # Errors
    /// The operation's refusal, to be told in the gate's own words.
    pub async fn ask<S: Shape>(&self, input: S::Input) -> Result<S::Output, Fault> {
        let request_id = self.corridor.universe().uuid();
        let circumstances = Circumstances { request_id, ..self.circumstances.clone() };
        ask::<S>(&self.corridor, self.caller.clone(), circumstances, input).await
    }
}
