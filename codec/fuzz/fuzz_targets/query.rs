#![no_main]
//! Forms of the query protocol.

mod shared;

use alcazar_core::schema::Protocol;
use libfuzzer_sys::fuzz_target;
use shared::{fixture, read};

fuzz_target!(|data: &[u8]| read(Protocol::AwsQuery, &fixture::DO_QUERY, data, false));
