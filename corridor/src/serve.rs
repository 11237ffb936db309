//! Locate, authorize, run: the part of the corridor that knows the operation's types. Everything else is written once.

use std::sync::Arc;

use alcazar_core::value::Fields;
use alcazar_core::{Common, Fault, FromValue, Shape, Structured, Value};

use crate::corridor::Corridor;
use crate::failure::Reason;
use crate::identify::identify;
use crate::reader::Reader;
use crate::record::{self, Subject};
use crate::{Call, Caller, Circumstances, Failure, Input, Operation, Output, Refusal, View, authorize};

/// How often a call is decided again because a row changed under it, before it gives up.
const ATTEMPTS: usize = 32;

/// After so many attempts a call waits for its turn: calls that change one row then go one after the other instead of racing.
const PATIENCE: usize = 3;

/// A call with its caller and its decoded input.
pub(crate) struct Arrived {
    pub(crate) corridor: Arc<Corridor>,
    pub(crate) caller: Arc<Caller>,
    pub(crate) reader: Reader,
    pub(crate) circumstances: Arc<Circumstances>,
    pub(crate) fields: Fields,
}

/// What leaves: an answer or a refusal, both recorded already.
pub(crate) type Served = Result<Box<dyn Structured>, Fault>;

pub(crate) async fn serve<O: Operation>(arrived: Arrived) -> Served {
    let Arrived { corridor, mut caller, reader, circumstances, fields } = arrived;
    let mut reader = Some(reader);
    let fresh = || Reader::new(corridor.universe());
    let plain = |caller: &Arc<Caller>| View::new(fresh(), caller.clone(), circumstances.clone());
    let Ok(input) = Input::<O>::from_value(Value::Structure(fields)) else {
        let fault = Fault::common(Common::Serialization, "");
        return Err(
            record::refusal(&plain(&caller), O::Shape::OPERATION, O::Shape::CLASS, None, &[], fault).await
        );
    };
    let input = Arc::new(input);
    let mut _turn = None;
    for attempts in 0..ATTEMPTS {
        // A call on behalf of another never waits: the outer one may be holding the turn.
        if attempts == PATIENCE && circumstances.via.is_empty() {
            _turn = Some(corridor.turn(caller.account()).await);
        }
        let mut subjects: Arc<[Subject]> = Arc::new([]);
        let view = match reader.take() {
            Some(reader) => View::new(reader, caller.clone(), circumstances.clone()),
            None => match again(fresh(), &caller, &circumstances).await {
                Ok(view) => {
                    caller = view.caller_shared().clone();
                    view
                }
                Err(fault) => {
                    let (operation, class) = (O::Shape::OPERATION, O::Shape::CLASS);
                    return Err(record::refusal(
                        &plain(&caller),
                        operation,
                        class,
                        Some(&*input),
                        &[],
                        fault,
                    )
                    .await);
                }
            },
        };
        let fault = match attempt::<O>(view, input.clone(), &mut subjects).await {
            Ok(output) => return Ok(Box::new(output)),
            Err(refusal) => match refusal.into_reason() {
                Reason::Again | Reason::Missing(_) => continue,
                Reason::Fault(fault) => fault,
            },
        };
        let (operation, class) = (O::Shape::OPERATION, O::Shape::CLASS);
        return Err(record::refusal(&plain(&caller), operation, class, Some(&*input), &subjects, fault).await);
    }
    let fault = Fault::common(
        Common::ServiceUnavailable,
        "The resource is being changed by too many callers. Try again.",
    );
    Err(record::refusal(&plain(&caller), O::Shape::OPERATION, O::Shape::CLASS, Some(&*input), &[], fault)
        .await)
}

/// The view of another attempt: the caller is read anew.
async fn again(reader: Reader, caller: &Caller, circumstances: &Arc<Circumstances>) -> Result<View, Fault> {
    let gone = || Fault::common(Common::AccessDenied, "The credential is no longer valid.");
    let credential = caller.credential().ok_or_else(gone)?;
    let found = identify(&reader, credential, circumstances.region).await.map_err(Failure::into_fault)?;
    let (caller, _) = found.ok_or_else(gone)?;
    Ok(View::new(reader, Arc::new(caller), circumstances.clone()))
}

async fn attempt<O: Operation>(
    view: View,
    input: Arc<Input<O>>,
    subjects: &mut Arc<[Subject]>,
) -> Result<Output<O>, Refusal<O::Shape>> {
    let located = O::locate(&input, &view).await?;
    *subjects = Subject::of_all(located.needs.iter().map(|need| &need.resource));
    authorize::all(&view, &located).await?;
    let call = Call::<O>::new(input, located.target, view, subjects.clone());
    Ok(O::run(call).await?.into_output())
}
