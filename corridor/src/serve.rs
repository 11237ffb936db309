//! Locate, authorize, run: the part of the corridor that knows the operation's types. Everything else is written once.

use std::sync::Arc;

use alcazar_core::value::Fields;
use alcazar_core::{Common, Fault, FromValue, Shape, Structured, Value};

use crate::corridor::Corridor;
use crate::failure::Reason;
use crate::record::{self, Subject};
use crate::{Call, Caller, Circumstances, Input, Operation, Output, Refusal, View, authorize};

/// How often a call is decided again because a row changed under it, before it gives up.
const ATTEMPTS: usize = 32;

/// After so many attempts a call waits for its turn: calls that change one row then go one after the other instead of racing.
const PATIENCE: usize = 3;

/// A call with its caller and its decoded input.
pub(crate) struct Arrived {
    pub(crate) corridor: Arc<Corridor>,
    pub(crate) caller: Arc<Caller>,
    pub(crate) circumstances: Arc<Circumstances>,
    pub(crate) fields: Fields,
}

/// What leaves: an answer or a refusal, both recorded already.
pub(crate) type Served = Result<Box<dyn Structured>, Fault>;

pub(crate) async fn serve<O: Operation>(arrived: Arrived) -> Served {
    let Arrived { corridor, caller, circumstances, fields } = arrived;
    let view = || View::new(corridor.universe().clone(), caller.clone(), circumstances.clone());
    let Ok(input) = Input::<O>::from_value(Value::Structure(fields)) else {
        let fault = Fault::common(Common::Serialization, "");
        return Err(record::refusal(&view(), O::Shape::OPERATION, O::Shape::CLASS, None, &[], fault).await);
    };
    let input = Arc::new(input);
    let mut _turn = None;
    for attempts in 0..ATTEMPTS {
        // A call on behalf of another never waits: the outer one may be holding the turn.
        if attempts == PATIENCE && circumstances.via.is_empty() {
            _turn = Some(corridor.turn().await);
        }
        let mut subjects: Arc<[Subject]> = Arc::new([]);
        let fault = match attempt::<O>(view(), input.clone(), &mut subjects).await {
            Ok(output) => return Ok(Box::new(output)),
            Err(refusal) => match refusal.into_reason() {
                Reason::Again | Reason::Missing(_) => continue,
                Reason::Fault(fault) => fault,
            },
        };
        let (operation, class) = (O::Shape::OPERATION, O::Shape::CLASS);
        return Err(record::refusal(&view(), operation, class, Some(&*input), &subjects, fault).await);
    }
    let fault = Fault::common(
        Common::ServiceUnavailable,
        "The resource is being changed by too many callers. Try again.",
    );
    Err(record::refusal(&view(), O::Shape::OPERATION, O::Shape::CLASS, Some(&*input), &[], fault).await)
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
