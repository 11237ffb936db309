use std::io::Write as _;

use alcazar_core::schema::{Kind, Member};
use alcazar_core::sink::{Sink, Structured};
use alcazar_core::time::TimestampFormat;
use alcazar_core::{Document, Timestamp};

use super::push_text;
use crate::text;

/// Writes JSON as the protocols carry it.
pub(crate) struct JsonText {
    out: Vec<u8>,
    /// Whether the surrounding thing is a structure, whose members carry their names.
    named: bool,
    /// Whether nothing stands yet in the surrounding thing.
    first: bool,
    outer: Vec<bool>,
}

impl JsonText {
    pub(crate) fn new() -> Self {
        Self { out: Vec::with_capacity(256), named: false, first: true, outer: Vec::new() }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Opens the outermost object.
    pub(crate) fn open(&mut self) {
        self.out.push(b'{');
        (self.named, self.first) = (true, true);
    }

    /// Closes it.
    pub(crate) fn close(&mut self) {
        self.out.push(b'}');
    }

    /// A member that no schema knows: `__type`.
    pub(crate) fn extra(&mut self, name: &str, value: &str) {
        self.comma();
        push_text(&mut self.out, name);
        self.out.push(b':');
        push_text(&mut self.out, value);
    }

    fn comma(&mut self) {
        if !std::mem::replace(&mut self.first, false) {
            self.out.push(b',');
        }
    }

    fn name(&mut self, at: &'static Member) {
        self.comma();
        if self.named {
            // Names of members are plain identifiers.
            self.out.push(b'"');
            self.out.extend_from_slice(at.wire_name().as_bytes());
            self.out.extend_from_slice(b"\":");
        }
    }

    fn begin(&mut self, at: &'static Member, bracket: u8) {
        self.name(at);
        self.out.push(bracket);
        self.outer.push(self.named);
        (self.named, self.first) = (false, true);
    }

    fn end(&mut self, bracket: u8) {
        self.out.push(bracket);
        self.named = self.outer.pop().unwrap_or(true);
        self.first = false;
    }
}

impl Sink for JsonText {
    fn boolean(&mut self, at: &'static Member, value: bool) {
        self.name(at);
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn integer(&mut self, at: &'static Member, value: i64) {
        self.name(at);
        push_integer(&mut self.out, value);
    }

    fn float(&mut self, at: &'static Member, value: f64) {
        self.name(at);
        push_float(&mut self.out, value, &at.shape.kind);
    }

    fn text(&mut self, at: &'static Member, value: &str) {
        self.name(at);
        push_text(&mut self.out, value);
    }

    fn blob(&mut self, at: &'static Member, value: &[u8]) {
        self.name(at);
        push_base64(&mut self.out, value);
    }

    fn timestamp(&mut self, at: &'static Member, value: Timestamp) {
        self.name(at);
        let format = text::timestamp_format(at, text::JSON_DEFAULT);
        let written = value.format(format);
        match format {
            TimestampFormat::EpochSeconds => self.out.extend_from_slice(written.as_bytes()),
            _ => push_text(&mut self.out, &written),
        }
    }

    fn document(&mut self, at: &'static Member, value: &Document) {
        self.name(at);
        push_document(&mut self.out, value);
    }

    fn begin_list(&mut self, at: &'static Member, _len: usize) {
        self.begin(at, b'[');
    }

    fn end_list(&mut self, _at: &'static Member) {
        self.end(b']');
    }

    fn begin_map(&mut self, at: &'static Member, _len: usize) {
        self.begin(at, b'{');
    }

    fn key(&mut self, _at: &'static Member, key: &str) {
        self.comma();
        push_text(&mut self.out, key);
        self.out.push(b':');
        // The value that follows stands without a comma of its own.
        self.first = true;
    }

    fn end_map(&mut self, _at: &'static Member) {
        self.end(b'}');
    }

    fn structure(&mut self, at: &'static Member, value: &dyn Structured) {
        self.begin(at, b'{');
        self.named = true;
        for index in 0..value.schema().members.len() {
            value.write_member(index, self);
        }
        self.end(b'}');
    }
}

pub(crate) fn push_integer(out: &mut Vec<u8>, value: i64) {
    // Writing to a vector does not fail.
    let _ = write!(out, "{value}");
}

/// A number, or the names of those that JSON cannot say.
pub(crate) fn push_float(out: &mut Vec<u8>, value: f64, kind: &Kind) {
    if value.is_finite() {
        out.extend_from_slice(text::float_text(value, kind).as_bytes());
    } else {
        push_text(out, &text::float_text(value, kind));
    }
}

pub(crate) fn push_base64(out: &mut Vec<u8>, value: &[u8]) {
    // With room for what mostly follows: an ARN and a word.
    out.reserve(base64_simd::STANDARD.encoded_length(value.len()) + 160);
    out.push(b'"');
    base64_simd::STANDARD.encode_append(value, out);
    out.push(b'"');
}

pub(crate) fn push_document(out: &mut Vec<u8>, value: &Document) {
    match value {
        Document::Null => out.extend_from_slice(b"null"),
        Document::Boolean(true) => out.extend_from_slice(b"true"),
        Document::Boolean(false) => out.extend_from_slice(b"false"),
        Document::Integer(whole) => push_integer(out, *whole),
        Document::Float(float) => push_float(out, *float, &Kind::Double),
        Document::Text(text) => push_text(out, text),
        Document::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                push_document(out, item);
            }
            out.push(b']');
        }
        Document::Map(entries) => {
            out.push(b'{');
            for (at, (key, item)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                push_text(out, key);
                out.push(b':');
                push_document(out, item);
            }
            out.push(b'}');
        }
    }
}
