//! The stock clients: two releases of boto3, the aws command and the Encryption SDK, each in an environment of its own under `target/`,
//! the Encryption SDK for JavaScript beside them, and the suite in `conformance/` that they judge the built program with.

use std::path::PathBuf;
use std::process::Command;

use super::command;
use crate::{Outcome, root};

/// As the files in `conformance/requirements/`. The newest judges last, so that its complaints are the last thing read.
const RELEASES: &[&str] = &["former", "current"];

fn environment(release: &str) -> PathBuf {
    target().join("clients").join(release)
}

/// Where cargo builds.
fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Installs what is pinned, unless just that is installed.
pub(super) fn run() -> Outcome {
    for release in RELEASES {
        let folder = environment(release);
        let requirements = root().join(format!("conformance/requirements/{release}.txt"));
        let (wanted, stamp) = (std::fs::read_to_string(&requirements)?, folder.join("installed.txt"));
        if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            println!("{} is current", folder.display());
            continue;
        }
        command::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"];
        command::run(Command::new(folder.join("bin/python")).args(install).arg(&requirements))?;
        std::fs::write(stamp, wanted)?;
    }
    javascript()
}

/// Installs the Encryption SDK for JavaScript, unless just that is installed.
fn javascript() -> Outcome {
    let (pinned, folder) = (root().join("conformance/encryption_sdk"), environment("node"));
    let (wanted, stamp) =
        (std::fs::read_to_string(pinned.join("package-lock.json"))?, folder.join("installed.json"));
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("{} is current", folder.display());
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(pinned.join(file), folder.join(file))?;
    }
    let install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    command::run(Command::new("npm").args(install).current_dir(&folder))?;
    std::fs::write(stamp, wanted)?;
    Ok(())
}

/// Runs the suite with each release.
pub(super) fn judge() -> Outcome {
    let mut failed = Vec::new();
    for release in RELEASES {
        println!("-- with the {release} clients");
        let mut python = Command::new(environment(release).join("bin/python"));
        python.args(["-m", "unittest", "discover", "--start-directory", "conformance"]);
        python.env("ALCAZAR", target().join("release/alcazar"));
        if let Err(failure) = command::run(&mut python) {
            println!("{failure}");
            failed.push(*release);
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        failed => Err(format!("with the {} clients", failed.join(" and the ")).into()),
    }
}
