//! Who may depend on whom: the third column of the workspace's table in ARCHITECTURE.md.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::{Finding, Tree};
use crate::{Outcome, root};

/// The folder of a crate, and the folders it may use. `/*` stands for every folder beneath. A crate without a line may use nothing of
/// ours. Tests (dev-dependencies) may use whatever they need but the program.
const MAY_USE: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("codec", &["core"]),
    ("sigv4", &["core"]),
    ("policy", &["core"]),
    ("engines/*", &["core"]),
    ("store", &["core"]),
    ("ports", &["core"]),
    ("model", &["core"]),
    ("directory", &["core", "store", "policy"]),
    ("facts", &["core"]),
    ("wire/*", &["core", "codec"]),
    ("corridor", &["core", "codec", "sigv4", "policy", "store", "ports", "model", "directory", "facts"]),
    (
        "services/*",
        &[
            "core",
            "corridor",
            "facts",
            "engines/*",
            "ports",
            "wire/*",
            "store",
            "policy",
            "directory",
            "values",
        ],
    ),
    ("values", &["core", "corridor", "engines/*", "wire/*", "store", "directory"]),
    ("edge", &["core", "engines/*", "ports"]),
    ("console", &["core", "wire/*"]),
    ("alcazar", &["*"]),
    ("testkit", &["*"]),
    ("sim", &["*"]),
    ("bench", &["*"]),
    ("xtask", &["policy"]),
];

/// Crates that never do I/O, and libraries that do nothing else.
const PURE: &[&str] =
    &["core", "codec", "sigv4", "policy", "engines/*", "wire/*", "model", "directory", "facts"];
const IO: &[&str] = &[
    "hyper",
    "hyper-util",
    "mysql_async",
    "rusqlite",
    "rustix",
    "socket2",
    "tempfile",
    "tokio",
    "tokio-postgres",
    "tokio-rustls",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// A crate of the workspace.
#[derive(Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    manifest_path: String,
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
pub(super) struct Dependency {
    name: String,
    /// Absent: an ordinary one.
    kind: Option<String>,
    /// Of our own crates.
    path: Option<String>,
}

impl Package {
    /// Its folder, from the workspace's root.
    pub(super) fn folder(&self) -> String {
        folder(Path::new(&self.manifest_path).parent().unwrap_or(Path::new("")))
    }
}

fn folder(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

/// The workspace's crates, by cargo's own account.
pub(super) fn packages() -> Outcome<Vec<Package>> {
    let cargo = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()?;
    if !cargo.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&cargo.stderr)).into());
    }
    let metadata: Metadata = serde_json::from_slice(&cargo.stdout)?;
    Ok(metadata.packages)
}

pub(super) fn check(_: &Tree) -> Outcome<Vec<Finding>> {
    let packages = packages()?;
    let mut findings: Vec<Finding> = packages.iter().flat_map(of_package).collect();
    findings.extend(unnamed_services(&packages));
    Ok(findings)
}

fn of_package(package: &Package) -> Vec<Finding> {
    let folder = package.folder();
    package.dependencies.iter().filter_map(|dependency| of_dependency(&folder, dependency)).collect()
}

fn of_dependency(from: &str, dependency: &Dependency) -> Option<Finding> {
    let name = &dependency.name;
    let test = dependency.kind.as_deref() == Some("dev");
    let complaint = match &dependency.path {
        _ if dependency.kind.as_deref() == Some("build") => {
            format!("build dependency {name}: generated code is checked in")
        }
        Some(path) => {
            let to = folder(Path::new(path));
            let allowed = if test { to != "alcazar" } else { may_use(from, &to) };
            if allowed {
                return None;
            }
            format!("uses {to}, and may use only {}", list(from))
        }
        None if !test && IO.contains(&name.as_str()) && PURE.iter().any(|pure| fits(pure, from)) => {
            format!("uses {name}, and is to be without I/O")
        }
        None => return None,
    };
    Some(Finding::new("dependency", from, complaint))
}

fn may_use(from: &str, to: &str) -> bool {
    allowed(from).iter().any(|pattern| fits(pattern, to))
}

fn allowed(from: &str) -> &'static [&'static str] {
    MAY_USE.iter().find(|(folder, _)| fits(folder, from)).map_or(&[], |(_, allowed)| allowed)
}

fn list(from: &str) -> String {
    match allowed(from) {
        [] => "nothing of ours".into(),
        some => some.join(", "),
    }
}

fn fits(pattern: &str, folder: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beneath) => folder.starts_with(beneath),
        None => folder == pattern,
    }
}

/// The program is the one crate that names all services: one it does not name is not served.
fn unnamed_services(packages: &[Package]) -> Vec<Finding> {
    let Some(program) = packages.iter().find(|package| package.folder() == "alcazar") else {
        return Vec::new();
    };
    let named = |service: &Package| {
        program.dependencies.iter().any(|it| it.name == service.name && it.kind.is_none())
    };
    let services = packages.iter().filter(|package| package.folder().starts_with("services/"));
    let forgotten = services.filter(|service| !named(service));
    forgotten
        .map(|service| Finding::new("dependency", "alcazar", format!("does not serve {}", service.name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(from: &str, name: &str, kind: Option<&str>, to: Option<&str>) -> Option<String> {
        let path = to.map(|to| root().join(to).to_string_lossy().into_owned());
        let dependency = Dependency { name: name.into(), kind: kind.map(str::to_owned), path };
        of_dependency(from, &dependency).map(|finding| finding.says)
    }

    #[test]
    fn services_do_not_know_each_other() {
        let told = complaint("services/kms", "alcazar-iam", None, Some("services/iam")).unwrap();
        assert!(told.starts_with("uses services/iam, and may use only core, corridor"), "{told}");
        assert_eq!(complaint("services/kms", "alcazar-iam", Some("dev"), Some("services/iam")), None);
        assert_eq!(complaint("services/kms", "wire-iam", None, Some("wire/iam")), None);
    }

    #[test]
    fn the_pure_stay_pure() {
        assert!(complaint("policy", "tokio", None, None).is_some());
        assert_eq!(complaint("policy", "tokio", Some("dev"), None), None);
        assert_eq!(complaint("store", "tokio", None, None), None);
        assert!(
            complaint("core", "alcazar-store", None, Some("store")).unwrap().ends_with("nothing of ours")
        );
    }
}
