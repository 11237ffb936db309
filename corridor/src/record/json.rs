//! A JSON object written member by member, in order.

use alcazar_codec::push_escaped;
use bytes::Bytes;

/// An object being written. Members stand in the order of the calls; nobody writes a name twice.
pub(crate) struct Object<'a> {
    out: Buffer<'a>,
    first: bool,
}

enum Buffer<'a> {
    Own(Vec<u8>),
    Of(&'a mut Vec<u8>),
}

impl Object<'static> {
    /// An object in a buffer of its own.
    pub(crate) fn new() -> Self {
        let mut out = Vec::with_capacity(1536);
        out.push(b'{');
        Self { out: Buffer::Own(out), first: true }
    }

    /// The finished text.
    pub(crate) fn finish(mut self) -> Bytes {
        self.buffer().push(b'}');
        match self.out {
            Buffer::Own(out) => out.into(),
            Buffer::Of(_) => Bytes::new(),
        }
    }
}

impl<'a> Object<'a> {
    /// An object inside of another: begun here, ended by [`Object::end`].
    pub(crate) fn inside(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out: Buffer::Of(out), first: true }
    }

    /// Ends an object inside of another.
    pub(crate) fn end(mut self) {
        self.buffer().push(b'}');
    }

    /// A member that is text.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        quoted(self.buffer(), &[value]);
    }

    /// A member that is text in pieces.
    pub(crate) fn parts(&mut self, name: &str, parts: &[&str]) {
        self.name(name);
        quoted(self.buffer(), parts);
    }

    /// A member that is true or false.
    pub(crate) fn boolean(&mut self, name: &str, value: bool) {
        self.name(name);
        self.buffer().extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// A member that is null.
    pub(crate) fn null(&mut self, name: &str) {
        self.name(name);
        self.buffer().extend_from_slice(b"null");
    }

    /// A member that somebody else writes.
    pub(crate) fn raw(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        self.name(name);
        write(self.buffer());
    }

    fn name(&mut self, name: &str) {
        let first = std::mem::take(&mut self.first);
        let out = self.buffer();
        if !first {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
    }

    fn buffer(&mut self) -> &mut Vec<u8> {
        match &mut self.out {
            Buffer::Own(out) => out,
            Buffer::Of(out) => out,
        }
    }
}

fn quoted(out: &mut Vec<u8>, parts: &[&str]) {
    out.push(b'"');
    for part in parts {
        push_escaped(out, part);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_in_order_and_text_is_escaped() {
        let mut object = Object::new();
        object.text("a", "\"\\\n");
        object.raw("b", |out| {
            let mut inner = Object::inside(out);
            inner.boolean("c", true);
            inner.end();
        });
        object.null("d");
        assert_eq!(object.finish(), r#"{"a":"\"\\\n","b":{"c":true},"d":null}"#);
    }
}
