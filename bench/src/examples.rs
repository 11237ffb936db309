//! The measurements that stand beside the code they measure, as examples of its crate.

use std::process::Command;

use crate::Outcome;

/// An example's name, what it measures, and what it printed.
pub(crate) struct Example {
    pub(crate) title: &'static str,
    pub(crate) printed: String,
}

/// Package, example, features, and what it measures.
const ALL: &[(&str, &str, &str, &str)] = &[
    ("alcazar-store", "commits", "", "Commits of the embedded store"),
    ("alcazar-policy", "decisions", "cases", "Decisions of the policy engine, one thread"),
    ("alcazar-codec", "decode_speed", "", "Decoding, one thread"),
    ("alcazar-material", "speed", "", "Key material, one thread"),
];

/// Runs them all.
pub(crate) fn all() -> Outcome<Vec<Example>> {
    ALL.iter().map(|(package, example, features, title)| run(package, example, features, title)).collect()
}

fn run(package: &str, example: &str, features: &str, title: &'static str) -> Outcome<Example> {
    eprintln!("{package}, example {example}");
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--release", "--quiet", "--package", package, "--example", example]);
    if !features.is_empty() {
        cargo.args(["--features", features]);
    }
    let output = cargo.output()?;
    if !output.status.success() {
        return Err(format!("{example}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(Example { title, printed: String::from_utf8(output.stdout)? })
}
