//! Operations that the models know and nobody has built yet: authenticated, validated, authorised by their IAM action and
//! recorded like all others, and answered honestly.

use alcazar_core::schema::{Operation, OperationKind, Service, Structure};
use alcazar_core::sink::Untyped;
use alcazar_core::{Common, EventClass, Fault, NoKeys, Structured};

use crate::authorize::{Ask, Bearing, session_may};
use crate::failure::Reason;
use crate::serve::{Arguments, Arrived, Served};
use crate::{Guard, View, record};

/// Serves a known operation that is not built: denied to those who may not call it, 501 to those who may.
pub(crate) async fn serve(operation: &'static Operation, arrived: Arrived) -> Served<Box<dyn Structured>> {
    let Arrived { caller, reader, circumstances, arguments, .. } = arrived;
    let view = View::new(reader, caller, circumstances);
    let input = match &arguments {
        Arguments::Read(fields) => Some(Untyped { schema: operation.input, fields }),
        Arguments::Typed(_) => None,
    };
    let input = input.as_ref().map(|input| input as &dyn Structured);
    let fault = match decide(operation, &view).await {
        Ok(()) => {
            let message = format!("{} {} is not implemented.", operation.service.service_id, operation.name);
            Fault::common(Common::NotImplemented, message)
        }
        Err(Reason::Fault(fault)) => fault,
        Err(Reason::Again | Reason::Missing(_)) => Fault::common(Common::ServiceUnavailable, "Try again."),
    };
    Err(record::refusal(&view, operation, EventClass::Management, input, &[], fault).await)
}

/// What it would touch is not known, so the action is decided on every resource.
async fn decide(operation: &'static Operation, view: &View) -> Result<(), Reason> {
    session_may(view, operation).map_err(crate::Failure::into_reason)?;
    let bearing = Bearing::of(view).await.map_err(crate::Failure::into_reason)?;
    let resource = Guard::any(view.account());
    for action in alcazar_model::actions(operation) {
        let ask = Ask { action, resource: &resource, keys: &NoKeys, request_tags: &[], tag_keys: &[] };
        bearing.decide(view, &ask).map_err(crate::Failure::into_reason)?;
    }
    Ok(())
}

/// What stands in the record for a call that named no known operation.
pub(crate) fn unknown(service: &'static Service) -> &'static Operation {
    static NOTHING: Structure = Structure::new("", &[]);
    // One leak for each service that was ever called wrongly: bounded by the number of services.
    static KNOWN: std::sync::Mutex<Vec<&'static Operation>> = std::sync::Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(found) = known.iter().find(|operation| std::ptr::eq(operation.service, service)) {
        return found;
    }
    let operation: &'static Operation = Box::leak(Box::new(Operation {
        service,
        name: "UnknownOperation",
        method: "POST",
        uri: "/",
        status: 200,
        input: &NOTHING,
        output: &NOTHING,
        result_wrapper: None,
        errors: &[],
        kind: OperationKind::Write,
        unsigned: false,
    }));
    known.push(operation);
    operation
}
