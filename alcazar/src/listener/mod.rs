//! From sockets to arrivals and back: HTTP/1.1 within limits of size, time and number.
//!
//! One thread accepts and hands each connection to the least busy of the workers. A worker is a thread with a runtime of its
//! own, so a connection never changes threads and nothing is stolen. Measured against tokio's shared runtime on two cores, with
//! a log that answers from a thread of its own: a fifth less CPU a request, and more requests.
//!
//! No timer is set for a request. A connection's [`Pulse`] says what it waits for and since when; the [`Pacer`] looks at all of
//! them four times a second and wakes those that are over their time.

mod accept;
mod body;
mod connection;
mod finish;
mod forwarded;
mod gates;
mod limits;
mod pacer;
mod pulse;
mod refusal;
mod relay;
mod serve;
pub mod tls;
mod workers;

#[cfg(test)]
mod tests;

pub use forwarded::{Cidr, TrustedProxies};
pub use gates::{GATES, Gate};
pub use limits::Limits;

pub(crate) use accept::{accept, bind};
pub(crate) use limits::Admission;
pub(crate) use pacer::Pacer;
pub(crate) use serve::Front;
pub(crate) use workers::Workers;
