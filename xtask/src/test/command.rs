//! Commands, shown before they run.

use std::process::{Command, Stdio};

use crate::{Outcome, root};

/// Runs cargo in the workspace.
pub(super) fn cargo(arguments: &[&str]) -> Outcome {
    run(Command::new("cargo").args(arguments))
}

/// Shows the command, and runs it in the workspace unless it has a folder of its own.
pub(super) fn run(command: &mut Command) -> Outcome {
    if command.get_current_dir().is_none() {
        command.current_dir(root());
    }
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    println!("$ {}", words.join(" "));
    let status = command.status().map_err(|cause| format!("{}: {cause}", words.join(" ")))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("{}: {status}", words.join(" ")).into()),
    }
}

/// Whether the program is there and answers that argument.
pub(super) fn has(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command
        .args(argument.split(' '))
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
