use alcazar_core::schema::{Kind, Member};
use alcazar_core::sink::{Sink, Structured};
use alcazar_core::{Document, Timestamp};

/// Writes a structure as the body, with members before its own that no schema knows.
pub(crate) fn write_body(value: &dyn Structured, extra: &[Option<(&str, &str)>]) -> Vec<u8> {
    let mut sink = CborText { out: Vec::with_capacity(256), outer: Vec::new(), named: true };
    sink.out.push(MAP_UNTIL_BREAK);
    for (name, text) in extra.iter().flatten() {
        sink.push_text(name);
        sink.push_text(text);
    }
    for index in 0..value.schema().members.len() {
        value.write_member(index, &mut sink);
    }
    sink.out.push(BREAK);
    sink.out
}

const MAP_UNTIL_BREAK: u8 = 0xbf;
const BREAK: u8 = 0xff;
const NULL: u8 = 0xf6;

/// Structures are written until a break: how many members are present is known only afterwards.
struct CborText {
    out: Vec<u8>,
    outer: Vec<bool>,
    named: bool,
}

impl CborText {
    fn name(&mut self, at: &'static Member) {
        if self.named {
            self.push_text(at.wire_name());
        }
    }

    fn begin(&mut self, at: &'static Member, named: bool) {
        self.name(at);
        self.outer.push(std::mem::replace(&mut self.named, named));
    }

    fn end(&mut self) {
        self.named = self.outer.pop().unwrap_or(true);
    }

    /// A head in its shortest form.
    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        match argument {
            0..=23 => self.out.push(major | argument as u8),
            24..=0xff => self.out.extend([major | 24, argument as u8]),
            0x100..=0xffff => {
                self.out.push(major | 25);
                self.out.extend((argument as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.out.push(major | 26);
                self.out.extend((argument as u32).to_be_bytes());
            }
            _ => {
                self.out.push(major | 27);
                self.out.extend(argument.to_be_bytes());
            }
        }
    }

    fn push_text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn push_integer(&mut self, value: i64) {
        if value < 0 { self.head(1, !value as u64) } else { self.head(0, value as u64) }
    }

    fn push_double(&mut self, value: f64) {
        self.out.push(0xfb);
        self.out.extend(value.to_bits().to_be_bytes());
    }

    fn push_document(&mut self, value: &Document) {
        match value {
            Document::Null => self.out.push(NULL),
            Document::Boolean(truth) => self.out.push(0xf4 | u8::from(*truth)),
            Document::Integer(whole) => self.push_integer(*whole),
            Document::Float(float) => self.push_double(*float),
            Document::Text(text) => self.push_text(text),
            Document::List(items) => {
                self.head(4, items.len() as u64);
                items.iter().for_each(|item| self.push_document(item));
            }
            Document::Map(entries) => {
                self.head(5, entries.len() as u64);
                for (key, item) in entries {
                    self.push_text(key);
                    self.push_document(item);
                }
            }
        }
    }
}

impl Sink for CborText {
    fn boolean(&mut self, at: &'static Member, value: bool) {
        self.name(at);
        self.out.push(0xf4 | u8::from(value));
    }

    fn integer(&mut self, at: &'static Member, value: i64) {
        self.name(at);
        self.push_integer(value);
    }

    fn float(&mut self, at: &'static Member, value: f64) {
        self.name(at);
        if matches!(at.shape.kind, Kind::Float) {
            self.out.push(0xfa);
            self.out.extend((value as f32).to_bits().to_be_bytes());
        } else {
            self.push_double(value);
        }
    }

    fn text(&mut self, at: &'static Member, value: &str) {
        self.name(at);
        self.push_text(value);
    }

    fn blob(&mut self, at: &'static Member, value: &[u8]) {
        self.name(at);
        self.head(2, value.len() as u64);
        self.out.extend_from_slice(value);
    }

    /// Tag 1; whole seconds as an integer, others as a double.
    fn timestamp(&mut self, at: &'static Member, value: Timestamp) {
        self.name(at);
        self.head(6, 1);
        if value.millis() % 1000 == 0 {
            self.push_integer(value.seconds());
        } else {
            self.push_double(value.as_epoch());
        }
    }

    fn document(&mut self, at: &'static Member, value: &Document) {
        self.name(at);
        self.push_document(value);
    }

    fn begin_list(&mut self, at: &'static Member, len: usize) {
        self.begin(at, false);
        self.head(4, len as u64);
    }

    fn end_list(&mut self, _at: &'static Member) {
        self.end();
    }

    fn begin_map(&mut self, at: &'static Member, len: usize) {
        self.begin(at, false);
        self.head(5, len as u64);
    }

    fn key(&mut self, _at: &'static Member, key: &str) {
        self.push_text(key);
    }

    fn end_map(&mut self, _at: &'static Member) {
        self.end();
    }

    fn structure(&mut self, at: &'static Member, value: &dyn Structured) {
        self.begin(at, true);
        self.out.push(MAP_UNTIL_BREAK);
        for index in 0..value.schema().members.len() {
            value.write_member(index, self);
        }
        self.out.push(BREAK);
        self.end();
    }
}
