#![no_main]
//! Forms of EC2's dialect.

mod shared;

use alcazar_core::schema::Protocol;
use libfuzzer_sys::fuzz_target;
use shared::{fixture, read};

fuzz_target!(|data: &[u8]| read(Protocol::Ec2Query, &fixture::DO_EC2, data, false));
