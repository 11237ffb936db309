//! Every operation, unsigned, without rights and malformed; and parameters over time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod cost;
mod derived;
mod policies;
