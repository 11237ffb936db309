//! Every operation, unsigned, without rights and malformed; and secrets in the hands of those whom their keys do not let in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod database;
mod derived;
mod replication;
mod rotation;
