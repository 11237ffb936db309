//! `BENCHMARKS.md`.

use std::fmt;
use std::time::Duration;

use crate::examples::Example;
use crate::stages::Share;

/// The first floor.
pub(crate) const FLOOR: &str = "floor: Encrypt";
/// The second.
pub(crate) const LOGGED: &str = "floor with log: Encrypt";
/// The operation whose rate on the wall clock counts.
pub(crate) const CREATE: &str = "CreateKey";

/// Everything that was measured.
pub(crate) struct Report {
    pub(crate) start: Start,
    pub(crate) rows: Vec<Row>,
    pub(crate) stages: Option<Stages>,
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

    fn targets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encrypt = self.row("Encrypt", 16);
        let share = encrypt.map_or(f64::NAN, |row| 100.0 * row.per_cpu_second / self.floor(FLOOR, 16));
        let micros = encrypt.map_or(f64::NAN, |row| row.micros);
        let created = self.row(CREATE, 64).map_or(f64::NAN, |row| row.per_second);
        let (start, resident) = (self.start.again.as_secs_f64() * 1e3, self.start.resident as f64 / 1e6);
        writeln!(f, "| what | target | measured | |")?;
        writeln!(f, "| --- | ---: | ---: | --- |")?;
        let mut line = |what: &str, target: &str, measured: String, met: bool| {
            writeln!(f, "| {what} | {target} | {measured} | {} |", if met { "met" } else { "missed" })
        };
        let reached = share >= 35.0;
        line(
            "Encrypt, share of the floor, 16 connections",
            "≥ 35 % (aim 50 %)",
            format!("{share:.0} %"),
            reached,
        )?;
        line("Encrypt, CPU a call, 16 connections", "≤ 35 µs", format!("{micros:.1} µs"), micros <= 35.0)?;
        line(
            "CreateKey, 64 connections, load on the same cores",
            "≥ 5,000/s",
            format!("{created:.0}/s"),
            created >= 5000.0,
        )?;
        line(
            "start on an existing store to the first answer",
            "< 200 ms",
            format!("{start:.0} ms"),
            start < 200.0,
        )?;
        line("idle resident memory", "< 60 MB", format!("{resident:.0} MB"), resident < 60.0)
    }
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
        self.targets(f)?;
        let Start { first, cpu, .. } = self.start;
        let (first, cpu) = (first.as_secs_f64() * 1e3, cpu.as_secs_f64() * 1e3);
        writeln!(
            f,
            "\nA start takes {cpu:.0} ms of CPU. The first one, which creates the store, took {first:.0} ms.\n"
        )?;
        writeln!(f, "## Calls\n")?;
        self.calls(f)?;
        self.stages(f)?;
        for example in &self.examples {
            writeln!(f, "\n## {}\n\n```\n{}\n```", example.title, example.printed.trim_end())?;
        }
        Ok(())
    }
}
