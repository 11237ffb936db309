//! `cargo xtask bench`: measures the program against floors that are fixed in `bench/floor`, in one run on one machine, and writes
//! `BENCHMARKS.md`.
//!
//! What counts is CPU time of the server's process for each request, not the clock on the wall: the load shares the machine.

#![allow(
    clippy::disallowed_methods,
    reason = "a measurement: it reads the machine's clock and opens sockets"
)]

mod cases;
mod examples;
mod load;
mod peer;
mod primitive;
mod process;
mod program;
mod report;
mod request;
mod scale;
mod stages;
mod vault;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use primitive::Primitives;
use program::alcazar;
use report::{Report, Start};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures the program against its floors.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// One short round: to see that it works.
    #[arg(long)]
    quick: bool,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Rounds; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Folder of the built programs.
    #[arg(long, default_value = "target/release")]
    built: PathBuf,
    /// OpenBao's program, to measure beside.
    #[arg(long)]
    openbao: Option<PathBuf>,
    /// Where the report goes; `-` prints it alone.
    #[arg(long, default_value = "BENCHMARKS.md")]
    report: PathBuf,
    /// Only the call of that name, for a profiler; or `scale`, stores of many keys; or `vault`, of many secrets and parameters. No report is
    /// written.
    #[arg(long)]
    only: Option<String>,
    /// Secrets in the large store of secrets.
    #[arg(long, default_value_t = 100_000)]
    secrets: usize,
    /// Parameters in the large store of parameters; 110,000 at most.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(10..=110_000))]
    parameters: u32,
    /// Only the servers, not the examples of the store and the policy engine.
    #[arg(long)]
    servers: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome {
    // Under the build's folder, not in /tmp: that may be memory, where a sync costs nothing.
    let folder = tempfile::tempdir_in(&arguments.built)?;
    let time = Duration::from_secs_f64(if arguments.quick { 1.0 } else { arguments.seconds });
    let executable = arguments.built.join("alcazar");
    let [secrets, parameters] = match arguments.quick {
        true => [1000, 1000],
        false => [arguments.secrets, arguments.parameters as usize],
    };
    let scale = || scale::measured(&executable, folder.path(), time, scale::sizes(arguments.quick));
    let vault = || vault::measured(&executable, folder.path(), time, secrets, parameters);
    match arguments.only.as_deref() {
        Some("scale") => return scale().map(|scale| eprintln!("{scale:#?}")),
        Some("vault") => return vault().map(|vault| eprintln!("{vault:#?}")),
        Some(_) => return cases::servers(arguments, folder.path()).map(drop),
        None => {}
    }
    let start = start(arguments, folder.path())?;
    let (rows, stages) = cases::servers(arguments, folder.path())?;
    let examples = if arguments.servers { Vec::new() } else { examples::all()? };
    let seconds = if arguments.quick { 0.2 } else { 2.0 };
    let primitives = Primitives::measure(seconds)?;
    let (scale, vault) = (scale()?, vault()?);
    let report = Report { start, rows, stages, primitives, scale, vault, examples }.to_string();
    println!("{report}");
    if arguments.report != Path::new("-") {
        std::fs::write(&arguments.report, report)?;
    }
    Ok(())
}

/// How long the program takes from its start to its first answer, and what it then holds in memory.
fn start(arguments: &Arguments, folder: &Path) -> Outcome<Start> {
    let executable = arguments.built.join("alcazar");
    let mut times = Vec::new();
    let mut resident = Vec::new();
    let mut cpu = Vec::new();
    for number in 0..if arguments.quick { 2 } else { 6 } {
        // The first start creates the store.
        let (running, time) = alcazar(&executable, &folder.join("start"))?;
        cpu.push(running.server.cpu()?);
        std::thread::sleep(Duration::from_secs(1));
        resident.push(running.server.resident()?);
        times.push(time);
        eprintln!("start {number}: {time:?}, {:?} of CPU, {:?} bytes", cpu.last(), resident.last());
    }
    let first = times.remove(0);
    cpu.remove(0);
    Ok(Start {
        first,
        again: median(times).unwrap_or(first),
        cpu: median(cpu).unwrap_or_default(),
        resident: median(resident).unwrap_or(0),
    })
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort();
    values.get(values.len() / 2).copied()
}
