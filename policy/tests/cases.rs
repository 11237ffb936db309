//! Recorded decisions: see `data/PROVENANCE.md` and `data/DOUBTS.md`.
#![expect(clippy::unwrap_used, reason = "tests")]

#[test]
fn recorded_decisions_agree() {
    let file = std::fs::File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/iam-decisions.jsonl.gz")).unwrap();
    let report = alcazar_policy::cases::judge(file).unwrap();
    println!("{report}");
    assert_eq!(report.total, 2099);
}
