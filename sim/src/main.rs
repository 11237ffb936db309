//! `cargo xtask sim [--seeds N] [--from S]`: runs seeds one after another, prints each, and ends with a failure if any failed.

use std::process::ExitCode;

use alcazar_sim::{Plan, simulate};
use clap::Parser;

/// Runs the simulation.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
}

fn main() -> ExitCode {
    let Arguments { seeds, from } = Arguments::parse();
    let mut failed = Vec::new();
    for seed in from..from.saturating_add(seeds) {
        // Said before it runs, so that a panic has its seed too.
        eprint!("seed {seed} ... ");
        let outcome = simulate(seed, Plan::of(seed));
        eprintln!();
        println!("{outcome}");
        if !outcome.holds() {
            failed.push(seed);
        }
    }
    if failed.is_empty() {
        println!("{seeds} seeds, every invariant held");
        return ExitCode::SUCCESS;
    }
    println!("{} of {seeds} seeds failed: {failed:?}", failed.len());
    ExitCode::FAILURE
}
