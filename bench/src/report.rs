//! `BENCHMARKS.md`.

use std::fmt;
use std::time::Duration;

use crate::examples::Example;
use crate::primitive::Primitives;
use crate::stages::Share;
use crate::vault::{Kept, Vault};

/// The first floor.
pub(crate) const FLOOR: &str = "floor: Encrypt";
/// The second.
pub(crate) const LOGGED: &str = "floor with log: Encrypt";
/// The calls that have targets.
pub(crate) const ENCRYPT: &str = "Encrypt";
pub(crate) const SIGN_RSA: &str = "Sign, RSA-2048";
pub(crate) const SIGN_P256: &str = "Sign, P-256";
/// The peer's.
pub(crate) const PEER_ENCRYPT: &str = "OpenBao: transit encrypt";
/// The operation whose rate on the wall clock counts.
pub(crate) const CREATE: &str = "CreateKey";
/// The reads of what is kept.
pub(crate) const GET_SECRET: &str = "GetSecretValue";
pub(crate) const GET_PARAMETER: &str = "GetParameter, a String";

/// Everything that was measured.
pub(crate) struct Report {
    pub(crate) start: Start,
    pub(crate) rows: Vec<Row>,
    pub(crate) stages: Option<Stages>,
    pub(crate) primitives: Primitives,
    pub(crate) scale: Scale,
    pub(crate) vault: Vault,
    pub(crate) examples: Vec<Example>,
}

/// The start of the program.
pub(crate) struct Start {
    pub(crate) first: Duration,
    pub(crate) again: Duration,
    /// CPU time until the first answer, on an existing store.
    pub(crate) cpu: Duration,
    pub(crate) resident: u64,
}

/// A store with few keys, and one with many.
#[derive(Debug)]
pub(crate) struct Scale {
    pub(crate) few: Scaled,
    pub(crate) many: Scaled,
}

/// A store with so many keys.
#[derive(Debug)]
pub(crate) struct Scaled {
    pub(crate) keys: usize,
    /// Microseconds of CPU for a DescribeKey, each key in turn, after a start.
    pub(crate) first: f64,
    /// The same, of keys that are in use.
    pub(crate) again: f64,
    /// How long a start takes after a stop.
    pub(crate) stopped: Duration,
    /// How long it takes when the program was killed.
    pub(crate) killed: Duration,
    /// Resident memory when the keys had just been made.
    pub(crate) filled: u64,
    /// After a start and the calls.
    pub(crate) resident: u64,
}

/// Where the CPU of an Encrypt goes.
pub(crate) struct Stages {
    pub(crate) micros: f64,
    pub(crate) shares: Vec<Share>,
}

/// One server, one call, so many connections.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) connections: usize,
    pub(crate) per_cpu_second: f64,
    pub(crate) micros: f64,
    pub(crate) per_second: f64,
}

impl Report {
    fn floor(&self, name: &str, connections: usize) -> f64 {
        let floor = self.rows.iter().find(|row| row.name == name && row.connections == connections);
        floor.map_or(f64::NAN, |row| row.per_cpu_second)
    }

    fn row(&self, name: &str, connections: usize) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name && row.connections == connections)
    }

    fn calls(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| call | connections | µs of CPU | per CPU second | of the floor | of the floor with log |"
        )?;
        writeln!(f, "| --- | ---: | ---: | ---: | ---: | ---: |")?;
        for row in &self.rows {
            let share =
                |floor| format!("{:.0} %", 100.0 * row.per_cpu_second / self.floor(floor, row.connections));
            writeln!(
                f,
                "| {} | {} | {:.1} | {:.0} | {} | {} |",
                row.name,
                row.connections,
                row.micros,
                row.per_cpu_second,
                share(FLOOR),
                share(LOGGED)
            )?;
        }
        Ok(())
    }

    fn stages(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Stages of Encrypt, 16 connections\n")?;
        let Some(stages) = &self.stages else {
            return writeln!(f, "Not measured: `perf` is not installed here, or not allowed.");
        };
        writeln!(
            f,
            "Samples of the running program's stacks (`perf`, in its own run), each counted for the innermost stage in its stack;"
        )?;
        writeln!(f, "memory that a stage allocates and frees is the stage's.\n")?;
        writeln!(f, "| stage | share | µs a call |\n| --- | ---: | ---: |")?;
        for Share { stage, share } in &stages.shares {
            writeln!(f, "| {stage} | {:.1} % | {:.1} |", 100.0 * share, stages.micros * share)?;
        }
        Ok(())
    }

    /// What was asked for, and whether it is so.
    fn targets(&self) -> Vec<Target> {
        let share = |name| match self.row(name, 16) {
            Some(row) => 100.0 * row.per_cpu_second / self.floor(FLOOR, 16),
            None => f64::NAN,
        };
        let micros = |name| self.row(name, 16).map_or(f64::NAN, |row| row.micros);
        let created = self.row(CREATE, 64).map_or(f64::NAN, |row| row.per_second);
        let Scale { few, many } = &self.scale;
        let (start, resident) = (millis(self.start.again), megabytes(self.start.resident));
        let (filled, kept) = (megabytes(many.filled), megabytes(many.resident));
        let mut targets: Vec<Target> = [ENCRYPT, "Decrypt", "GenerateDataKey"]
            .map(|name| {
                let share = share(name);
                Target {
                    what: format!("{name}, share of the floor, 16 connections"),
                    target: "≥ 35 % (aim 50 %)",
                    measured: format!("{share:.1} %"),
                    met: share >= 35.0,
                }
            })
            .into();
        for (name, target, least) in [(GET_SECRET, "≥ 25 %", 25.0), (GET_PARAMETER, "≥ 35 %", 35.0)] {
            let share = share(name);
            targets.push(Target {
                what: format!("{name}, share of the floor, 16 connections"),
                target,
                measured: format!("{share:.1} %"),
                met: share >= least,
            });
        }
        let mut line = |what: &str, target, measured, met| {
            targets.push(Target { what: what.to_owned(), target, measured, met });
        };
        let (encrypt, of_rsa) = (micros(ENCRYPT), 100.0 * self.primitives.rsa_2048 / micros(SIGN_RSA));
        line("Encrypt, CPU a call, 16 connections", "≤ 35 µs", format!("{encrypt:.1} µs"), encrypt <= 35.0);
        line(
            "Sign RSA-2048, of the bare primitive's rate",
            "≥ 80 %",
            format!("{of_rsa:.1} %"),
            of_rsa >= 80.0,
        );
        let over = micros(SIGN_P256) - self.primitives.p256;
        line("Sign P-256, CPU above the bare primitive", "≤ 20 µs", format!("{over:.1} µs"), over <= 20.0);
        if let Some(peer) = self.row(PEER_ENCRYPT, 16) {
            let times = peer.micros / encrypt;
            line(
                "Encrypt, times OpenBao's transit with its audit",
                "≥ 8",
                format!("{times:.1}"),
                times >= 8.0,
            );
        }
        line(
            "CreateKey, 64 connections, load on the same cores",
            "≥ 5,000/s",
            format!("{created:.0}/s"),
            created >= 5000.0,
        );
        line(
            "start on an existing store to the first answer",
            "< 200 ms",
            format!("{start:.0} ms"),
            start < 200.0,
        );
        line("idle resident memory", "< 60 MB", format!("{resident:.0} MB"), resident < 60.0);
        let mut ratio = |which: &str, few_take: f64, many_take: f64| {
            let what =
                format!("DescribeKey of {which} among {} keys, times that among {}", many.keys, few.keys);
            let ratio = many_take / few_take;
            line(&what, "about 1", format!("{ratio:.2}"), ratio <= 1.2);
        };
        ratio("a key in use", few.again, many.again);
        ratio("a key for the first time", few.first, many.first);
        for (after, few_take, many_take) in
            [("a stop", few.stopped, many.stopped), ("a kill", few.killed, many.killed)]
        {
            let (begun, with) = (millis(many_take), millis(few_take));
            let what =
                format!("start with {} keys after {after}; with {}: {with:.0} ms", many.keys, few.keys);
            line(&what, "does not grow", format!("{begun:.0} ms"), begun <= with * 1.2 + 20.0);
        }
        let what = format!("resident memory with {} keys: just made, and after a start and use", many.keys);
        let larger = filled.max(kept);
        line(&what, "< 300 MB", format!("{filled:.0} MB, {kept:.0} MB"), larger < 300.0);
        targets.extend(self.vault.targets());
        targets
    }
}

impl Vault {
    /// What was asked for of many secrets and parameters, and whether it is so.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let of = |[few, many]: &[Kept; 2], things: &str| few.targets(many, things);
        [of(&self.secrets, "secrets"), of(&self.parameters, "parameters")].into_iter().flatten().collect()
    }
}

impl Kept {
    /// A small store beside a large one.
    fn targets(&self, many: &Self, things: &str) -> Vec<Target> {
        let (few, all) = (self.count, many.count);
        let mut targets = Vec::new();
        let mut line = |what: String, target, measured, met| {
            targets.push(Target { what, target, measured, met });
        };
        for ((name, among_few), (_, among_many)) in self.calls.iter().zip(&many.calls) {
            let ratio = among_many / among_few;
            let what = format!("{name} among {all} {things}, times that among {few}");
            line(what, "about 1", format!("{ratio:.2}"), ratio <= 1.2);
        }
        for (how, few_start, start) in
            [("a stop", self.after_stop, many.after_stop), ("a kill", self.after_kill, many.after_kill)]
        {
            let (before, begun) = (millis(few_start), millis(start));
            let what = format!("start after {how} with {all} {things}; with {few}: {before:.0} ms");
            line(what, "does not grow", format!("{begun:.0} ms"), begun <= before * 1.2 + 20.0);
        }
        let (filled, kept) = (megabytes(many.filled), megabytes(many.resident));
        let what = format!("resident memory with {all} {things}: just made, and after a start and use");
        line(what, "< 300 MB", format!("{filled:.0} MB, {kept:.0} MB"), filled.max(kept) < 300.0);
        targets
    }
}

/// A line of the targets.
pub(crate) struct Target {
    what: String,
    target: &'static str,
    measured: String,
    met: bool,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, target, measured, met } = self;
        write!(f, "| {what} | {target} | {measured} | {} |", if *met { "met" } else { "missed" })
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = jiff::Timestamp::now().strftime("%Y-%m-%d");
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        writeln!(f, "# Benchmarks\n")?;
        writeln!(
            f,
            "Written by `cargo xtask bench` on {date}, on a virtual machine with {cores} shared cores of a common server processor."
        )?;
        writeln!(
            f,
            "Times are this machine's, on this day, with others at work beside it; they promise nothing. The ratios are"
        )?;
        writeln!(f, "of one run, the sides measured in turn, the median of its rounds.\n")?;
        writeln!(
            f,
            "CPU is the server process's own, user and system; the load is another process and not counted. The floor"
        )?;
        writeln!(
            f,
            "(`bench/floor`) is bare hyper that verifies the signature, reads an Encrypt, encrypts, and writes the answer: no"
        )?;
        writeln!(
            f,
            "identity, no policy, no record. The floor with log also appends 1 KiB to a file, synced for many calls at once. The program"
        )?;
        writeln!(
            f,
            "runs as delivered: an IAM user with a policy, the key's policy, quotas, and a durable audit record before every answer."
        )?;
        writeln!(f, "Plaintexts and data keys have 1 KiB, encryption contexts two pairs.\n")?;
        writeln!(f, "## Targets\n")?;
        writeln!(f, "| what | target | measured | |\n| --- | ---: | ---: | --- |")?;
        for target in self.targets() {
            writeln!(f, "{target}")?;
        }
        let Start { first, cpu, .. } = self.start;
        let (first, cpu) = (millis(first), millis(cpu));
        writeln!(
            f,
            "\nA start takes {cpu:.0} ms of CPU. The first one, which creates the store, took {first:.0} ms.\n"
        )?;
        writeln!(f, "## Calls\n")?;
        self.calls(f)?;
        let Primitives { rsa_2048, p256 } = self.primitives;
        writeln!(
            f,
            "\nThe bare primitives, on all cores at once with a parsed key: RSA-2048 {rsa_2048:.1} µs, P-256 {p256:.1} µs a signature of 1 KiB."
        )?;
        if self.row(PEER_ENCRYPT, 16).is_some() {
            writeln!(
                f,
                "OpenBao runs with storage in memory and its file audit on; its calls carry a token, and no signature."
            )?;
        }
        self.stages(f)?;
        for example in &self.examples {
            writeln!(f, "\n## {}\n\n```\n{}\n```", example.title, example.printed.trim_end())?;
        }
        Ok(())
    }
}
