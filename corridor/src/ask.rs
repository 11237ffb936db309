//! Asking another service: a call through this same corridor, on behalf of the caller.

use std::sync::Arc;

use alcazar_core::{Common, Fault, Region, Shape};

use crate::reader::Reader;
use crate::serve::{Arguments, Arrived};
use crate::{Call, Caller, Circumstances, Corridor, Operation};

/// How many services may stand between a caller and what is done for it: loops end here.
const DEEPEST: usize = 5;

impl<O: Operation> Call<O> {
    /// Calls another service's operation in this call's Region, as this call's caller: its policies decide, the conditions know the
    /// service that asks (`kms:ViaService`, `aws:CalledVia`), and the call stands in the event history as `invokedBy` it. The right
    /// to ask ends with the call. Ask before the commit: a transaction waits for nobody; a call that is decided again asks again.
    ///
    /// # Errors
    /// The other operation's refusal, which is recorded as its own; to be told in this service's words.
    pub async fn ask<S: Shape>(&self, input: S::Input) -> Result<S::Output, Fault> {
        self.ask_in::<S>(self.region(), input).await
    }

    /// The same in another Region.
    ///
    /// # Errors
    /// The other operation's refusal.
    pub async fn ask_in<S: Shape>(&self, region: Region, input: S::Input) -> Result<S::Output, Fault> {
        let ours = self.view().circumstances();
        let mut via = ours.via.clone();
        let service = O::Shape::OPERATION.service;
        // A service that asks itself does not stand between: the caller could have asked it.
        if S::OPERATION.service.id != service.id {
            via.push(service.principal);
        }
        let request_id = self.universe().uuid();
        let circumstances = Circumstances { request_id, region, via, ..ours.clone() };
        ask::<S>(self.corridor(), self.view().caller_shared().clone(), circumstances, input).await
    }
}

/// Takes a call through the corridor from where its caller is known: of a service that asks, a job's role, or a gate's signer.
pub(crate) async fn ask<S: Shape>(
    corridor: &Arc<Corridor>,
    caller: Arc<Caller>,
    circumstances: Circumstances,
    input: S::Input,
) -> Result<S::Output, Fault> {
    let asked = S::OPERATION;
    let entry = corridor.registry().operation(asked.service.id, asked.name);
    let Some(entry) = entry.filter(|_| circumstances.via.len() <= DEEPEST) else {
        return Err(Fault::internal(format!("{} {} cannot be asked", asked.service.id, asked.name)));
    };
    let arrived = Arrived {
        corridor: corridor.clone(),
        caller,
        reader: Reader::new(corridor.universe()),
        circumstances: Arc::new(circumstances),
        arguments: Arguments::Typed(Box::new(input)),
    };
    match (entry.ask)(arrived).await?.downcast() {
        Ok(answer) => Ok(*answer),
        Err(_) => Err(Fault::common(Common::InternalFailure, "An answer was of another type.")),
    }
}
