//! What is called: a table of workloads, one for each service, each with its steps and with what is looked at again at the end.

mod admin;
mod cloudtrail;
mod iam;
mod kms;
mod sts;

use std::future::Future;
use std::pin::Pin;

use alcazar_corridor::ServiceEntry;
use alcazar_testkit::Answer;
use serde_json::Value;

use crate::caller::Caller;
use crate::draw::Draw;
use crate::life::Life;
use crate::state::State;

/// The calls of one service. To add one, write a module and add its line to [`ALL`].
pub(crate) struct Workload {
    pub(crate) service: ServiceEntry,
    pub(crate) steps: &'static [Step],
    /// Looks, after the last restart and without faults, at everything that was answered.
    pub(crate) verify: for<'a> fn(&'a Life<'_>) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
}

/// A kind of call.
pub(crate) struct Step {
    /// `kms:Encrypt`.
    pub(crate) operation: &'static str,
    /// It needs no right.
    pub(crate) open: bool,
    /// How often it is chosen among the others.
    pub(crate) weight: usize,
    /// The input, or `None` while nothing is known that it could be called on.
    pub(crate) ask: fn(&mut Draw, &mut Known, &Caller) -> Option<Value>,
    /// Takes note of the answer.
    pub(crate) learn: fn(&Life<'_>, &Told<'_>),
}

/// A call with its answer.
pub(crate) struct Told<'a> {
    pub(crate) step: &'a Step,
    pub(crate) caller: &'a Caller,
    pub(crate) input: &'a Value,
    pub(crate) answer: &'a Answer,
}

/// What the callers know, by service.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) admin: admin::Known,
    pub(crate) iam: iam::Known,
    pub(crate) kms: kms::Known,
    pub(crate) sts: sts::Known,
}

/// Every workload.
pub(crate) const ALL: &[Workload] =
    &[admin::WORKLOAD, cloudtrail::WORKLOAD, iam::WORKLOAD, kms::WORKLOAD, sts::WORKLOAD];

/// Their services.
pub(crate) fn services() -> Vec<ServiceEntry> {
    ALL.iter().map(|workload| workload.service).collect()
}

/// The next call of a caller, made by itself or with temporary credentials that it holds.
pub(crate) fn choose(state: &mut State, caller: &Caller) -> Option<(&'static Step, Caller, Value)> {
    let caller = match sts::session_of(&mut state.draw, &state.known, caller) {
        Some(session) => session,
        None => caller.clone(),
    };
    // Who may little would otherwise be denied nearly always.
    let within = state.draw.chance(500);
    let steps: Vec<&Step> = ALL
        .iter()
        .flat_map(|workload| workload.steps)
        .filter(|step| !within || caller.might(step.operation))
        .flat_map(|step| std::iter::repeat_n(step, step.weight))
        .collect();
    let step = *state.draw.of(&steps)?;
    let input = (step.ask)(&mut state.draw, &mut state.known, &caller)?;
    Some((step, caller, input))
}

impl Told<'_> {
    pub(crate) fn succeeded(&self) -> bool {
        self.answer.status == 200
    }
}

/// Whether anybody who might has asked for the end of the key, or of the role behind the session, of that access key id.
pub(crate) fn end_was_asked(known: &Known, access_key_id: &str) -> bool {
    iam::end_was_asked(&known.iam, access_key_id)
}

/// Nothing is to be noted.
pub(crate) fn nothing(_: &Life<'_>, _: &Told<'_>) {}
