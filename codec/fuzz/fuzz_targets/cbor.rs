#![no_main]
//! RPC v2 bodies.

mod shared;

use alcazar_core::schema::Protocol;
use libfuzzer_sys::fuzz_target;
use shared::{fixture, read};

fuzz_target!(|data: &[u8]| read(Protocol::RpcV2Cbor, &fixture::DO_JSON, data, true));
