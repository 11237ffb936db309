//! One life of the program: from its start on what was durable to its crash or its end.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use alcazar_corridor::{Corridor, Registry, Universe};
use alcazar_directory::{INSTALLATION, Installation};
use alcazar_ports::Clock;
use alcazar_store::engines::faults::{FaultPlan, FaultyStore, seeded};
use alcazar_store::{Scope, Store};
use alcazar_testkit::{Answer, World};
use serde_json::{Value, json};

use crate::caller::{self, CHANGING, Caller};
use crate::invariant::Invariant;
use crate::journal::Journal;
use crate::pause;
use crate::state::{Proof, State, source};
use crate::trace::fnv;
use crate::workload::{self, Step};

/// A running program, with those who call it.
pub(crate) struct Life<'r> {
    pub(crate) world: World,
    pub(crate) state: &'r RefCell<State>,
    pub(crate) callers: &'r [Caller],
    pub(crate) journal: Arc<Journal>,
    store: Arc<FaultyStore>,
}

impl<'r> Life<'r> {
    /// Starts the program on what is durable, as the real one does: the services' clock stands where the store says.
    pub(crate) async fn start(
        before: &World,
        journal: &Arc<Journal>,
        state: &'r RefCell<State>,
        callers: &'r [Caller],
        faults: FaultPlan,
        seed: u64,
    ) -> Self {
        let store = Arc::new(FaultyStore::new(journal.clone(), faults, seeded(seed)));
        let row = journal.get(INSTALLATION.key(Scope::Installation, Installation::KEY).as_bytes()).await;
        let row = INSTALLATION.decode(&row.expect("the journal can be read").value).expect("a row");
        before.clock.set_ahead(row.ahead());
        let universe = Universe { store: store.clone(), ..Universe::clone(before.corridor.universe()) };
        let world = World {
            corridor: Corridor::new(universe, Registry::new(&workload::services())),
            clock: before.clock.clone(),
            outside: before.outside.clone(),
            root: before.root.clone(),
            region: before.region,
        };
        Self { world, state, callers, journal: journal.clone(), store }
    }

    /// Whether the program has crashed.
    pub(crate) fn is_over(&self) -> bool {
        self.store.is_down()
    }

    pub(crate) fn writes(&self) -> u64 {
        self.store.writes()
    }

    /// One caller, calling until it has made all its calls.
    pub(crate) async fn call_on(&self, index: usize, caller: Caller) {
        while self.take(|state| state.steps.get_mut(index)) {
            let chosen = workload::choose(&mut self.state.borrow_mut(), &caller);
            let Some((step, caller, input)) = chosen else { continue };
            let answer = self.call(&caller, step.operation, step.open, &input).await;
            (step.learn)(self, &workload::Told { step, caller: &caller, input: &input, answer: &answer });
            self.rest(3).await;
        }
    }

    /// Makes a call and notes what came of it. If the program crashes meanwhile, there is no answer: the task ends here.
    pub(crate) async fn call(&self, caller: &Caller, operation: &str, open: bool, input: &Value) -> Answer {
        self.time_goes_forward();
        let number = self.state.borrow_mut().ask(caller, operation, open, self.world.clock.now());
        let mut arrival = self.world.arrival(&caller.credentials, operation, &input.to_string());
        arrival.source = source(number);
        let answer = self.world.send(arrival).await;
        if self.is_over() {
            return std::future::pending().await;
        }
        let mut state = self.state.borrow_mut();
        let (hash, head) = (fnv(0, answer.body.as_bytes()), self.journal.head());
        let name = &caller.name;
        state.trace.line(format!("{number} {name} {operation} {} {hash:016x} @{}", answer.status, head.0));
        let expired = caller.has_expired(self.world.clock.now());
        let end_was_asked = workload::end_was_asked(&state.known, &caller.credentials.access_key_id);
        if let Some(call) = state.calls.get_mut(number) {
            call.status = Some(answer.status);
            call.proof = proof_after(call.proof, expired, end_was_asked, &answer);
        }
        answer
    }

    /// Runs what is due, so many times; two such tasks run the same jobs at once.
    pub(crate) async fn run_jobs(&self, times: usize) {
        for _ in 0..times {
            self.rest(12).await;
            // A store that fails makes jobs fail; they run again.
            let _ = self.world.corridor.run_due().await;
        }
    }

    /// The clock jumps: a second, hours, or a month.
    pub(crate) async fn jump(&self) {
        while self.take(|state| Some(&mut state.jumps)) {
            self.rest(40).await;
            let by = {
                let mut state = self.state.borrow_mut();
                let by = *state.draw.of(&[1, 600, 4 * 3600, 8 * 24 * 3600, 31 * 24 * 3600]).unwrap_or(&1);
                state.trace.line(format!("the clock jumps {by} s"));
                by
            };
            self.world.clock.advance(Duration::from_secs(by));
        }
    }

    /// Gives the changing user its policy and takes it away again, while it calls.
    pub(crate) async fn change_policies(&self) {
        while self.take(|state| Some(&mut state.changes)) {
            self.rest(20).await;
            let Some(root) = self.callers.first() else { return };
            let mut input = json!({"UserName": CHANGING, "PolicyName": "reads"});
            if self.state.borrow().changes.is_multiple_of(2) {
                input["PolicyDocument"] = caller::reads().text().into();
                self.call(root, "iam:PutUserPolicy", false, &input).await;
            } else {
                self.call(root, "iam:DeleteUserPolicy", false, &input).await;
            }
        }
    }

    /// Gives way to others at most so many times.
    async fn rest(&self, most: usize) {
        let times = self.state.borrow_mut().draw.below(most + 1);
        for _ in 0..times {
            pause().await;
        }
    }

    fn take(&self, left: impl FnOnce(&mut State) -> Option<&mut usize>) -> bool {
        let mut state = self.state.borrow_mut();
        match left(&mut state) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn time_goes_forward(&self) {
        let ahead = self.world.clock.ahead();
        let mut state = self.state.borrow_mut();
        if ahead < state.ahead {
            let seen = format!("the services' time went from {:?} ahead back to {ahead:?}", state.ahead);
            state.violated(Invariant::TimeGoesForward, seen);
        }
        state.ahead = ahead;
    }
}

/// What the call proved, now that its answer is known: credentials may end while they are used, but only those whose time is over or
/// whose end was asked for, and each is told by a code of its own. (IAM tells sessions without MFA that their token is invalid, having
/// authenticated them.)
fn proof_after(before: Proof, expired: bool, end_was_asked: bool, answer: &Answer) -> Proof {
    let code = code(&answer.body).filter(|_| (400..500).contains(&answer.status));
    let told = match code {
        Some("ExpiredToken" | "ExpiredTokenException") => expired,
        Some("InvalidClientTokenId" | "UnrecognizedClientException") => end_was_asked,
        _ => false,
    };
    if before == Proof::Good && told { Proof::Ended } else { before }
}

/// The code of a refusal, in JSON or XML.
fn code(body: &str) -> Option<&str> {
    let between = |before: &str, after: &str| Some(body.split_once(before)?.1.split_once(after)?.0);
    let code =
        if body.starts_with('<') { between("<Code>", "</Code>") } else { between("\"__type\":\"", "\"") };
    code.map(|code| code.rsplit('#').next().unwrap_or(code))
}

impl Step {
    /// Notes that the operation answered what it must not.
    pub(crate) fn broke(&self, life: &Life<'_>, invariant: Invariant, seen: &str) {
        life.state.borrow_mut().violated(invariant, format!("{}: {seen}", self.operation));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, request_id: String::new(), body: body.to_owned() }
    }

    #[test]
    fn credentials_that_have_not_ended_have_no_excuse() {
        let expired = answer(400, r#"{"__type":"ExpiredTokenException","message":"expired"}"#);
        let unknown =
            answer(403, "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>");
        for (told, expiry, asked) in [(expired, true, false), (unknown, false, true)] {
            assert_eq!(proof_after(Proof::Good, expiry, asked, &told), Proof::Ended, "{}", told.body);
            assert_eq!(proof_after(Proof::Good, asked, expiry, &told), Proof::Good, "{}", told.body);
            assert_eq!(proof_after(Proof::Good, false, false, &told), Proof::Good, "{}", told.body);
            assert_eq!(proof_after(Proof::Bad, true, true, &told), Proof::Bad, "{}", told.body);
        }
        // An answer that speaks of it, and a refusal for another reason.
        for told in [
            answer(200, r#"{"Events":[{"errorCode":"ExpiredTokenException"}]}"#),
            answer(400, r#"{"__type":"AccessDeniedException","message":"ExpiredToken"}"#),
            answer(500, r#"{"__type":"UnrecognizedClientException"}"#),
        ] {
            assert_eq!(proof_after(Proof::Good, true, true, &told), Proof::Good, "{}", told.body);
        }
    }
}
