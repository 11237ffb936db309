//! `cargo xtask bench`: measures the program against floors that are fixed in `bench/floor`, in one run on one machine, and writes
//! `BENCHMARKS.md`.
//!
//! What counts is CPU time of the server's process for each request, not the clock on the wall: the load shares the machine.

#![allow(
    clippy::disallowed_methods,
    reason = "a measurement: it reads the machine's clock and opens sockets"
)]

mod examples;
mod load;
mod process;
mod program;
mod report;
mod request;
mod stages;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use load::{Measured, measure};
use program::{Running, alcazar, floor, furnish};
use report::{Report, Row, Stages, Start};
use request::Call;

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
    /// Where the report goes; `-` prints it alone.
    #[arg(long, default_value = "BENCHMARKS.md")]
    report: PathBuf,
    /// Only the call of that name: for a profiler. No report is written.
    #[arg(long)]
    only: Option<String>,
    /// Only the servers, not the examples of the store and the policy engine.
    #[arg(long)]
    servers: bool,
}

/// Numbers of connections.
const CONNECTIONS: [usize; 2] = [16, 64];

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
    if arguments.only.is_some() {
        return servers(arguments, folder.path()).map(drop);
    }
    let start = start(arguments, folder.path())?;
    let (rows, stages) = servers(arguments, folder.path())?;
    let examples = if arguments.servers { Vec::new() } else { examples::all()? };
    let report = Report { start, rows, stages, examples }.to_string();
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

/// A thing to measure: a server and a call.
struct Case<'r> {
    name: &'static str,
    running: &'r Running,
    call: Call,
    connections: usize,
    measured: Vec<Measured>,
}

fn servers(arguments: &Arguments, folder: &Path) -> Outcome<(Vec<Row>, Option<Stages>)> {
    let bare = floor(&arguments.built.join("floor"), None)?;
    let logged = floor(&arguments.built.join("floor"), Some(&folder.join("floor.log")))?;
    let (mut program, _) = alcazar(&arguments.built.join("alcazar"), &folder.join("program"))?;
    let made = furnish(&mut program)?;
    let mut cases = Vec::new();
    for connections in CONNECTIONS {
        let mut case = |name, running, call| {
            cases.push(Case { name, running, call, connections, measured: Vec::new() });
        };
        case(report::FLOOR, &bare, program::encrypt("floor", 1024));
        case(report::LOGGED, &logged, program::encrypt("floor", 1024));
        case("GetCallerIdentity", &program, program::identity());
        case("Encrypt", &program, program::encrypt(&made.key_arn, 1024));
        case("Decrypt", &program, program::decrypt(&made.ciphertext));
        case("GenerateDataKey", &program, program::data_key(&made.key_arn));
        case(report::CREATE, &program, program::create_key());
    }
    if let Some(only) = &arguments.only {
        cases.retain(|case| case.name == only);
        eprintln!("the program's process is {}", program.server.id());
    }
    let (rounds, seconds) = if arguments.quick { (1, 1.0) } else { (arguments.rounds, arguments.seconds) };
    for round in 1..=rounds {
        for case in &mut cases {
            let Running { server, address, key } = case.running;
            // Signed anew for each measurement: KMS's window is five minutes.
            let requests = (0..16).map(|_| case.call.signed(key, address)).collect();
            let time = Duration::from_secs_f64(seconds);
            let measured = measure(server, address, requests, case.connections, time)
                .map_err(|error| format!("{}: {error}", case.name))?;
            eprintln!(
                "round {round}, {:3} connections, {:36} {:8.0} per CPU second, {:6.1} us, {:8.0}/s",
                case.connections,
                case.name,
                measured.per_cpu_second(),
                measured.micros(),
                measured.per_second()
            );
            case.measured.push(measured);
        }
    }
    let row = |case: Case<'_>| Row {
        name: case.name,
        connections: case.connections,
        per_cpu_second: middle(case.measured.iter().map(Measured::per_cpu_second)),
        micros: middle(case.measured.iter().map(Measured::micros)),
        per_second: middle(case.measured.iter().map(Measured::per_second)),
    };
    let rows = cases.into_iter().map(row).collect();
    let seconds = if arguments.quick { 2.0 } else { 8.0 };
    let stages = stages(&program, &program::encrypt(&made.key_arn, 1024), seconds, folder);
    Ok((rows, stages.inspect_err(|error| eprintln!("no stages: {error}")).ok()))
}

/// The stages of Encrypt at 16 connections.
fn stages(program: &Running, call: &Call, seconds: f64, folder: &Path) -> Outcome<Stages> {
    let recorded = folder.join("perf.data");
    let requests = (0..16).map(|_| call.signed(&program.key, &program.address)).collect();
    let mut perf = stages::record(program.server.id(), seconds, &recorded)?;
    let time = Duration::from_secs_f64(seconds);
    let measured = measure(&program.server, &program.address, requests, 16, time);
    perf.wait()?;
    Ok(Stages { micros: measured?.micros(), shares: stages::shares(&recorded)? })
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort();
    values.get(values.len() / 2).copied()
}
