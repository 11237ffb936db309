//! `cargo xtask tidy`: the house rules, as one check.
//!
//! A rule is a module with a `check(&Tree) -> Outcome<Vec<Finding>>` and one line in [`RULES`]. What is known and not yet mended is
//! counted in `xtask/tidy-exceptions.txt`, which may only shrink.

mod bans;
mod changelog;
mod dependencies;
mod docs;
mod exceptions;
mod generated;
mod licences;
mod manifests;
mod names;
mod registry;
mod rust;
mod sizes;
mod text;
mod tree;

use tree::Tree;

use crate::Outcome;

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    /// The rule's name, as exceptions have it.
    rule: &'static str,
    /// The file or folder, from the workspace's root.
    place: String,
    /// How much of it: 1, or lines where the rule counts lines.
    amount: usize,
    /// What is wrong and what to do instead.
    says: String,
    /// Said, and no failure.
    warning: bool,
}

impl Finding {
    fn new(rule: &'static str, place: impl Into<String>, says: impl Into<String>) -> Self {
        Self { rule, place: place.into(), amount: 1, says: says.into(), warning: false }
    }
}

type Check = fn(&Tree) -> Outcome<Vec<Finding>>;

/// Every rule, with what it holds.
const RULES: &[(&str, Check)] = &[
    ("who may depend on whom", dependencies::check),
    ("one version of each library, one set of lints", manifests::check),
    ("files of operations equal the lists", registry::check),
    ("generated files are current", generated::check),
    ("nothing ambient, nothing unbounded, no comparison that tells", bans::check),
    ("names say what a thing is", names::check),
    ("sizes of files", sizes::check),
    ("crates say what they are", docs::check),
    ("no hosts of packages, no paths of a machine", text::check),
    ("licence files", licences::check),
    ("changelog fragments", changelog::check),
];

/// Runs the command.
///
/// # Errors
/// If a rule is broken beyond the exceptions, or an exception is no longer needed.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    if !arguments.is_empty() {
        return Err("it takes nothing".into());
    }
    let tree = Tree::read()?;
    let mut findings = Vec::new();
    for (name, check) in RULES {
        let found = check(&tree)?;
        println!("tidy: {name}{}", if found.is_empty() { "" } else { ": see below" });
        findings.extend(found);
    }
    let exceptions = exceptions::read()?;
    let judged = exceptions::judge(findings, &exceptions);
    for finding in &judged.warnings {
        println!("warning: {} [{}]\n    {}", finding.place, finding.rule, finding.says);
    }
    for complaint in &judged.complaints {
        println!("{complaint}");
    }
    match judged.complaints.len() {
        0 => Ok(()),
        broken => Err(format!("{broken} complaints").into()),
    }
}
