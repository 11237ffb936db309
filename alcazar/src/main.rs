//! `alcazar`: see `alcazar --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    alcazar::command::run()
}
