//! Manifests: versions live in the workspace's own, every crate inherits its lints and licence, and none runs code while it is built.

use toml::{Table, Value};

use super::tree::text;
use super::{Finding, Tree};
use crate::Outcome;

pub(super) fn check(tree: &Tree) -> Outcome<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in tree.files.iter().filter(|path| path.ends_with("/Cargo.toml") && !path.contains("/fuzz/")) {
        let manifest: Table = text(path)?.parse().map_err(|cause| format!("{path}: {cause}"))?;
        findings.extend(complaints(&manifest).into_iter().map(|says| Finding::new("manifest", path, says)));
        let script = path.replace("Cargo.toml", "build.rs");
        if tree.files.contains(&script) {
            findings.push(Finding::new("manifest", script, "a build script: generated code is checked in"));
        }
    }
    Ok(findings)
}

fn complaints(manifest: &Table) -> Vec<String> {
    let mut complaints = Vec::new();
    for field in ["version", "edition", "rust-version", "license", "publish"] {
        if !inherits(manifest.get("package").and_then(|package| package.get(field))) {
            complaints.push(format!("{field} is not the workspace's: `{field}.workspace = true`"));
        }
    }
    if !inherits(manifest.get("lints")) {
        complaints.push("lints are not the workspace's: `[lints] workspace = true`".into());
    }
    if manifest.get("lib").and_then(|lib| lib.get("proc-macro")).is_some() {
        complaints.push("a procedural macro: a function and a type would do".into());
    }
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let listed = manifest.get(kind).and_then(Value::as_table).into_iter().flatten();
        let own = listed.filter(|(_, value)| !inherits(Some(value)) && value.get("path").is_none());
        complaints.extend(own.map(|(name, _)| {
            format!("{name} has a version of its own: versions live in the workspace's manifest")
        }));
    }
    complaints
}

/// Whether it says `workspace = true`.
fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_inherited_is_told() {
        let package = "[package]\nname = \"a\"\nversion.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
                       license.workspace = true\npublish.workspace = true\n[lints]\nworkspace = true\n[dependencies]\n";
        let told = |more: &str| complaints(&format!("{package}{more}").parse().unwrap());
        assert!(told("a.workspace = true\nb = { path = \"../b\" }\n").is_empty());
        assert!(told("tokio = \"1\"\n")[0].starts_with("tokio has a version of its own"));
        assert_eq!(complaints(&"[package]\nname = \"a\"\n".parse().unwrap()).len(), 6);
    }
}
