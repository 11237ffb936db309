#![no_main]
//! Requests of any form into the router.

mod shared;

use std::sync::LazyLock;

use alcazar_codec::{Router, Target};
use libfuzzer_sys::fuzz_target;
use shared::{fixture, with_request};

static ROUTER: LazyLock<Router> = LazyLock::new(|| {
    Router::new(&[
        Target { service: &fixture::JSON, operations: &[&fixture::ENCRYPT, &fixture::DO_JSON] },
        Target { service: &fixture::QUERY, operations: &[&fixture::DO_QUERY, &fixture::DELETE] },
        Target { service: &fixture::REST, operations: &[&fixture::GET_OBJECT, &fixture::GET_TAGGING] },
        Target { service: &fixture::FUNCTIONS, operations: &[&fixture::DO_REST] },
    ])
});

fuzz_target!(|data: &[u8]| with_request(data, |request| {
    for signing_name in [None, Some("keys"), Some("people"), Some("objects"), Some("functions")] {
        if let Err(error) = ROUTER.route("objects.localhost", signing_name, request) {
            let _ = (error.fault(), error.to_string());
        }
    }
}));
