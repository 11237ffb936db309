//! CBOR (RFC 8949) as Smithy's RPC v2 uses it.

mod decode;
mod read;
mod write;

use alcazar_core::sink::Structured;

use crate::output::{Answer, has_output};

pub(crate) use read::read_body;
pub(crate) use write::write_body;

/// The body of a success: empty where the model gives the operation no output.
pub(crate) fn answer(output: &dyn Structured) -> Answer {
    Answer::of(if has_output(output) { write_body(output, &[]) } else { Vec::new() })
}
