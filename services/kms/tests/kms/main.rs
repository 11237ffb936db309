//! Keys over time, in every state, and in everybody's hands.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod access;
mod aliases;
mod asking;
mod clock_back;
mod connecting;
mod crashes;
mod derived;
mod external;
mod external_faults;
mod external_rules;
mod grants;
mod import;
mod lifecycle;
mod limits;
mod managed;
mod misuse;
mod multi_region;
mod people;
mod principals;
mod quotas;
mod sm2;
mod states;
