#![no_main]
//! rest-xml: labels, query strings, headers and bodies.

mod shared;

use alcazar_codec::{Limits, read_input, validate};
use alcazar_core::schema::Protocol;
use libfuzzer_sys::fuzz_target;
use shared::{fixture, with_request};

fuzz_target!(|data: &[u8]| with_request(data, |request| {
    for operation in [&fixture::DO_XML, &fixture::GET_OBJECT] {
        if let Ok(fields) = read_input(Protocol::RestXml, operation, request, &Limits::DEFAULT) {
            let _ = validate(&fields, operation.input);
        }
    }
}));
