#![no_main]
//! awsJson bodies.

mod shared;

use alcazar_core::schema::Protocol;
use libfuzzer_sys::fuzz_target;
use shared::{fixture, read};

fuzz_target!(|data: &[u8]| read(Protocol::AwsJson11, &fixture::DO_JSON, data, true));
