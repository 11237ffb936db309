//! Judges of the codecs that are not of our making: the published protocol tests; and what must hold for any bytes.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod cbor;
mod constraints;
mod errors;
mod fixture;
mod hostile;
mod inputs;
mod json_forms;
mod left_out;
mod model;
mod outputs;
mod routing;
mod tree;
mod values;
