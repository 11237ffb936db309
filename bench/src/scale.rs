//! What a hundred thousand keys change: the price of a DescribeKey, the start, and the memory.

use std::path::Path;
use std::time::Duration;

use crate::Outcome;
use crate::load::{measure, once_each};
use crate::program::{alcazar, create_key, describe_key, furnish, text};
use crate::report::{Scale, Scaled};

/// Keys in a small store and in a large one.
const KEYS: [usize; 2] = [10, 100_000];

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
    furnish(&mut running)?;
    let user = running.key.clone();
    let mut arns = Vec::with_capacity(keys);
    while arns.len() < keys {
        // Signed anew every few seconds: KMS's window is five minutes.
        let request = create_key().signed(&user, &running.address);
        let count = (keys - arns.len()).min(20_000);
        for answer in once_each(&running.address, &vec![request; count], 16)? {
            arns.push(text(&answer, "/KeyMetadata/Arn")?);
        }
    }
    let filled = running.server.resident()?;
    drop(running);
    let (mut running, start) = alcazar(executable, folder)?;
    running.key = user;
    // Each key in turn, in no order that its row was written in.
    let step = arns.len() / 2 + 7;
    let asked = (0..arns.len().min(40_000)).filter_map(|n| arns.get(n * step % arns.len()));
    let requests = asked.map(|arn| describe_key(arn).signed(&running.key, &running.address)).collect();
    let measured = measure(&running.server, &running.address, requests, 16, time)?;
    Ok(Scaled { keys, describe: measured.micros(), start, filled, resident: running.server.resident()? })
}
