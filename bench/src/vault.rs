//! What many secrets and parameters change: the price of reading and listing them, the start after a stop and after a kill, and the memory.

use std::path::Path;
use std::time::Duration;

use crate::Outcome;
use crate::load::{measure, once_each};
use crate::process::Server;
use crate::program::{Running, alcazar, caller};
use crate::report;
use crate::request::Call;
use crate::scale::start;

/// How many there are of a thing in a small store.
const FEW: usize = 10;

/// How many are read in turn. All are read once before: the first read of a day is a write, for it notes the day.
const READ: usize = 5_000;

/// Calls that are signed at a time: signatures are good for five minutes.
const CHUNK: usize = 20_000;

/// Stores with few secrets and with many, and the same of parameters.
#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) secrets: [Kept; 2],
    pub(crate) parameters: [Kept; 2],
}

/// A store with so many things of a kind.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) count: usize,
    /// Calls, and the microseconds of CPU that each takes at 16 connections.
    pub(crate) calls: Vec<(&'static str, f64)>,
    /// From the start to the first answer, when the program was killed: the middle of three.
    pub(crate) after_kill: Duration,
    /// The same after it was told to stop.
    pub(crate) after_stop: Duration,
    /// Resident memory when the things had just been made.
    pub(crate) filled: u64,
    /// After a start and the calls.
    pub(crate) resident: u64,
}

/// A kind of thing: how one is made, and which calls are measured on so many.
struct Kind {
    name: &'static str,
    make: fn(usize) -> Call,
    calls: fn(usize) -> Vec<Asked>,
}

/// A call by its name, and the requests that are sent in turn.
type Asked = (&'static str, Vec<Call>);

const SECRETS: Kind = Kind { name: "secrets", make: create_secret, calls: secret_calls };
const PARAMETERS: Kind = Kind { name: "parameters", make: put_parameter, calls: parameter_calls };

/// The measured calls, as the report names them.
const LIST_SECRETS: &str = "ListSecrets, a page of 10,";
const GET_BY_PATH: &str = "GetParametersByPath, a page of 10,";

/// Measures all four.
pub(crate) fn measured(
    executable: &Path,
    folder: &Path,
    time: Duration,
    secrets: usize,
    parameters: usize,
) -> Outcome<Vault> {
    let both = |kind: &Kind, many: usize| -> Outcome<[Kept; 2]> {
        let kept = |name: &str, count: usize| {
            kept(executable, &folder.join(format!("{name}-{}", kind.name)), kind, count, time)
        };
        Ok([kept("few", FEW)?, kept("many", many.max(FEW))?])
    };
    Ok(Vault { secrets: both(&SECRETS, secrets)?, parameters: both(&PARAMETERS, parameters)? })
}

fn kept(executable: &Path, folder: &Path, kind: &Kind, count: usize, time: Duration) -> Outcome<Kept> {
    let (mut running, _) = alcazar(executable, folder)?;
    running.key = caller(&running, "vault", &["kms:*", "secretsmanager:*", "ssm:*"])?;
    let user = running.key.clone();
    fill(&running, kind, count)?;
    let filled = running.server.resident()?;
    running.server.kill()?;
    let after_kill = start(executable, folder, Server::kill)?;
    let after_stop = start(executable, folder, Server::stop)?;
    let (mut running, _) = alcazar(executable, folder)?;
    running.key = user;
    let mut calls = Vec::new();
    for (name, asked) in (kind.calls)(count) {
        let signed =
            || asked.iter().map(|call| call.signed(&running.key, &running.address)).collect::<Vec<_>>();
        once_each(&running.address, &signed(), 16)?;
        let measured = measure(&running.server, &running.address, signed(), 16, time)?;
        eprintln!("among {count}: {name}: {:.1} us", measured.micros());
        calls.push((name, measured.micros()));
    }
    let resident = running.server.resident()?;
    let memory = [filled, resident].map(|bytes| bytes / 1_000_000);
    eprintln!(
        "{count} {}: start {after_kill:?} after a kill, {after_stop:?} after a stop; {memory:?} MB",
        kind.name
    );
    Ok(Kept { count, calls, after_kill, after_stop, filled, resident })
}

/// Makes them all, over the API.
fn fill(running: &Running, kind: &Kind, count: usize) -> Outcome {
    let mut made = 0;
    while made < count {
        let until = (made + CHUNK).min(count);
        let calls = (made..until).map(|number| (kind.make)(number).signed(&running.key, &running.address));
        once_each(&running.address, &calls.collect::<Vec<_>>(), 16)?;
        made = until;
        if made % (5 * CHUNK) == 0 {
            eprintln!("{made} of {count} {} are made", kind.name);
        }
    }
    Ok(())
}

/// So many numbers below `count`, far from each other.
pub(crate) fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    // A step that has no divisor in common with the count leads to each number once.
    let step = (count / 2 + 7..).find(|step| greatest_divisor(*step, count) == 1).unwrap_or(1);
    (0..count.min(most)).map(move |number| number * step % count)
}

fn greatest_divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { greatest_divisor(other, one % other) }
}

fn of_secrets(operation: &'static str, body: String) -> Call {
    Call { service: "secretsmanager", target: Some(operation), body }
}

fn of_parameters(operation: &'static str, body: String) -> Call {
    Call { service: "ssm", target: Some(operation), body }
}

/// A secret of 64 characters, under the AWS managed key.
pub(crate) fn create_secret(number: usize) -> Call {
    let value = "s".repeat(64);
    let body = format!(r#"{{"Name":"bench/{number:07}","SecretString":"{value}"}}"#);
    of_secrets("secretsmanager.CreateSecret", body)
}

pub(crate) fn get_secret_value(number: usize) -> Call {
    let body = format!(r#"{{"SecretId":"bench/{number:07}"}}"#);
    of_secrets("secretsmanager.GetSecretValue", body)
}

fn secret_calls(count: usize) -> Vec<Asked> {
    let list = |order: &str| format!(r#"{{"MaxResults":10,"SortBy":"created-date","SortOrder":"{order}"}}"#);
    let lists = ["asc", "desc"].map(|order| of_secrets("secretsmanager.ListSecrets", list(order)));
    vec![
        (report::GET_SECRET, spread(count, READ).map(get_secret_value).collect()),
        (LIST_SECRETS, lists.into()),
    ]
}

/// A String of 64 characters, ten to a directory; advanced where standard ones end.
pub(crate) fn put_parameter(number: usize) -> Call {
    let (name, value) = (parameter(number), "p".repeat(64));
    let tier = if number < 10_000 { "Standard" } else { "Advanced" };
    let body = format!(r#"{{"Name":"{name}","Value":"{value}","Type":"String","Tier":"{tier}"}}"#);
    of_parameters("AmazonSSM.PutParameter", body)
}

pub(crate) fn get_parameter(number: usize) -> Call {
    of_parameters("AmazonSSM.GetParameter", format!(r#"{{"Name":"{}"}}"#, parameter(number)))
}

fn parameter(number: usize) -> String {
    format!("{}/{}", directory(number / 10), number % 10)
}

fn directory(number: usize) -> String {
    format!("/bench/{number:06}")
}

fn parameter_calls(count: usize) -> Vec<Asked> {
    let page = |number| {
        let body = format!(r#"{{"Path":"{}","MaxResults":10}}"#, directory(number));
        of_parameters("AmazonSSM.GetParametersByPath", body)
    };
    vec![(GET_BY_PATH, spread((count / 10).max(1), READ).map(page).collect())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_that_are_read_are_all_there_and_none_comes_twice() {
        for count in [1, 10, 1000, 100_000] {
            let mut numbers: Vec<usize> = spread(count, READ).collect();
            assert!(numbers.iter().all(|number| *number < count), "{count}");
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), count.min(READ), "{count}");
        }
    }
}
