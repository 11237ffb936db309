//! The way out: a structure writes its members, one by one, to whatever protocol or record is listening.

use std::collections::BTreeMap;

use crate::schema::{Kind, Member, Structure, UNIT};
use crate::value::Fields;
use crate::{Document, SecretBytes, SecretText, Timestamp, Value};

/// A structure that can write itself. Generated in `wire/`; written by hand only for values without a type ([`Value`]).
pub trait Structured: Send + Sync {
    /// Its members and how each stands on the wire.
    fn schema(&self) -> &'static Structure;

    /// Writes the member of that index, or nothing when it is absent. An index out of range writes nothing.
    fn write_member(&self, index: usize, sink: &mut dyn Sink);
}

/// Receives a value as a series of calls. Every call names the member it belongs to: inside a list or map, the
/// schema's element member. A key inside a map is told by [`Sink::key`] before its value.
pub trait Sink {
    /// A boolean.
    fn boolean(&mut self, at: &'static Member, value: bool);
    /// Byte, short, integer, long.
    fn integer(&mut self, at: &'static Member, value: i64);
    /// Float, double.
    fn float(&mut self, at: &'static Member, value: f64);
    /// String, enumerations included.
    fn text(&mut self, at: &'static Member, value: &str);
    /// Blob.
    fn blob(&mut self, at: &'static Member, value: &[u8]);
    /// Timestamp.
    fn timestamp(&mut self, at: &'static Member, value: Timestamp);
    /// Document.
    fn document(&mut self, at: &'static Member, value: &Document);
    /// A list of `len` elements follows, then [`Sink::end_list`].
    fn begin_list(&mut self, at: &'static Member, len: usize);
    /// The list is complete.
    fn end_list(&mut self, at: &'static Member);
    /// A map of `len` entries follows, then [`Sink::end_map`].
    fn begin_map(&mut self, at: &'static Member, len: usize);
    /// The key of the entry whose value comes next.
    fn key(&mut self, at: &'static Member, key: &str);
    /// The map is complete.
    fn end_map(&mut self, at: &'static Member);
    /// A structure or union: the sink walks the schema's members and calls [`Structured::write_member`].
    fn structure(&mut self, at: &'static Member, value: &dyn Structured);
}

/// A type that can be a member. Generated for structures and enumerations.
pub trait Write {
    /// Writes the value as that member; an absent optional writes nothing.
    fn write(&self, at: &'static Member, sink: &mut dyn Sink);
}

macro_rules! write_as {
    ($($type:ty, $self:ident, $at:ident, $sink:ident => $call:expr;)*) => {$(
        impl Write for $type {
            fn write(&$self, $at: &'static Member, $sink: &mut dyn Sink) {
                $call
            }
        }
    )*};
}

write_as! {
    bool, self, at, sink => sink.boolean(at, *self);
    i32, self, at, sink => sink.integer(at, i64::from(*self));
    i64, self, at, sink => sink.integer(at, *self);
    f32, self, at, sink => sink.float(at, f64::from(*self));
    f64, self, at, sink => sink.float(at, *self);
    String, self, at, sink => sink.text(at, self);
    SecretText, self, at, sink => sink.text(at, self.expose());
    Vec<u8>, self, at, sink => sink.blob(at, self);
    SecretBytes, self, at, sink => sink.blob(at, self.expose());
    Timestamp, self, at, sink => sink.timestamp(at, *self);
    Document, self, at, sink => sink.document(at, self);
}

impl<T: Write> Write for Option<T> {
    fn write(&self, at: &'static Member, sink: &mut dyn Sink) {
        if let Some(value) = self {
            value.write(at, sink);
        }
    }
}

impl<T: Write> Write for Box<T> {
    fn write(&self, at: &'static Member, sink: &mut dyn Sink) {
        (**self).write(at, sink);
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, at: &'static Member, sink: &mut dyn Sink) {
        let Kind::List(element) = &at.shape.kind else { return };
        sink.begin_list(at, self.len());
        for item in self {
            item.write(element, sink);
        }
        sink.end_list(at);
    }
}

impl<T: Write> Write for BTreeMap<String, T> {
    fn write(&self, at: &'static Member, sink: &mut dyn Sink) {
        let Kind::Map(key_member, value_member) = &at.shape.kind else { return };
        sink.begin_map(at, self.len());
        for (key, value) in self {
            sink.key(key_member, key);
            value.write(value_member, sink);
        }
        sink.end_map(at);
    }
}

impl Write for Value {
    fn write(&self, at: &'static Member, sink: &mut dyn Sink) {
        match self {
            Self::Boolean(value) => sink.boolean(at, *value),
            Self::Integer(value) => sink.integer(at, *value),
            Self::Float(value) => sink.float(at, *value),
            Self::Text(value) => sink.text(at, value),
            Self::Blob(value) => sink.blob(at, value),
            Self::Timestamp(value) => sink.timestamp(at, *value),
            Self::Document(value) => sink.document(at, value),
            Self::List(items) => items.write(at, sink),
            Self::Map(entries) => write_entries(entries, at, sink),
            Self::Structure(fields) => {
                if let Kind::Structure(schema) = at.shape.kind {
                    sink.structure(at, &Untyped { schema, fields });
                }
            }
        }
    }
}

fn write_entries(entries: &[(String, Value)], at: &'static Member, sink: &mut dyn Sink) {
    let Kind::Map(key_member, value_member) = &at.shape.kind else { return };
    sink.begin_map(at, entries.len());
    for (key, value) in entries {
        sink.key(key_member, key);
        value.write(value_member, sink);
    }
    sink.end_map(at);
}

/// An operation without input or output.
impl Structured for () {
    fn schema(&self) -> &'static Structure {
        &UNIT
    }

    fn write_member(&self, _index: usize, _sink: &mut dyn Sink) {}
}

/// A structure known by its schema alone: the input of an operation that is not built yet.
#[derive(Debug)]
pub struct Untyped<'a> {
    /// The schema by which the fields were read.
    pub schema: &'static Structure,
    /// The members present.
    pub fields: &'a Fields,
}

impl Structured for Untyped<'_> {
    fn schema(&self) -> &'static Structure {
        self.schema
    }

    fn write_member(&self, index: usize, sink: &mut dyn Sink) {
        if let (Some(member), Some(value)) = (self.schema.members.get(index), self.fields.get(index)) {
            value.write(member, sink);
        }
    }
}
