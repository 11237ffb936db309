//! `cargo xtask iam-cases FILE`: the policy engine judged by decisions that another engine recorded.
//!
//! One JSON object a line, plain or gzip; the format is that of `alcazar_policy::cases`. Disagreements are listed and are no
//! failure of the command: the last line says how many cases agreed.

use std::fs::File;

use alcazar_policy::cases::judge;

use crate::Outcome;

/// Runs the command.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let [path] = arguments else { return Err("it takes one file".into()) };
    let told = |cause: std::io::Error| format!("{path}: {cause}");
    println!("{}", judge(File::open(path).map_err(told)?).map_err(told)?);
    Ok(())
}
