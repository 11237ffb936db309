//! The commands whose work is a crate of its own: the simulation and the benchmarks.

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
    run("alcazar-bench", &["--release"], arguments)
}

fn run(package: &str, profile: &[&str], arguments: &[String]) -> Outcome {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", package, "--bin", package]).args(profile);
    cargo.arg("--").args(arguments).current_dir(crate::root());
    if cargo.status()?.success() { Ok(()) } else { Err(format!("{package} ended with a failure").into()) }
}
