//! What the tests need of the machine: Debian's packages, installed when one is missing.

use std::path::Path;
use std::process::Command;

use super::command::{self, cargo, has};
use crate::Outcome;

type Present = fn() -> bool;

/// A package, and how to see that it is there.
const PACKAGES: &[(&str, Present)] = &[
    // The C compiler, for aws-lc and SQLite.
    ("build-essential", || has("cc", "--version")),
    // The Encryption SDK for JavaScript.
    ("nodejs", || has("node", "--version")),
    ("npm", || has("npm", "--version")),
    // Real servers whose users' passwords are rotated.
    ("mariadb-server", || has("mariadbd", "--version") || Path::new("/usr/sbin/mariadbd").exists()),
    // A third opinion on signatures and ciphertext.
    ("openssl", || has("openssl", "version")),
    // Real servers for the PostgreSQL engine's contract and for rotation.
    ("postgresql", has_postgresql),
    // What a process uses.
    ("procps", || has("ps", "--version")),
    // The stock clients.
    ("python3", || has("python3", "--version")),
    ("python3-venv", || has("python3", "-m ensurepip --version")),
];

/// Debian keeps the server's programs out of the path, a folder for each version.
fn has_postgresql() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    has("initdb", "--version")
        || versions.map(|version| version.path()).any(|path| path.join("bin/initdb").exists())
}

pub(super) fn run() -> Outcome {
    let missing: Vec<&str> =
        PACKAGES.iter().filter(|(_, present)| !present()).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        println!("all there: {}", PACKAGES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "));
        return Ok(());
    }
    if !Path::new("/usr/bin/apt-get").exists() || !has("apt-get", "--dry-run check") {
        return Err(format!("install what Debian calls {}", missing.join(", ")).into());
    }
    command::run(Command::new("apt-get").args(["update", "--quiet=2"]))?;
    let install = ["install", "--yes", "--quiet=2", "--no-install-recommends"];
    command::run(
        Command::new("apt-get").args(install).args(&missing).env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

/// Builds cargo-deny: without optimisation, which takes a fifth of the time, for one run over a small graph.
pub(super) fn cargo_deny() -> Outcome {
    const VERSION: &str = "0.20.2";
    cargo(&["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--quiet"])
}
