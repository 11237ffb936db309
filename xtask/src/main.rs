//! The workspace's own commands: `cargo xtask <command> [arguments]`.
//!
//! A command is a module with a `run(&[String]) -> Outcome` and one line in [`COMMANDS`].

mod coverage;
mod iam_cases;
mod models;
mod op;
mod rigs;
mod test;
mod tidy;
mod wire;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a command gives back; the failure is printed and ends the program with status 1.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

struct Command {
    name: &'static str,
    does: &'static str,
    run: fn(&[String]) -> Outcome,
}

/// Every command, in the order in which `cargo xtask` lists them.
const COMMANDS: &[Command] = &[
    command("models", "reduce the pinned service models to facts [--check] [--from DIR]", models::run),
    command("wire", "generate wire/ and the embedded model from models/ [--check]", wire::run),
    command("op", "begin operations: lists, wire/, skeletons <service> <Operation>...", op::run),
    command(
        "coverage",
        "print which operations are built, of all that the models know [--markdown]",
        coverage::run,
    ),
    command("iam-cases", "judge the policy engine by recorded decisions FILE", iam_cases::run),
    command("tidy", "check the house rules", tidy::run),
    command("test", "everything that must hold, from a fresh machine on [--only STEP]...", test::run),
    command("sim", "simulate seeds with faults [--seeds N] [--from S]", rigs::sim),
    command("bench", "measure the program against its floors, write BENCHMARKS.md [--quick]", rigs::bench),
];

const fn command(name: &'static str, does: &'static str, run: fn(&[String]) -> Outcome) -> Command {
    Command { name, does, run }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        return usage("a command is missing");
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return usage(&format!("there is no command {name}"));
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("cargo xtask {name}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn usage(complaint: &str) -> ExitCode {
    eprintln!("cargo xtask: {complaint}; these exist:");
    for command in COMMANDS {
        eprintln!("  {:<10} {}", command.name, command.does);
    }
    ExitCode::FAILURE
}

/// The root folder of the workspace, wherever the command was called from.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}
