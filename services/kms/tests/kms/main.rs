//! Keys over time, in every state, and in everybody's hands.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod access;
mod asking;
mod derived;
mod external;
mod external_faults;
mod external_rules;
mod grants;
mod import;
mod lifecycle;
mod managed;
mod multi_region;
mod people;
mod quotas;
mod states;
