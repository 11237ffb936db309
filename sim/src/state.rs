use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use alcazar_core::Timestamp;

use crate::caller::Caller;
use crate::draw::Draw;
use crate::invariant::{Invariant, Violation};
use crate::secrets::Secrets;
use crate::trace::Trace;
use crate::workload;

/// What a run remembers over all its lives: what was asked, what was answered, and what the callers know.
pub(crate) struct State {
    pub(crate) draw: Draw,
    pub(crate) trace: Trace,
    pub(crate) calls: Vec<Asked>,
    pub(crate) known: workload::Known,
    pub(crate) secrets: Secrets,
    /// Session tokens: the record of the call that gave one shows it, as AWS's does (it is no good without its secret key); nothing else may.
    pub(crate) tokens: Secrets,
    pub(crate) violations: Vec<Violation>,
    /// How many calls each caller has left to make.
    pub(crate) steps: Vec<usize>,
    pub(crate) jumps: usize,
    pub(crate) changes: usize,
    /// How far the services' time was seen ahead of the world's.
    pub(crate) ahead: Duration,
    pub(crate) crashes: usize,
    /// How many records tell of what a service did by itself.
    pub(crate) service_events: usize,
}

/// A call that was made.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) caller: String,
    pub(crate) account: String,
    pub(crate) proof: Proof,
    pub(crate) operation: String,
    /// Whether the caller might have been allowed, or needed no right.
    pub(crate) might: bool,
    /// Whether it is the moment of the record that says if the caller was allowed.
    pub(crate) changing: bool,
    /// The status, if it was answered before the life ended.
    pub(crate) status: Option<u16>,
}

/// What a call's signature proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Who calls.
    Good,
    /// Nothing.
    Bad,
    /// Nothing, as the answer tells and as may be: the key, the role or the session has ended, perhaps while it was called.
    Ended,
}

impl State {
    pub(crate) fn violated(&mut self, invariant: Invariant, seen: impl Into<String>) {
        self.violations.push(Violation { invariant, seen: seen.into() });
    }

    /// Notes a call; the number names it.
    pub(crate) fn ask(&mut self, caller: &Caller, operation: &str, open: bool, now: Timestamp) -> usize {
        let proven = caller.is_authentic() && !caller.has_expired(now);
        self.calls.push(Asked {
            caller: caller.name.clone(),
            account: caller.account.clone(),
            proof: if proven { Proof::Good } else { Proof::Bad },
            operation: operation.to_owned(),
            might: proven && (open || caller.might(operation)),
            changing: !open && caller.rights == crate::caller::Rights::Changing,
            status: None,
        });
        self.calls.len() - 1
    }
}

/// The address from which a call is made. Each has its own, by which its records are found.
pub(crate) fn source(call: usize) -> IpAddr {
    let [_, a, b, c] = u32::try_from(call).unwrap_or(u32::MAX).to_be_bytes();
    IpAddr::V4(Ipv4Addr::new(10, a, b, c))
}

/// The call that came from there.
pub(crate) fn call_from(source: &str) -> Option<usize> {
    let IpAddr::V4(address) = source.parse().ok()? else { return None };
    let [10, a, b, c] = address.octets() else { return None };
    Some(u32::from_be_bytes([0, a, b, c]) as usize)
}
