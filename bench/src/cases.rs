//! The servers and calls that are measured, in turn, round by round.

use std::path::Path;
use std::time::Duration;

use crate::load::{Measured, measure};
use crate::peer::Peer;
use crate::process::Server;
use crate::program::{self, Running, alcazar, floor, furnish};
use crate::report::{self, Row, Stages};
use crate::request::{Call, Key};
use crate::{Arguments, Outcome, stages, vault};

/// Numbers of connections.
const CONNECTIONS: [usize; 2] = [16, 64];

/// A thing to measure: a server and a call.
struct Case<'r> {
    name: &'static str,
    server: &'r Server,
    address: &'r str,
    /// Makes the requests, signed anew for each measurement: KMS's window is five minutes.
    requests: Requests<'r>,
    connections: usize,
    measured: Vec<Measured>,
}

type Requests<'r> = Box<dyn Fn() -> Vec<Vec<u8>> + 'r>;

impl Running {
    /// Requests of that call, to be sent in turn.
    fn signed<'r>(&'r self, call: &'r Call) -> Requests<'r> {
        self.signed_by(&self.key, call)
    }

    fn signed_by<'r>(&'r self, key: &'r Key, call: &'r Call) -> Requests<'r> {
        Box::new(|| (0..16).map(|_| call.signed(key, &self.address)).collect())
    }
}

/// Measures every call on every server; and where the CPU of an Encrypt goes, if that can be told.
pub(crate) fn servers(arguments: &Arguments, folder: &Path) -> Outcome<(Vec<Row>, Option<Stages>)> {
    let bare = floor(&arguments.built.join("floor"), None)?;
    let logged = floor(&arguments.built.join("floor"), Some(&folder.join("floor.log")))?;
    let (mut program, _) = alcazar(&arguments.built.join("alcazar"), &folder.join("program"))?;
    let made = furnish(&mut program)?;
    let peer = arguments.openbao.as_ref().map(|bao| Peer::start(bao, &folder.join("openbao"))).transpose()?;
    let calls = [
        (report::FLOOR, &bare, program::encrypt("floor", 1024)),
        (report::LOGGED, &logged, program::encrypt("floor", 1024)),
        ("GetCallerIdentity", &program, program::identity()),
        (report::ENCRYPT, &program, program::encrypt(&made.key_arn, 1024)),
        ("Decrypt", &program, program::decrypt(&made.ciphertext)),
        ("GenerateDataKey", &program, program::data_key(&made.key_arn)),
        (report::SIGN_RSA, &program, program::sign(&made.rsa, "RSASSA_PKCS1_V1_5_SHA_256")),
        (report::SIGN_P256, &program, program::sign(&made.p256, "ECDSA_SHA_256")),
        (report::CREATE, &program, program::create_key()),
    ];
    let kept =
        [(report::GET_SECRET, vault::get_secret_value(0)), (report::GET_PARAMETER, vault::get_parameter(0))];
    let mut cases = Vec::new();
    for connections in CONNECTIONS {
        for (name, running, call) in &calls {
            let Running { server, address, .. } = running;
            let requests = running.signed(call);
            cases.push(Case { name, server, address, requests, connections, measured: Vec::new() });
        }
        for (name, call) in &kept {
            let Running { server, address, .. } = &program;
            let requests = program.signed_by(&made.keeper, call);
            cases.push(Case { name, server, address, requests, connections, measured: Vec::new() });
        }
        for (name, request) in peer.iter().flat_map(of_peer) {
            let Peer { server, address, .. } = peer.as_ref().ok_or("no peer")?;
            let requests: Requests<'_> = Box::new(move || vec![request.clone()]);
            cases.push(Case { name, server, address, requests, connections, measured: Vec::new() });
        }
    }
    if let Some(only) = &arguments.only {
        cases.retain(|case| case.name == only);
        eprintln!("the program's process is {}", program.server.id());
    }
    let (rounds, seconds) = if arguments.quick { (1, 1.0) } else { (arguments.rounds, arguments.seconds) };
    for round in 1..=rounds {
        for case in &mut cases {
            case.measure(round, seconds)?;
        }
    }
    let rows = cases.into_iter().map(Case::row).collect();
    let seconds = if arguments.quick { 2.0 } else { 8.0 };
    let stages = measured_stages(&program, &program::encrypt(&made.key_arn, 1024), seconds, folder);
    Ok((rows, stages.inspect_err(|error| eprintln!("no stages: {error}")).ok()))
}

fn of_peer(peer: &Peer) -> [(&'static str, Vec<u8>); 3] {
    [
        (report::PEER_ENCRYPT, peer.encrypt(1024)),
        ("OpenBao: sign, RSA-2048", peer.sign("rsa")),
        ("OpenBao: sign, P-256", peer.sign("p256")),
    ]
}

impl Case<'_> {
    fn measure(&mut self, round: usize, seconds: f64) -> Outcome {
        let time = Duration::from_secs_f64(seconds);
        let measured = measure(self.server, self.address, (self.requests)(), self.connections, time)
            .map_err(|error| format!("{}: {error}", self.name))?;
        eprintln!(
            "round {round}, {:3} connections, {:36} {:8.0} per CPU second, {:6.1} us, {:8.0}/s",
            self.connections,
            self.name,
            measured.per_cpu_second(),
            measured.micros(),
            measured.per_second()
        );
        self.measured.push(measured);
        Ok(())
    }

    fn row(self) -> Row {
        let of = |value: fn(&Measured) -> f64| middle(self.measured.iter().map(value));
        Row {
            name: self.name,
            connections: self.connections,
            per_cpu_second: of(Measured::per_cpu_second),
            micros: of(Measured::micros),
            per_second: of(Measured::per_second),
        }
    }
}

/// The stages of Encrypt at 16 connections.
fn measured_stages(program: &Running, call: &Call, seconds: f64, folder: &Path) -> Outcome<Stages> {
    let recorded = folder.join("perf.data");
    let requests = program.signed(call)();
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
