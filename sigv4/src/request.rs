//! The request as it came over the wire; nothing is copied or interpreted.

/// What a signature covers, borrowed from whoever read it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method, `POST`.
    pub method: &'a str,
    /// The path as sent, still encoded; empty counts as `/`.
    pub path: &'a str,
    /// What followed the question mark, still encoded; empty if nothing did.
    pub query: &'a str,
    /// Every header in the order sent, names in lower case, values as sent. `host` must be among them (`:authority` in
    /// HTTP/2), and must be the one that routing looks at.
    pub headers: &'a [(&'a str, &'a [u8])],
}

/// A header that may come once.
pub(crate) enum Single<'a> {
    Absent,
    Once(&'a [u8]),
    Repeated,
}

impl<'a> Request<'a> {
    /// All values of a header, in the order sent.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.iter().filter(move |(sent, _)| *sent == name).map(|(_, value)| *value)
    }

    /// The value of a header of which a second copy would be ambiguous, trimmed.
    pub(crate) fn single(&self, name: &str) -> Single<'a> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (None, _) => Single::Absent,
            (Some(value), None) => Single::Once(value.trim_ascii()),
            (Some(_), Some(_)) => Single::Repeated,
        }
    }
}
