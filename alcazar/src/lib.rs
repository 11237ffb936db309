//! The program: command line, configuration, start and stop, listener, logs and metrics. It is the only crate that names all
//! services. A library too, so that tests and benchmarks start a server within their own process.

pub mod client;
pub mod command;
pub mod configuration;
pub mod credentials;
pub mod listener;
pub mod logs;
pub mod metrics;
pub mod server;

mod bootstrap;
mod cores;
mod database;
mod exposition;
mod outside;
mod parameters;
mod private;
mod programs;
mod retention;
mod rotation;
mod seal;
mod shutdown;
mod store;
mod terminal;
mod trust;
mod upstream;
mod usage;
mod xks;

pub use configuration::{Configuration, Layer, Secrets};
pub use server::Server;
