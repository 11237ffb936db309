//! The canonical query string.

use std::ops::Range;

use crate::canonical::Sink;
use crate::percent::{self, Slash};

/// The parameter that carries a presigned request's signature, and is the only one not covered by it.
pub(crate) const SIGNATURE: &str = "X-Amz-Signature";

/// Name and value, each still as sent. A parameter without `=` has the empty value; empty pairs (`a&&b`) are none.
pub(crate) struct Pairs<'a>(std::str::Split<'a, char>);

impl<'a> Pairs<'a> {
    pub(crate) fn of(query: &'a str) -> Self {
        Self(query.split('&'))
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let pair = self.0.find(|pair| !pair.is_empty())?;
        Some(pair.split_once('=').unwrap_or((pair, "")))
    }
}

/// Every name and value in the canonical encoding, sorted by encoded name and then by encoded value.
pub(crate) fn write<S: Sink>(sink: &mut S, query: &str, presigned: bool) {
    if query.is_empty() {
        return;
    }
    let mut text = Vec::with_capacity(query.len() + query.len() / 4);
    let mut pairs: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for (name, value) in Pairs::of(query) {
        let name = recoded(&mut text, name);
        if presigned && text.get(name.clone()) == Some(SIGNATURE.as_bytes()) {
            continue;
        }
        pairs.push((name, recoded(&mut text, value)));
    }
    let part = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
    pairs.sort_by(|a, b| part(&a.0).cmp(part(&b.0)).then_with(|| part(&a.1).cmp(part(&b.1))));
    for (place, (name, value)) in pairs.iter().enumerate() {
        if place > 0 {
            sink.put(b"&");
        }
        sink.put(part(name));
        sink.put(b"=");
        sink.put(part(value));
    }
}

fn recoded(text: &mut Vec<u8>, part: &str) -> Range<usize> {
    let start = text.len();
    percent::recode(text, part.as_bytes(), Slash::Encoded, true);
    start..text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(query: &str, presigned: bool) -> String {
        let mut out = Vec::new();
        write(&mut out, query, presigned);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn parameters_are_encoded_and_sorted_by_name_then_value() {
        for (sent, canonical_query) in [
            ("", ""),
            ("&", ""),
            ("uploads", "uploads="),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1&a=", "a=&a=1&a=2"),
            ("a=b=c", "a=b%3Dc"),
            ("a=%7e&a=+", "a=%20&a=~"),
            ("a/b=c/d", "a%2Fb=c%2Fd"),
            // The name alone decides first: joined text would put `a-=` before `a=`.
            ("a-=1&a=2", "a=2&a-=1"),
            ("B=1&a=1&_=1", "B=1&_=1&a=1"),
            ("\u{1234}=bar", "%E1%88%B4=bar"),
        ] {
            assert_eq!(canonical(sent, false), canonical_query, "{sent}");
        }
    }

    #[test]
    fn a_presigned_signature_does_not_cover_itself() {
        assert_eq!(canonical("X-Amz-Signature=abc&a=1", true), "a=1");
        assert_eq!(canonical("X-Amz%2DSignature=abc&a=1", true), "a=1");
        assert_eq!(canonical("X-Amz-Signature=abc&a=1", false), "X-Amz-Signature=abc&a=1");
    }
}
