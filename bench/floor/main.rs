//! The floor: the cheapest server that this workspace could make for one operation, KMS's Encrypt.
//!
//! Bare hyper over HTTP/1.1; Signature Version 4 verified with a kept key; the input read into a typed structure; Encrypt's cryptography
//! with kept material; the answer written as JSON. There is no identity, no policy, no record, no error in AWS's words, no other
//! operation. With `--log FILE` it also appends a record of a kilobyte to a file, synced before the answer.
//!
//! How many requests the program answers in a second of CPU is told as a share of this one's.

#![allow(clippy::disallowed_methods, reason = "a measurement: it reads the machine's clock")]

mod encrypt;
mod log;
mod serve;

use std::net::TcpListener;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use clap::Parser;
use tokio::sync::mpsc;

use encrypt::Encrypt;
use log::{Log, Signal, WorkerLog};

/// Serves Encrypt on a loopback port of the system's choice, which it prints.
#[derive(Parser)]
struct Arguments {
    /// Append a record for each call to this file.
    #[arg(long)]
    log: Option<PathBuf>,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

fn main() -> std::io::Result<()> {
    let Arguments { log, workers } = Arguments::parse();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let signals: Vec<Arc<Signal>> = (0..workers).map(|_| Arc::default()).collect();
    let log = log.map(|path| Log::start(&path, signals.clone())).transpose()?;
    let threads: Vec<_> = signals
        .into_iter()
        .enumerate()
        .map(|(number, signal)| {
            let (sender, connections) = mpsc::unbounded_channel();
            let log = log.clone();
            std::thread::spawn(move || work(number, connections, log, &signal));
            sender
        })
        .collect();
    println!("{}", listener.local_addr()?);
    for (number, stream) in listener.incoming().enumerate() {
        let stream = stream?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        if let Some(thread) = threads.get(number % workers) {
            let _ = thread.send(stream);
        }
    }
    Ok(())
}

/// A thread with a runtime of its own: nothing is shared but the log.
fn work(
    number: usize,
    mut connections: mpsc::UnboundedReceiver<std::net::TcpStream>,
    log: Option<Arc<Log>>,
    signal: &Arc<Signal>,
) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        let log = log.map(|log| Rc::new(WorkerLog::new(log, number, signal.clone())));
        if let Some(log) = log.clone() {
            tokio::task::spawn_local(async move { log.tell().await });
        }
        let encrypt = Rc::new(Encrypt::new());
        while let Some(stream) = connections.recv().await {
            tokio::task::spawn_local(serve::connection(stream, encrypt.clone(), log.clone()));
        }
    });
}
