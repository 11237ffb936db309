//! What the targets share: one operation of each family, and a request that is split out of the fuzzer's bytes.

#[allow(dead_code, reason = "each target uses some of it")]
#[path = "../../tests/codec/fixture.rs"]
pub(crate) mod fixture;

use alcazar_codec::{Limits, RequestParts, read_input, validate, write_output};
use alcazar_core::schema::{Operation, Protocol};
use alcazar_core::sink::Untyped;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Reads the bytes as the body of a request; what was read is validated and written again, and must read the same.
#[allow(dead_code, reason = "each target uses some of it")]
pub(crate) fn read(
    protocol: Protocol,
    operation: &'static Operation,
    data: &[u8],
    reads_what_it_writes: bool,
) {
    let headers = HeaderMap::new();
    let request = RequestParts {
        method: operation.method,
        path: "/",
        query: "",
        headers: &headers,
        body: data,
        labels: &[],
    };
    let Ok(fields) = read_input(protocol, operation, &request, &Limits::DEFAULT) else { return };
    let _ = validate(&fields, operation.input);
    if reads_what_it_writes {
        let written =
            write_output(protocol, operation, &Untyped { schema: operation.input, fields: &fields }, "id");
        let again = RequestParts { body: written.body(), ..request };
        let limits = Limits { body: usize::MAX, ..Limits::DEFAULT };
        assert!(read_input(protocol, operation, &again, &limits).is_ok());
    }
}

/// A request whose parts stand on lines: path, query, headers until an empty line, body.
#[allow(dead_code, reason = "each target uses some of it")]
pub(crate) fn with_request(data: &[u8], then: impl Fn(&RequestParts<'_>)) {
    let mut lines = data.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (path, query, heads, body) = (line(), line(), line(), line());
    let (Ok(path), Ok(query)) = (std::str::from_utf8(path), std::str::from_utf8(query)) else { return };
    let mut headers = HeaderMap::new();
    for head in heads.split(|byte| *byte == b'\r').take(200) {
        let mut parts = head.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(parts.next().unwrap_or_default());
        let value = HeaderValue::from_bytes(parts.next().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    for method in ["GET", "POST"] {
        then(&RequestParts { method, path, query, headers: &headers, body, labels: &[] });
    }
}
