//! A bounded number of seeds, in parts that run side by side; `cargo xtask sim` runs more.

use alcazar_sim::{Invariant, Plan, Sabotage, simulate};
use alcazar_store::engines::faults::Moment;

fn seeds(from: u64, to: u64) {
    let (mut crashes, mut jobs) = (0, 0);
    for seed in from..to {
        let outcome = simulate(seed, Plan::of(seed));
        assert!(outcome.holds(), "{outcome}");
        assert!(outcome.calls.1 > 0, "{outcome}");
        (crashes, jobs) = (crashes + outcome.crashes, jobs + outcome.service_events);
    }
    assert!(crashes > 5 && jobs > 5, "{crashes} crashes, {jobs} jobs: the seeds try too little");
}

#[test]
fn every_invariant_holds_in_the_first_seeds() {
    seeds(0, 20);
}

#[test]
fn every_invariant_holds_in_the_next_seeds() {
    seeds(20, 40);
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in [1, 8] {
        let (one, two) = (simulate(seed, Plan::of(seed)), simulate(seed, Plan::of(seed)));
        assert_eq!(one.trace.len(), two.trace.len());
        assert_eq!(one.trace.hash(), two.trace.hash(), "{one}\n{two}");
        assert_ne!(one.trace.hash(), simulate(seed + 1, Plan::of(seed)).trace.hash());
    }
}

#[test]
fn every_invariant_holds_when_it_crashes_before_and_after_each_write() {
    let writes = simulate(3, Plan::one_crash(u64::MAX, Moment::BeforeTheWrite)).writes;
    assert!(writes > 10, "{writes}");
    for write in 1..=writes {
        for moment in [Moment::BeforeTheWrite, Moment::AfterTheWrite] {
            let outcome = simulate(3, Plan::one_crash(write, moment));
            assert!(outcome.holds(), "at write {write}, {moment:?}: {outcome}");
            assert_eq!(outcome.crashes, 1, "at write {write}, {moment:?}: {outcome}");
        }
    }
}

/// Which invariants do not hold, over some seeds, when the store breaks a promise.
fn broken_by(sabotage: Sabotage) -> Vec<Invariant> {
    let plan = |seed| Plan { sabotage: Some(sabotage), changes: 60, ..Plan::of(seed) };
    let outcomes = [4, 10].map(|seed| simulate(seed, plan(seed)));
    outcomes.iter().flat_map(|outcome| &outcome.violations).map(|violation| violation.invariant).collect()
}

#[test]
fn a_store_that_breaks_its_promises_is_found_out() {
    let expected = [
        (Sabotage::IgnoresExpectations, Invariant::ExpectationsHeld),
        (Sabotage::LosesWrites, Invariant::AnsweredSurvives),
        (Sabotage::DropsRecords, Invariant::NoChangeWithoutRecord),
        (Sabotage::WritesTwice, Invariant::OneRecordEach),
    ];
    for (sabotage, invariant) in expected {
        let broken = broken_by(sabotage);

        assert!(broken.contains(&invariant), "{sabotage:?} broke {broken:?}");
    }
}
