//! An operation is one file and one line: the files of `services/*/src/ops`, their lines in `ops/mod.rs`, the entries in `lib.rs` and
//! `models/implemented/` are equal. `cargo xtask op` writes all of them, and `cargo xtask coverage` relies on it.

use std::collections::BTreeSet;

use super::tree::text;
use super::{Finding, Tree};
use crate::wire::{built, names};
use crate::{Outcome, root};

pub(super) fn check(tree: &Tree) -> Outcome<Vec<Finding>> {
    let listed = built(&root().join("models"))?;
    let mut findings = Vec::new();
    let mut served = BTreeSet::new();
    for folder in folders(tree) {
        let service =
            if folder == "services/admin" { "alcazar" } else { folder.trim_start_matches("services/") };
        served.insert(service.to_owned());
        let nothing = BTreeSet::new();
        let implemented = listed.get(service).unwrap_or(&nothing);
        let code =
            |file: &str| tree.rust.get(&format!("{folder}/src/{file}")).map_or("", |rust| rust.code.as_str());
        let found = Service {
            files: files(tree, &folder),
            modules: modules(code("ops/mod.rs")),
            entries: entries(&text(&format!("{folder}/src/lib.rs"))?),
        };
        let complaints = found.complaints(service, implemented);
        findings.extend(complaints.into_iter().map(|says| Finding::new("registry", &folder, says)));
    }
    for service in listed.keys().filter(|service| !served.contains(*service)) {
        findings.push(Finding::new(
            "registry",
            format!("models/implemented/{service}.txt"),
            "there is no such service's crate",
        ));
    }
    Ok(findings)
}

/// The services' crates.
fn folders(tree: &Tree) -> Vec<String> {
    let manifests = tree.files.iter().filter_map(|path| path.strip_suffix("/Cargo.toml"));
    manifests.filter(|folder| folder.starts_with("services/")).map(str::to_owned).collect()
}

/// What a service's crate says of its operations.
#[derive(Default)]
struct Service {
    files: BTreeSet<String>,
    modules: BTreeSet<String>,
    /// Module and operation, in the list's order.
    entries: Vec<(String, String)>,
}

impl Service {
    fn complaints(&self, service: &str, implemented: &BTreeSet<String>) -> Vec<String> {
        let mut complaints = Vec::new();
        let listed: BTreeSet<String> = self.entries.iter().map(|(module, _)| module.clone()).collect();
        let operations: BTreeSet<String> =
            self.entries.iter().map(|(_, operation)| operation.clone()).collect();
        let overlay = format!("models/implemented/{service}.txt");
        let mut compare = |have: (&BTreeSet<String>, &str), want: (&BTreeSet<String>, &str)| {
            complaints.extend(
                have.0
                    .difference(want.0)
                    .map(|name| format!("{name} is in {} and not in {}", have.1, want.1)),
            );
            complaints.extend(
                want.0
                    .difference(have.0)
                    .map(|name| format!("{name} is in {} and not in {}", want.1, have.1)),
            );
        };
        compare((&self.files, "src/ops/"), (&self.modules, "src/ops/mod.rs"));
        compare((&self.files, "src/ops/"), (&listed, "the list in src/lib.rs"));
        compare((&operations, "the list in src/lib.rs"), (implemented, &overlay));
        for (module, operation) in self.entries.iter().filter(|(module, name)| names::module(name) != *module)
        {
            complaints.push(format!("{operation} is in {module}.rs: a file is named as its operation"));
        }
        if !self.entries.is_sorted() || operations.len() != self.entries.len() {
            complaints.push("the list in src/lib.rs is not sorted, or names an operation twice".into());
        }
        complaints
    }
}

fn files(tree: &Tree, folder: &str) -> BTreeSet<String> {
    let ops = format!("{folder}/src/ops/");
    let inside = tree.files.iter().filter_map(|path| path.strip_prefix(&ops));
    // An operation that needs more than a file has a folder of its name.
    let names = inside.map(|path| path.split('/').next().unwrap_or(path).trim_end_matches(".rs").to_owned());
    names.filter(|name| name != "mod").collect()
}

fn modules(code: &str) -> BTreeSet<String> {
    let declared = code.lines().filter_map(|line| line.trim().strip_suffix(';')?.rsplit_once("mod "));
    declared.map(|(_, name)| name.trim().trim_start_matches("r#").to_owned()).collect()
}

/// The entries between the markers of the list.
fn entries(lib: &str) -> Vec<(String, String)> {
    let list = lib.split_once("// <operations>").and_then(|(_, rest)| rest.split_once("// </operations>"));
    let entry = |line: &str| {
        let path = line.trim().strip_prefix("Entry::of::<ops::")?.strip_suffix(">(),")?;
        let (module, operation) = path.split_once("::")?;
        Some((module.to_owned(), operation.to_owned()))
    };
    list.into_iter().flat_map(|(list, _)| list.lines()).filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    const LIB: &str = "const O: &[Entry] = &[\n    // <operations>\n    Entry::of::<ops::decrypt::Decrypt>(),\n    // </operations>\n];\n";

    #[test]
    fn one_operation_in_all_four_places_is_right() {
        let service = Service {
            files: set(&["decrypt"]),
            modules: modules("pub(crate) mod decrypt;\n"),
            entries: entries(LIB),
        };
        assert!(service.complaints("kms", &set(&["Decrypt"])).is_empty());
    }

    #[test]
    fn one_place_forgotten_is_told() {
        let whole =
            || Service { files: set(&["decrypt"]), modules: set(&["decrypt"]), entries: entries(LIB) };
        assert_eq!(whole().complaints("kms", &set(&[])).len(), 1);
        let unlisted = Service { entries: Vec::new(), ..whole() };
        assert_eq!(
            unlisted.complaints("kms", &set(&["Decrypt"])),
            [
                "decrypt is in src/ops/ and not in the list in src/lib.rs",
                "Decrypt is in models/implemented/kms.txt and not in the list in src/lib.rs"
            ]
        );
        let unwritten = Service { files: set(&[]), ..whole() };
        assert_eq!(unwritten.complaints("kms", &set(&["Decrypt"])).len(), 2);
        let misnamed = Service { entries: vec![("decrypt".into(), "Encrypt".into())], ..whole() };
        assert_eq!(
            misnamed.complaints("kms", &set(&["Encrypt"])),
            ["Encrypt is in decrypt.rs: a file is named as its operation"]
        );
    }
}
