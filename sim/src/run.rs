use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use alcazar_store::engines::faults::FaultPlan;
use alcazar_testkit::World;

use crate::caller::{self, Caller, USER_SECRET};
use crate::draw::Draw;
use crate::executor::{Ended, Executor, alone};
use crate::invariant::{Invariant, Violation};
use crate::journal::Journal;
use crate::life::Life;
use crate::plan::Plan;
use crate::secrets::Secrets;
use crate::state::State;
use crate::trace::Trace;
use crate::{check, workload};

/// How many crashes a run has at most; then it goes on without faults.
const LIVES: usize = 12;

/// What came of a run.
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// What did not hold.
    pub violations: Vec<Violation>,
    /// What happened.
    pub trace: Trace,
    /// How many calls were made, and how many of them were answered with success.
    pub calls: (usize, usize),
    /// How often the program crashed.
    pub crashes: usize,
    /// What services did by themselves: keys rotated and deleted.
    pub service_events: usize,
    /// How many writes the first life tried.
    pub writes: u64,
}

/// Runs one seed.
pub fn simulate(seed: u64, plan: Plan) -> Outcome {
    let journal = Arc::new(Journal::new(plan.sabotage));
    let first = alone(World::over(&workload::services(), journal.clone(), seed));
    let callers = alone(caller::all(&first));
    let setup = journal.frames().len();
    let state = RefCell::new(beginning(seed, &plan, callers.len()));
    let run = Run { seed, plan, journal: &journal, first: &first, callers: &callers, state: &state };
    let writes = run.lives();
    run.last_look();
    let mut state = state.into_inner();
    check::all(&journal.frames(), setup, &mut state);
    state.violations.extend(journal.violations());
    failures(&plan, &mut state);
    let succeeded = state.calls.iter().filter(|call| call.status == Some(200)).count();
    Outcome {
        seed,
        violations: state.violations,
        calls: (state.calls.len(), succeeded),
        crashes: state.crashes,
        service_events: state.service_events,
        writes,
        trace: state.trace,
    }
}

struct Run<'r> {
    seed: u64,
    plan: Plan,
    journal: &'r Arc<Journal>,
    first: &'r World,
    callers: &'r [Caller],
    state: &'r RefCell<State>,
}

impl Run<'_> {
    /// Life after life, until every caller has made its calls.
    fn lives(&self) -> u64 {
        let mut writes = 0;
        for number in 0.. {
            let faults = if number < LIVES { self.plan.faults } else { FaultPlan::default() };
            // A write at which the program is to crash is counted in its first life.
            let crash_at = faults.crash_at.filter(|_| number == 0);
            let seed = self.seed ^ (number as u64 + 1) << 32;
            let life = self.life(FaultPlan { crash_at, ..faults }, seed);
            let ended = self.live(&life, seed);
            if number == 0 {
                writes = life.writes();
            }
            match ended {
                Ended::Done => break,
                Ended::Stopped => {
                    let mut state = self.state.borrow_mut();
                    state.crashes += 1;
                    state.trace.line("the program crashes and starts again".to_owned());
                }
                Ended::Stuck(tasks) => {
                    let seen = format!("{tasks} tasks wait for nothing");
                    self.state.borrow_mut().violated(Invariant::NobodyWaitsForever, seen);
                    break;
                }
            }
        }
        writes
    }

    fn life(&self, faults: FaultPlan, seed: u64) -> Life<'_> {
        alone(Life::start(self.first, self.journal, self.state, self.callers, faults, seed))
    }

    fn live(&self, life: &Life<'_>, seed: u64) -> Ended {
        let mut tasks = Executor::new(seed);
        for (index, caller) in self.callers.iter().enumerate() {
            tasks.spawn(life.call_on(index, caller.clone()));
        }
        tasks.spawn(life.run_jobs(self.plan.steps));
        tasks.spawn(life.run_jobs(self.plan.steps));
        tasks.spawn(life.jump());
        tasks.spawn(life.change_policies());
        tasks.run(|| life.is_over())
    }

    /// After a last restart and without faults, everything that was answered is looked at again.
    fn last_look(&self) {
        let life = self.life(FaultPlan::default(), self.seed);
        self.state.borrow_mut().trace.line("the last restart".to_owned());
        alone(life.run_jobs(1));
        for workload in workload::ALL {
            alone((workload.verify)(&life));
        }
    }
}

pub(crate) fn beginning(seed: u64, plan: &Plan, callers: usize) -> State {
    let mut secrets = Secrets::default();
    secrets.add("a user's secret access key", USER_SECRET.as_bytes());
    State {
        draw: Draw::new(seed),
        trace: Trace::default(),
        calls: Vec::new(),
        known: workload::Known::default(),
        secrets,
        tokens: Secrets::default(),
        violations: Vec::new(),
        steps: vec![plan.steps; callers],
        jumps: plan.jumps,
        changes: plan.changes,
        ahead: Duration::ZERO,
        crashes: 0,
        service_events: 0,
    }
}

/// Where nothing could fail, nothing may have failed.
fn failures(plan: &Plan, state: &mut State) {
    let excused = |status| status == 501 || (plan.fails() && status == 503);
    for (number, call) in state.calls.clone().iter().enumerate() {
        if let Some(status) = call.status.filter(|status| *status >= 500 && !excused(*status)) {
            let seen = format!("call {number} ({} {}) was told {status}", call.caller, call.operation);
            state.violated(Invariant::FailuresHaveCauses, seen);
        }
    }
}

impl Outcome {
    /// Whether everything held.
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
    }
}

/// One line; and for a seed that failed, what was violated and how it came to it.
impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (calls, succeeded) = self.calls;
        let (seed, crashes, jobs, hash) = (self.seed, self.crashes, self.service_events, self.trace.hash());
        write!(
            f,
            "seed {seed}: {calls} calls, {succeeded} answered, {crashes} crashes, {jobs} jobs, trace {hash:016x}"
        )?;
        for violation in &self.violations {
            write!(f, "\n  {violation}")?;
        }
        if !self.holds() {
            write!(f, "\nthe trace's last lines:\n{}", self.trace.tail(40))?;
            write!(f, "again: cargo xtask sim --from {seed} --seeds 1")?;
        }
        Ok(())
    }
}
