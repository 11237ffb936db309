//! Structures as CloudTrail records them: `requestParameters` and `responseElements`.
//!
//! What its records show (KMS and IAM developer guides, "Example log entries"):
//! - names are the model's with the first letter in lower case: `keyId`, `userName`, `dBInstanceIdentifier`; `ARN` alone is `arn` since
//!   February 2024, which patterns of EventBridge rely on (Secrets Manager User Guide, "AWS CloudTrail entries for Secrets Manager");
//! - blobs are left out (Encrypt shows neither `plaintext` nor `ciphertextBlob`);
//! - sensitive members are left out (CreateAccessKey shows the access key without its secret); where leaving out would
//!   change the meaning, in a list or map, `HIDDEN_DUE_TO_SECURITY_REASONS` stands instead;
//! - timestamps are Java's medium form: `Nov 22, 2026, 1:02:03 AM`, in UTC;
//! - a structure without members to show is `null`.

use std::borrow::Cow;

use alcazar_core::schema::{Kind, Member, Shape};
use alcazar_core::sink::{Sink, Structured};
use alcazar_core::{Document, Timestamp};

use crate::json::{push_document, push_float, push_integer, push_text};
use crate::text;

const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// Appends the structure as CloudTrail records it. Nothing sensitive is written.
pub fn record_json(value: &dyn Structured, out: &mut Vec<u8>) {
    let start = out.len();
    let mut sink = Record { out, named: true, first: true, outer: Vec::new(), skipped: 0 };
    sink.out.push(b'{');
    for index in 0..value.schema().members.len() {
        value.write_member(index, &mut sink);
    }
    let empty = sink.first;
    out.push(b'}');
    if empty {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

struct Record<'a> {
    out: &'a mut Vec<u8>,
    /// The surrounding thing is a structure.
    named: bool,
    first: bool,
    outer: Vec<bool>,
    /// Levels below a member that is left out.
    skipped: usize,
}

impl Record<'_> {
    /// Begins a value: whether it is to be written.
    fn begin_value(&mut self, at: &'static Member) -> bool {
        if self.skipped > 0 || (self.named && is_left_out(at.shape)) {
            return false;
        }
        self.name(at);
        if at.shape.sensitive {
            push_text(self.out, HIDDEN);
            return false;
        }
        true
    }

    fn name(&mut self, at: &'static Member) {
        if !std::mem::replace(&mut self.first, false) {
            self.out.push(b',');
        }
        if self.named {
            push_text(self.out, &recorded_name(at.name));
            self.out.push(b':');
        }
    }

    fn begin(&mut self, at: &'static Member, bracket: u8, named: bool) {
        if !self.begin_value(at) {
            self.skipped += 1;
            return;
        }
        self.out.push(bracket);
        self.outer.push(std::mem::replace(&mut self.named, named));
        self.first = true;
    }

    fn end(&mut self, bracket: u8) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        self.out.push(bracket);
        self.named = self.outer.pop().unwrap_or(true);
        self.first = false;
    }
}

fn recorded_name(name: &str) -> Cow<'_, str> {
    match name {
        "ARN" => Cow::Borrowed("arn"),
        name => text::lower_first(name),
    }
}

/// Sensitive members and blobs, and lists and maps of blobs.
fn is_left_out(shape: &Shape) -> bool {
    let of_blobs = match &shape.kind {
        Kind::Blob => true,
        Kind::List(element) => matches!(element.shape.kind, Kind::Blob),
        Kind::Map(_, entry) => matches!(entry.shape.kind, Kind::Blob),
        _ => false,
    };
    of_blobs || shape.sensitive
}

impl Sink for Record<'_> {
    fn boolean(&mut self, at: &'static Member, value: bool) {
        if self.begin_value(at) {
            self.out.extend_from_slice(if value { b"true" } else { b"false" });
        }
    }

    fn integer(&mut self, at: &'static Member, value: i64) {
        if self.begin_value(at) {
            push_integer(self.out, value);
        }
    }

    fn float(&mut self, at: &'static Member, value: f64) {
        if self.begin_value(at) {
            push_float(self.out, value, &at.shape.kind);
        }
    }

    fn text(&mut self, at: &'static Member, value: &str) {
        if self.begin_value(at) {
            push_text(self.out, value);
        }
    }

    fn blob(&mut self, at: &'static Member, _value: &[u8]) {
        // Reached inside of lists of lists alone; all others are left out with their member.
        if self.begin_value(at) {
            push_text(self.out, HIDDEN);
        }
    }

    fn timestamp(&mut self, at: &'static Member, value: Timestamp) {
        if self.begin_value(at) {
            push_text(self.out, &java_date(value));
        }
    }

    fn document(&mut self, at: &'static Member, value: &Document) {
        if self.begin_value(at) {
            push_document(self.out, value);
        }
    }

    fn begin_list(&mut self, at: &'static Member, _len: usize) {
        self.begin(at, b'[', false);
    }

    fn end_list(&mut self, _at: &'static Member) {
        self.end(b']');
    }

    fn begin_map(&mut self, at: &'static Member, _len: usize) {
        self.begin(at, b'{', false);
    }

    fn key(&mut self, at: &'static Member, key: &str) {
        if self.skipped > 0 {
            return;
        }
        if !std::mem::replace(&mut self.first, true) {
            self.out.push(b',');
        }
        push_text(self.out, if at.shape.sensitive { HIDDEN } else { key });
        self.out.push(b':');
    }

    fn end_map(&mut self, _at: &'static Member) {
        self.end(b'}');
    }

    fn structure(&mut self, at: &'static Member, value: &dyn Structured) {
        self.begin(at, b'{', true);
        if self.skipped == 0 {
            for index in 0..value.schema().members.len() {
                value.write_member(index, self);
            }
        }
        self.end(b'}');
    }
}

/// `Nov 22, 2026, 1:02:03 AM`.
fn java_date(value: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // `2026-11-22T01:02:03Z`
    let text = value.date_time_seconds();
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<usize>().ok());
    let parts = (number(0, 4), number(5, 7), number(8, 10), number(11, 13), text.get(13..19));
    let (Some(year), Some(month), Some(day), Some(hour), Some(rest)) = parts else { return text };
    let Some(month) = month.checked_sub(1).and_then(|month| MONTHS.get(month)) else { return text };
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = (hour + 11) % 12 + 1;
    format!("{month} {day}, {year}, {hour}{rest} {half}")
}
