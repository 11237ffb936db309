use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use clap::Args;

use super::known::{Installation, wait};
use crate::programs::environment::{self, Variables};
use crate::upstream::VersionOf;

/// The statuses by which shells and `env` say that there is no such program, and that it cannot be run.
const NO_PROGRAM: i32 = 127;
const NOT_RUN: i32 = 126;

/// Run a program in this one's place: its exit status is the program's own.
#[derive(Debug, Args)]
pub(super) struct Exec {
    /// A secret, by name or ARN: each key of its JSON becomes a variable, or else the whole of it under its name; may be repeated
    #[arg(long = "secret", value_name = "NAME", required = true)]
    secrets: Vec<String>,
    /// What every variable's name begins with
    #[arg(long, value_name = "PREFIX", default_value = "", value_parser = environment::prefix)]
    prefix: String,
    #[command(flatten)]
    installation: Installation,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

impl Exec {
    pub(super) fn run(self) -> Result<(), String> {
        let variables = wait(self.variables())?;
        let (name, arguments) = self.program.split_first().ok_or("no program")?;
        let mut program = Command::new(name);
        program.args(arguments).envs(variables.iter().map(|(name, value)| (name, value.expose())));
        // It comes back only if there is no program.
        let error = program.exec();
        eprintln!("alcazar: {}: {error}", name.to_string_lossy());
        std::process::exit(if error.kind() == io::ErrorKind::NotFound { NO_PROGRAM } else { NOT_RUN })
    }

    async fn variables(&self) -> Result<Variables, String> {
        let upstream = self.installation.upstream()?;
        let mut variables = Variables::default();
        for secret in &self.secrets {
            let value = upstream.secret(&VersionOf::current(secret)).await;
            let value = value.map_err(|error| format!("secret {secret:?}: {error}"))?;
            let text =
                value.secret_string.ok_or_else(|| format!("secret {secret:?}: its value is binary"))?;
            variables.add(value.name.as_deref().unwrap_or(secret), &text, &self.prefix)?;
        }
        Ok(variables)
    }
}
