//! Names say what a thing is or does.

use regex::Regex;

use super::{Finding, Tree};
use crate::Outcome;

pub(super) fn check(tree: &Tree) -> Outcome<Vec<Finding>> {
    let declared = Regex::new(
        r"\b(?:struct|enum|trait|type|mod|fn)\s+(\w*(?:[Mm]anager|[Hh]elper|[Uu]tils?\b|_utils?_|Util)\w*)",
    )?;
    let mut findings = Vec::new();
    for (path, rust) in &tree.rust {
        for (at, line) in rust.lines() {
            let name = declared.captures(line).and_then(|found| found.get(1));
            findings.extend(name.map(|name| {
                Finding::new("name", path, format!("line {at}: `{}`: name what it is or does", name.as_str()))
            }));
        }
    }
    Ok(findings)
}
