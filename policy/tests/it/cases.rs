//! Recorded decisions: `data/PROVENANCE.md` says where they come from, `data/DOUBTS.md` why some are not followed.

use std::fs::File;
use std::io::Read;

use alcazar_policy::cases::{Doubt, judge};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/iam-decisions.jsonl.gz");
const DOUBTS: &str = include_str!("../data/DOUBTS.md");

/// Exactly these recorded decisions are not followed, each for the rule of the AWS documentation beside it.
const SETTLED: &[(Doubt, &[&str])] = &[
    (
        Doubt::RootUser,
        &[
            "principal-03834",
            "principal-03999",
            "principal-04116",
            "principal-04165",
            "layers-04365",
            "layers-04758",
            "layers-05135",
            "layers-05139",
            "layers-05240",
            "layers-05250",
            "layers-05572",
            "layers-05896",
            "layers-05965",
            "layers-05988",
            "layers-06089",
            "layers-06274",
            "layers-06373",
            "layers-06421",
            "service-kms-06727",
        ],
    ),
    (
        Doubt::WholeInternet,
        &[
            "condition-00023",
            "condition-00131",
            "condition-00171",
            "condition-00338",
            "condition-00347",
            "condition-00429",
            "condition-01086",
            "condition-01231",
            "condition-01740",
            "condition-02070",
            "condition-02190",
            "condition-02476",
        ],
    ),
    (
        Doubt::OtherFamily,
        &["condition-00669", "condition-01737", "condition-01904", "condition-02126", "condition-02422"],
    ),
    (Doubt::Ipv6Spelling, &["condition-00985", "condition-01457"]),
    (
        Doubt::EpochDate,
        &["condition-00105", "condition-00261", "condition-00694", "condition-01720", "condition-02127"],
    ),
    (Doubt::Exponent, &["condition-01220", "condition-01393", "condition-01847"]),
    (Doubt::OldVersion, &["condition-02367", "variable-02806", "variable-02905"]),
    (Doubt::Character, &["variable-02546", "variable-02555", "variable-02876"]),
    (Doubt::EmptyIsNull, &["condition-01300"]),
    (Doubt::NobodyElse, &["principal-03911"]),
];

#[test]
fn recorded_decisions_agree_but_for_those_that_the_documentation_settles() {
    let report = judge(File::open(CASES).unwrap()).unwrap();
    let mut found: Vec<(Doubt, String)> = report
        .disagreements
        .iter()
        .map(|d| (d.doubt.unwrap_or_else(|| panic!("{d}")), d.id.clone()))
        .collect();
    found.sort();
    let mut settled: Vec<(Doubt, String)> =
        SETTLED.iter().flat_map(|(doubt, ids)| ids.iter().map(|id| (*doubt, (*id).to_owned()))).collect();
    settled.sort();
    assert_eq!(found, settled);
    assert_eq!((report.total, report.agreed), (2099, 2099 - settled.len()));
    assert!(report.to_string().ends_with(&format!("\nagreed {} of 2099", report.agreed)));
}

#[test]
fn every_settled_case_is_in_the_document() {
    for (doubt, ids) in SETTLED {
        assert!(DOUBTS.contains(&format!("## {}", doubt.name())), "{doubt:?}");
        for id in *ids {
            assert!(DOUBTS.contains(id), "{id}");
        }
    }
}

#[test]
fn plain_text_is_judged_as_gzip_is_and_a_bad_line_disagrees() {
    let mut plain = String::new();
    flate2::read::GzDecoder::new(File::open(CASES).unwrap()).read_to_string(&mut plain).unwrap();
    let gzip = judge(File::open(CASES).unwrap()).unwrap();
    plain.push_str("\n{\"id\":\"x\"}\nnot json\n");
    let report = judge(plain.as_bytes()).unwrap();
    assert_eq!((report.total, report.agreed), (gzip.total + 2, gzip.agreed));
    assert!(report.to_string().contains("line 2102: expected , decided unreadable"), "{report}");
}
