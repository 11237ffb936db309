//! The built program, started as a user starts it, and judged from outside.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod harness;
mod hostile;
mod killed;
mod life;
mod secrets;
