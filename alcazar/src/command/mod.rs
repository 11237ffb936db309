//! The command line.

mod account;
mod agent;
mod clock;
mod env;
mod exec;
mod health;
mod import;
mod known;
mod resolve;
mod seal;
mod serve;
mod usage;
mod xks;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::configuration::Layer;

/// The security half of AWS on your own machines: its API for identity, keys and audit, doing the work for real.
#[derive(Debug, Parser)]
#[command(name = "alcazar", version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Layer,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (what happens without a command)
    Serve(Box<Layer>),
    /// Print the endpoint, the root user's key and the Region, for a shell: eval "$(alcazar env)"
    Env(env::Env),
    /// Accounts of this installation
    #[command(subcommand)]
    Account(account::Account),
    /// Show the services' time, or move it
    Clock(clock::Clock),
    /// The seal of the store
    #[command(subcommand)]
    Seal(seal::Seal),
    /// Credentials of the external key store proxy
    #[command(subcommand)]
    Xks(xks::Xks),
    /// Agents that run beside programs
    #[command(subcommand)]
    Agent(agent::Agent),
    /// Fill in a text's references to secrets and parameters: {{resolve:secretsmanager:...}}, {{resolve:ssm:...}}
    Resolve(resolve::Resolve),
    /// Run a program with secrets in its environment
    Exec(exec::Exec),
    /// Bring secrets here from Vault or OpenBao, from an environment file, or from AWS
    Import(import::Import),
    /// Show what AWS would have charged for a month: keys and requests, a line each
    Usage(usage::UsageOfMonth),
    /// Ask a running server whether it takes calls
    Health(health::Health),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    // Before there is anything in memory that is nobody's business.
    crate::cores::forbid();
    let line = CommandLine::parse();
    let done = match line.command {
        None => serve::serve(line.serve),
        Some(Command::Serve(layer)) => serve::serve(*layer),
        Some(Command::Env(command)) => command.run(),
        Some(Command::Account(command)) => command.run(),
        Some(Command::Clock(command)) => command.run(),
        Some(Command::Seal(command)) => command.run(),
        Some(Command::Xks(command)) => command.run(),
        Some(Command::Agent(command)) => command.run(),
        Some(Command::Resolve(command)) => command.run(),
        Some(Command::Exec(command)) => command.run(),
        Some(Command::Import(command)) => command.run(),
        Some(Command::Usage(command)) => command.run(),
        Some(Command::Health(command)) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("alcazar: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// The variables that stand for options.
fn variables() -> Vec<String> {
    let line = CommandLine::command();
    line.get_arguments().filter_map(|option| Some(option.get_env()?.to_string_lossy().into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn no_argument_means_serve_and_options_may_follow_either_way() {
        let bare = CommandLine::try_parse_from(["alcazar"]).unwrap();
        assert!(bare.command.is_none());
        let bare = CommandLine::try_parse_from(["alcazar", "--test-clock", "--regions", "a-1,b-1"]).unwrap();
        assert_eq!(bare.serve.test_clock, Some(true));
        assert_eq!(bare.serve.regions.as_ref().map(Vec::len), Some(2));
        let named = CommandLine::try_parse_from(["alcazar", "serve", "--test-clock=false"]).unwrap();
        assert!(matches!(named.command, Some(Command::Serve(layer)) if layer.test_clock == Some(false)));
    }

    #[test]
    fn every_option_has_a_variable_of_the_same_name() {
        let line = CommandLine::command();
        for option in
            line.get_arguments().filter(|option| !matches!(option.get_id().as_str(), "help" | "version"))
        {
            let name = option.get_long().unwrap();
            let variable =
                option.get_env().unwrap_or_else(|| panic!("{name} has no variable")).to_string_lossy();
            assert_eq!(variable, format!("ALCAZAR_{}", name.replace('-', "_").to_uppercase()));
        }
    }
}
