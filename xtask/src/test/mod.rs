//! `cargo xtask test`: everything that must hold, on a fresh machine too.
//!
//! What the tests need is installed first: Debian packages if they are missing and we are root, the stock clients into `target/`.
//! A step that fails does not keep the later ones from running; the table at the end tells all. `--only STEP` (again and again)
//! runs some.

mod clients;
mod command;
mod packages;

use std::time::{Duration, Instant};

use crate::Outcome;
use command::{cargo, has};

struct Step {
    name: &'static str,
    does: &'static str,
    run: fn() -> Outcome,
}

/// Every step, in order: what is quick and often wrong comes first.
const STEPS: &[Step] = &[
    step("packages", "programs that the tests run", packages::run),
    step("clients", "boto3 and the aws command, two releases of each", clients::run),
    step("format", "rustfmt", || cargo(&["fmt", "--all", "--check"])),
    step("tidy", "the house rules", || crate::tidy::run(&[])),
    step("deny", "licences, bans and sources of dependencies", deny),
    step("clippy", "no warnings", || {
        cargo(&[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--keep-going",
            "--quiet",
            "--",
            "--deny",
            "warnings",
        ])
    }),
    step("tests", "unit, service and story tests of every crate", tests),
    step("features", "what is built only when asked for", features),
    step("doctests", "the examples in the documentation", || {
        cargo(&["test", "--locked", "--workspace", "--doc", "--quiet"])
    }),
    step("build", "the program as it is shipped", build),
    step("conformance", "stock clients against the built program", conformance),
];

const fn step(name: &'static str, does: &'static str, run: fn() -> Outcome) -> Step {
    Step { name, does, run }
}

/// Runs the command.
///
/// # Errors
/// If a step failed.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let mut done = Vec::new();
    for step in chosen(arguments)? {
        println!("\n== {}: {}", step.name, step.does);
        let begun = now();
        let outcome = (step.run)();
        if let Err(failure) = &outcome {
            println!("== {} failed: {failure}", step.name);
        }
        done.push((step.name, begun.elapsed(), outcome.is_ok()));
    }
    print!("\n{}", table(&done));
    let failed: Vec<&str> = done.iter().filter(|(_, _, passed)| !passed).map(|(name, ..)| *name).collect();
    match failed.as_slice() {
        [] => Ok(()),
        failed => Err(format!("failed: {}", failed.join(", ")).into()),
    }
}

fn chosen(arguments: &[String]) -> Outcome<Vec<&'static Step>> {
    let mut names = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match (argument.as_str(), rest.next()) {
            ("--only", Some(name)) if STEPS.iter().any(|step| step.name == name) => names.push(name.as_str()),
            _ => {
                let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
                return Err(format!("it takes --only STEP; the steps: {}", known.join(", ")).into());
            }
        }
    }
    Ok(STEPS.iter().filter(|step| names.is_empty() || names.contains(&step.name)).collect())
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a step takes is told to a person, and nothing depends on it"
)]
fn now() -> Instant {
    Instant::now()
}

fn table(done: &[(&str, Duration, bool)]) -> String {
    let line = |name: &str, took: Duration, result: &str| {
        let seconds = took.as_secs();
        format!("{name:<12} {:>3} min {:>2} s  {result}\n", seconds / 60, seconds % 60)
    };
    let mut out: String = done
        .iter()
        .map(|(name, took, passed)| line(name, *took, if *passed { "passed" } else { "FAILED" }))
        .collect();
    out.push_str(&line("all", done.iter().map(|(_, took, _)| *took).sum(), ""));
    out
}

/// Advisories are left to people: the list is fetched from a network that a build must not need.
fn deny() -> Outcome {
    if !has("cargo-deny", "--version") {
        packages::cargo_deny()?;
    }
    cargo(&["deny", "--log-level", "error", "check", "bans", "licenses", "sources"])
}

fn tests() -> Outcome {
    if has("cargo-nextest", "--version") {
        return cargo(&[
            "nextest",
            "run",
            "--locked",
            "--workspace",
            "--no-fail-fast",
            "--status-level",
            "fail",
        ]);
    }
    cargo(&["test", "--locked", "--workspace", "--all-targets", "--no-fail-fast", "--quiet"])
}

/// Clippy and tests of the two crates that know the feature; all else is built already.
fn features() -> Outcome {
    const SM2: [&str; 7] = [
        "--locked",
        "--package",
        "alcazar-material",
        "--package",
        "alcazar-kms",
        "--features",
        "alcazar-kms/sm2",
    ];
    let clippy = [&["clippy"][..], &SM2, &["--all-targets", "--quiet", "--", "--deny", "warnings"]];
    cargo(&clippy.concat())?;
    if has("cargo-nextest", "--version") {
        let chosen = ["--no-fail-fast", "--status-level", "fail", "sm2", "every_spec", "import_wrapping"];
        return cargo(&[&["nextest", "run"][..], &SM2, &chosen].concat());
    }
    cargo(&[&["test"][..], &SM2, &["--quiet", "sm2"]].concat())
}

fn build() -> Outcome {
    cargo(&["build", "--locked", "--release", "--package", "alcazar", "--quiet"])
}

fn conformance() -> Outcome {
    build()?;
    clients::run()?;
    clients::judge()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_run_in_their_own_order_and_unknown_ones_are_refused() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(chosen(&[]).unwrap().len(), STEPS.len());
        let some: Vec<&str> =
            chosen(&words("--only tidy --only format")).unwrap().iter().map(|step| step.name).collect();
        assert_eq!(some, ["format", "tidy"]);
        for refused in ["--only", "--only everything", "tidy"] {
            assert!(chosen(&words(refused)).is_err(), "{refused}");
        }
    }

    #[test]
    fn the_table_tells_times_and_failures() {
        let done = [("tidy", Duration::from_secs(5), true), ("tests", Duration::from_secs(125), false)];
        assert_eq!(
            table(&done),
            "tidy           0 min  5 s  passed\ntests          2 min  5 s  FAILED\nall            2 min 10 s  \n"
        );
    }
}
