//! The canonical headers.

use crate::canonical::Sink;
use crate::request::Request;
use crate::signed_headers::SignedHeaders;

/// A line for each signed header, sorted by name; the values of repeated headers are joined by commas in the order sent.
/// A signed header that did not arrive has the empty value.
pub(crate) fn write<S: Sink>(sink: &mut S, request: &Request<'_>, signed: &SignedHeaders<'_>) {
    for name in signed.names() {
        sink.put(name.as_bytes());
        sink.put(b":");
        for (place, value) in request.values(name).enumerate() {
            if place > 0 {
                sink.put(b",");
            }
            write_value(sink, value);
        }
        sink.put(b"\n");
    }
}

/// Without white space at the ends, and with one space for every run of it inside, within quotes as well and over
/// continued lines.
fn write_value<S: Sink>(sink: &mut S, value: &[u8]) {
    let value = value.trim_ascii();
    if !value.windows(2).any(|pair| folds(pair[0], pair[1])) {
        return sink.put(value);
    }
    let words = value.split(|&byte| is_space(byte)).filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        if place > 0 {
            sink.put(b" ");
        }
        sink.put(word);
    }
}

/// Whether two neighbours are white space other than a lone blank.
fn folds(first: u8, second: u8) -> bool {
    is_space(second) && (second != b' ' || is_space(first))
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(value: &str) -> String {
        let mut out = Vec::new();
        write_value(&mut out, value.as_bytes());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn white_space_is_trimmed_and_folded() {
        for (sent, canonical_value) in [
            ("", ""),
            ("   ", ""),
            (" a ", "a"),
            ("a b", "a b"),
            ("a  b   c", "a b c"),
            ("a\tb", "a b"),
            ("a\n  b\r\n\tc", "a b c"),
            ("\"a   b\"", "\"a b\""),
            ("a \tb", "a b"),
        ] {
            assert_eq!(canonical(sent), canonical_value, "{sent:?}");
        }
    }

    #[test]
    fn copies_are_joined_in_order_and_a_missing_header_is_empty() {
        let request = Request {
            method: "GET",
            path: "/",
            query: "",
            headers: &[("b", b" 2 "), ("a", b"1"), ("b", b"1  1"), ("host", b"h")],
        };
        let signed = SignedHeaders::of(vec!["host", "b", "gone"]);
        let mut out = Vec::new();
        write(&mut out, &request, &signed);
        assert_eq!(String::from_utf8_lossy(&out), "b:2,1 1\ngone:\nhost:h\n");
    }
}
