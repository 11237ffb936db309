//! Where the CPU of a call goes, stage by stage: samples of the running program's stacks, each counted for the innermost stage that
//! stands in its stack. Needs `perf`; where it is not installed or not allowed, the report says so.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;

/// A stage and its share of all samples.
pub(crate) struct Share {
    pub(crate) stage: &'static str,
    pub(crate) share: f64,
}

/// Stages with what marks them in the name of a function; the first that fits a frame counts, frames from the innermost outwards.
const STAGES: &[(&str, &[&str])] = &[
    ("record: the event in CloudTrail's form", &["corridor::record", "codec::record"]),
    (
        "append: hand the frame over and wait",
        &["embedded::", "alcazar_store::engines", "alcazar_store::stored", "oneshot"],
    ),
    ("encode: the answer", &["write_output", "codec::output", "codec::json::write"]),
    ("run: cryptography", &["alcazar_material"]),
    ("authorize: the decision", &["corridor::authorize", "alcazar_policy", "corridor::context"]),
    (
        "decode: read and validate",
        &["corridor::decode", "codec::request", "codec::json", "codec::validate", "FromValue"],
    ),
    (
        "authenticate: signature and caller",
        &["corridor::authenticate", "corridor::identify", "alcazar_sigv4"],
    ),
    ("route", &["corridor::route", "codec::route"]),
    ("locate and run: KMS itself", &["alcazar_kms", "wire_kms"]),
    (
        "the corridor between its stages, reads of rows",
        &["alcazar_corridor", "alcazar_store", "alcazar_directory"],
    ),
    ("listener, hyper, runtime", &["alcazar::", "hyper", "tokio", "http"]),
];

const NETWORK: &str = "kernel: sockets";
const WAITING: &str = "kernel: waiting, waking and the rest";
const OTHER: &str = "everything else";

/// Samples a process for some seconds while somebody else puts it under load.
pub(crate) fn record(process: u32, seconds: f64, into: &Path) -> std::io::Result<std::process::Child> {
    Command::new("perf")
        .args(["record", "--quiet", "-e", "cpu-clock", "-F", "1499", "--call-graph", "dwarf,8192"])
        .args(["-p", &process.to_string(), "-o"])
        .arg(into)
        .args(["--", "sleep", &seconds.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// The shares of the stages in what was recorded, largest first.
pub(crate) fn shares(recorded: &Path) -> Outcome<Vec<Share>> {
    let output = Command::new("perf")
        .args(["script", "--no-inline", "-F", "comm,ip,sym", "-i"])
        .arg(recorded)
        .stderr(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut counted: Vec<(&'static str, usize)> = Vec::new();
    let mut all = 0;
    for sample in text.split("\n\n").filter(|sample| !sample.trim().is_empty()) {
        let stage = stage_of(sample);
        all += 1;
        match counted.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, count)) => *count += 1,
            None => counted.push((stage, 1)),
        }
    }
    if all < 100 {
        return Err("perf gave too few samples".into());
    }
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(counted.into_iter().map(|(stage, count)| Share { stage, share: count as f64 / all as f64 }).collect())
}

fn stage_of(sample: &str) -> &'static str {
    let mut lines = sample.trim_start().lines();
    match lines.next().map(str::trim) {
        Some("store-writer") => return "the log's writer thread",
        Some("store-keeper") => return "the log's keeper thread (sealed segments)",
        _ => {}
    }
    let frames: Vec<&str> = lines.map(str::trim_start).collect();
    let any = |names: &[&str]| frames.iter().any(|frame| names.iter().any(|name| frame.contains(name)));
    let in_kernel = frames.first().is_some_and(|frame| frame.starts_with("ffffffff"));
    if in_kernel && !any(&["alcazar_store"]) {
        return if any(&["tcp_", "sock_", "inet_", "sys_send", "sys_recv", "vfs_write", "vfs_read"]) {
            NETWORK
        } else {
            WAITING
        };
    }
    let stage_of_frame = |frame: &&str| {
        let marked = |(_, marks): &&(&str, &[&str])| marks.iter().any(|mark| frame.contains(mark));
        STAGES.iter().find(marked).map(|(stage, _)| *stage)
    };
    frames.iter().find_map(stage_of_frame).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_counts_for_its_innermost_stage() {
        let sample =
            "worker-0 \n\t 1 malloc\n\t 2 alcazar_policy::decide\n\t 3 alcazar_corridor::serve::serve\n";
        assert_eq!(stage_of(sample), "authorize: the decision");
        assert_eq!(stage_of("store-writer \n\t 1 write\n"), "the log's writer thread");
        assert_eq!(stage_of("worker-1 \n\t ffffffff81 tcp_sendmsg\n\t 2 hyper::poll\n"), NETWORK);
    }
}
