//! Locate, admit, authorize, run: the part of the corridor that knows the operation's types. Everything else is written once.

use std::any::Any;
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
    pub(crate) arguments: Arguments,
}

/// The input of a call.
pub(crate) enum Arguments {
    /// Read from the wire.
    Read(Fields),
    /// The operation's own input, from a service that asks.
    Typed(Box<dyn Any + Send>),
}

impl Arguments {
    fn input<O: Operation>(self) -> Option<Input<O>> {
        match self {
            Self::Read(fields) => Input::<O>::from_value(Value::Structure(fields)).ok(),
            Self::Typed(input) => input.downcast().ok().map(|input| *input),
        }
    }
}

/// What leaves: an answer or a refusal, both recorded already.
pub(crate) type Served<A> = Result<A, Fault>;

pub(crate) async fn serve<O: Operation>(arrived: Arrived) -> Served<Output<O>> {
    let Arrived { corridor, mut caller, reader, circumstances, arguments } = arrived;
    let Some(input) = arguments.input::<O>() else {
        let refused = Refused::before(Fault::common(Common::Serialization, ""));
        return Err(refused.recorded::<O>(&corridor, caller, circumstances, None).await);
    };
    let input = Arc::new(input);
    match attempts::<O>(&corridor, &mut caller, reader, &circumstances, &input).await {
        Ok(output) => Ok(output),
        Err(refused) => Err(refused.recorded::<O>(&corridor, caller, circumstances, Some(&*input)).await),
    }
}

/// A fault that is still to be recorded, with what the call had located.
struct Refused {
    fault: Fault,
    subjects: Arc<[Subject]>,
}

impl Refused {
    /// Before anything was located.
    fn before(fault: Fault) -> Self {
        Self { fault, subjects: Arc::new([]) }
    }

    async fn recorded<O: Operation>(
        self,
        corridor: &Corridor,
        caller: Arc<Caller>,
        circumstances: Arc<Circumstances>,
        input: Option<&dyn Structured>,
    ) -> Fault {
        let view = View::new(Reader::new(corridor.universe()), caller, circumstances);
        let (operation, class) = (O::Shape::OPERATION, O::Shape::CLASS);
        record::refusal(&view, operation, class, input, &self.subjects, self.fault).await
    }
}

/// Attempts until one commits or is refused; between two of them a row that was read has changed.
async fn attempts<O: Operation>(
    corridor: &Arc<Corridor>,
    caller: &mut Arc<Caller>,
    reader: Reader,
    circumstances: &Arc<Circumstances>,
    input: &Arc<Input<O>>,
) -> Result<Output<O>, Refused> {
    let mut view = View::new(reader, caller.clone(), circumstances.clone());
    let mut _turn = None;
    let mut admitted = false;
    for attempts in 1..=ATTEMPTS {
        let mut subjects: Arc<[Subject]> = Arc::new([]);
        match attempt::<O>(corridor, view, input.clone(), &mut subjects, &mut admitted)
            .await
            .map_err(Refusal::into_reason)
        {
            Ok(output) => return Ok(output),
            Err(Reason::Fault(fault)) => return Err(Refused { fault, subjects }),
            Err(Reason::Again | Reason::Missing(_)) => {}
        }
        // A call on behalf of another never waits: the outer one may be holding the turn.
        if attempts == PATIENCE && circumstances.via.is_empty() {
            _turn = Some(corridor.turn(caller.account()).await);
        }
        let reader = Reader::new(corridor.universe());
        view = again(reader, caller, circumstances).await.map_err(Refused::before)?;
        *caller = view.caller_shared().clone();
    }
    let message = "The resource is being changed by too many callers. Try again.";
    Err(Refused::before(Fault::common(Common::ServiceUnavailable, message)))
}

/// The view of another attempt: the caller is read anew.
async fn again(reader: Reader, caller: &Caller, circumstances: &Arc<Circumstances>) -> Result<View, Fault> {
    let gone = || Fault::common(Common::AccessDenied, "The credential is no longer valid.");
    // Whom the frame itself has made has no row that could change.
    let Some(credential) = caller.credential() else {
        return Ok(View::new(reader, Arc::new(caller.clone()), circumstances.clone()));
    };
    let found = identify(&reader, credential, circumstances.region).await.map_err(Failure::into_fault)?;
    let (caller, _) = found.ok_or_else(gone)?;
    Ok(View::new(reader, Arc::new(caller), circumstances.clone()))
}

async fn attempt<O: Operation>(
    corridor: &Arc<Corridor>,
    view: View,
    input: Arc<Input<O>>,
    subjects: &mut Arc<[Subject]>,
    admitted: &mut bool,
) -> Result<Output<O>, Refusal<O::Shape>> {
    let located = O::locate(&input, &view).await?;
    *subjects = Subject::of_all(located.needs.iter().map(|need| &need.resource));
    // A call that is decided again is still one call.
    if !*admitted {
        corridor.admit(&view, located.draws())?;
        *admitted = true;
    }
    authorize::all(&view, &located).await?;
    let call = Call::<O>::new(corridor.clone(), input, located.target, view, subjects.clone());
    Ok(O::run(call).await?.into_output())
}
