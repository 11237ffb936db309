//! The language and the decision from outside, as services use them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod cases;
mod conditions;
mod decisions;
mod denials;
mod documents;
mod properties;
mod world;
