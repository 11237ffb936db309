//! What a hundred thousand keys change: the price of a DescribeKey, the start, and the memory.

use std::path::Path;
use std::time::Duration;

use crate::load::{measure, once_each};
use crate::process::Server;
use crate::program::{Running, alcazar, caller, create_key, describe_key, text};
use crate::report::{Scale, Scaled};
use crate::vault::spread;
use crate::{Outcome, median};

/// Keys in a small store and in a large one.
const KEYS: [usize; 2] = [10, 100_000];
/// How many of them are in use, and asked for again and again.
const IN_USE: usize = 5000;

/// Measures both.
pub(crate) fn measured(executable: &Path, folder: &Path, time: Duration, keys: [usize; 2]) -> Outcome<Scale> {
    let [few, many] = keys.map(|keys| scaled(executable, &folder.join(format!("scale-{keys}")), keys, time));
    Ok(Scale { few: few?, many: many? })
}

/// Keys for a measurement, or for a look whether it works.
pub(crate) fn sizes(quick: bool) -> [usize; 2] {
    if quick { [10, 1000] } else { KEYS }
}

fn scaled(executable: &Path, folder: &Path, keys: usize, time: Duration) -> Outcome<Scaled> {
    let (mut running, _) = alcazar(executable, folder)?;
    running.key = caller(&running, "scale", &["kms:*"])?;
    let user = running.key.clone();
    let arns = filled(&running, keys)?;
    let filled = running.server.resident()?;
    running.server.stop()?;
    // The median of three: the first start after such a load meets a disk that is still busy.
    let stopped = start(executable, folder, Server::stop)?;
    let killed = start(executable, folder, Server::kill)?;
    let (mut running, _) = alcazar(executable, folder)?;
    running.key = user;
    // Each key in turn, in no order that its row was written in.
    let asked: Vec<&String> = spread(arns.len(), 40_000).filter_map(|number| arns.get(number)).collect();
    let describe = |arns: &[&String]| {
        let requests = arns.iter().map(|arn| describe_key(arn).signed(&running.key, &running.address));
        measure(&running.server, &running.address, requests.collect(), 16, time)
            .map(|measured| measured.micros())
    };
    let first = describe(&asked)?;
    let again = describe(asked.get(..asked.len().min(IN_USE)).unwrap_or_default())?;
    Ok(Scaled { keys, first, again, stopped, killed, filled, resident: running.server.resident()? })
}

/// Makes so many keys; gives their ARNs.
fn filled(running: &Running, keys: usize) -> Outcome<Vec<String>> {
    let mut arns = Vec::with_capacity(keys);
    while arns.len() < keys {
        // Signed anew every few seconds: KMS's window is five minutes.
        let request = create_key().signed(&running.key, &running.address);
        let count = (keys - arns.len()).min(20_000);
        for answer in once_each(&running.address, &vec![request; count], 16)? {
            arns.push(text(&answer, "/KeyMetadata/Arn")?);
        }
    }
    Ok(arns)
}

/// The median of the times of three starts, each ended in that way.
pub(crate) fn start(executable: &Path, folder: &Path, end: fn(Server) -> Outcome) -> Outcome<Duration> {
    let mut times = Vec::new();
    for _ in 0..3 {
        let (running, time) = alcazar(executable, folder)?;
        end(running.server)?;
        times.push(time);
    }
    median(times).ok_or_else(|| "no start".into())
}
