//! Members in headers, both ways.

use std::borrow::Cow;

use alcazar_core::schema::{Kind, Member};
use alcazar_core::sink::{Sink, Structured};
use alcazar_core::time::TimestampFormat;
use alcazar_core::{Document, Timestamp, Value};
use http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::{Malformed, text};

/// Reads the header of a member. Several lines of one header are one list (RFC 9110, section 5.3).
pub(super) fn read(member: &'static Member, headers: &HeaderMap) -> Result<Option<Value>, Malformed> {
    let mut lines = Vec::new();
    for value in headers.get_all(member.wire_name()) {
        lines.push(text_of(value)?);
    }
    if lines.is_empty() {
        return Ok(None);
    }
    let whole = if lines.len() == 1 { Cow::Borrowed(lines.swap_remove(0)) } else { lines.join(", ").into() };
    match &member.shape.kind {
        Kind::List(element) => {
            let dates = matches!(element.shape.kind, Kind::Timestamp)
                && text::timestamp_format(element, text::HEADER_DEFAULT) == TimestampFormat::HttpDate;
            let parts = if dates { split_dates(&whole) } else { split_list(&whole)? };
            let items = parts.into_iter().map(|part| text::scalar(part, element, text::HEADER_DEFAULT));
            Ok(Some(Value::List(items.collect::<Result<_, _>>()?)))
        }
        _ if member.json_value => {
            let bytes = text::base64(whole.trim())?;
            Ok(Some(Value::Text(String::from_utf8(bytes).map_err(|_| Malformed::syntax())?)))
        }
        _ => text::scalar(whole, member, text::HEADER_DEFAULT).map(Some),
    }
}

/// Reads a map from the headers that begin with the member's wire name; keys are what follows, in lower case.
pub(super) fn read_prefixed(
    member: &'static Member,
    headers: &HeaderMap,
) -> Result<Option<Value>, Malformed> {
    let Kind::Map(_, entry) = &member.shape.kind else { return Ok(None) };
    let prefix = member.location_name.unwrap_or_default().to_ascii_lowercase();
    let mut entries: Vec<(String, Value)> = Vec::new();
    for name in headers.keys() {
        let Some(key) = name.as_str().strip_prefix(&prefix).filter(|key| !key.is_empty()) else { continue };
        let lines: Vec<&str> = headers.get_all(name).iter().map(text_of).collect::<Result<_, _>>()?;
        let value = text::scalar(lines.join(", ").into(), entry, text::HEADER_DEFAULT)?;
        entries.push((key.to_owned(), value));
    }
    Ok((!entries.is_empty()).then_some(Value::Map(entries)))
}

fn text_of(value: &HeaderValue) -> Result<&str, Malformed> {
    std::str::from_utf8(value.as_bytes()).map_err(|_| Malformed::syntax())
}

/// Splits at commas; elements may be quoted, with backslashes (Smithy, `httpHeader`).
fn split_list(whole: &str) -> Result<Vec<Cow<'_, str>>, Malformed> {
    let mut parts = Vec::new();
    let mut rest = whole.trim();
    while !rest.is_empty() {
        let (part, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (part, after) = unquote(quoted).ok_or(Malformed::syntax())?;
                (Cow::Owned(part), after.trim_start())
            }
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (part, after) = rest.split_at_checked(end).ok_or(Malformed::syntax())?;
                (Cow::Borrowed(part.trim()), after)
            }
        };
        parts.push(part);
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return Err(Malformed::syntax()),
        };
    }
    Ok(parts)
}

fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut chars = quoted.char_indices();
    loop {
        match chars.next()? {
            (at, '"') => return Some((part, quoted.get(at + 1..)?)),
            (_, '\\') => part.push(chars.next()?.1),
            (_, plain) => part.push(plain),
        }
    }
}

/// Splits dates of the form `Mon, 16 Dec 2019 23:48:18 GMT`, each of which has a comma of its own.
fn split_dates(whole: &str) -> Vec<Cow<'_, str>> {
    let commas = whole.match_indices(',').map(|(at, _)| at).skip(1).step_by(2);
    let mut parts = Vec::new();
    let mut start = 0;
    for end in commas.chain([whole.len()]) {
        parts.extend(whole.get(start..end).map(|part| Cow::Borrowed(part.trim())));
        start = end + 1;
    }
    parts
}

/// Writes the members of an answer that stand in headers, and its status. What no header can say (a line break) is left
/// out: it would end the header.
#[derive(Default)]
pub(super) struct Headers {
    pub(super) headers: HeaderMap,
    pub(super) status: Option<u16>,
    list: Option<Vec<String>>,
    map: Option<(&'static str, String)>,
}

impl Headers {
    fn put(&mut self, at: &'static Member, value: &str) {
        if let Some(list) = &mut self.list {
            list.push(value.to_owned());
            return;
        }
        let name = match &self.map {
            Some((prefix, key)) => Cow::Owned(format!("{prefix}{key}")),
            None => Cow::Borrowed(at.wire_name()),
        };
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            self.headers.insert(name, value);
        }
    }
}

impl Sink for Headers {
    fn boolean(&mut self, at: &'static Member, value: bool) {
        self.put(at, if value { "true" } else { "false" });
    }

    fn integer(&mut self, at: &'static Member, value: i64) {
        if at.location == alcazar_core::schema::Location::StatusCode {
            self.status = u16::try_from(value).ok();
        } else {
            self.put(at, &value.to_string());
        }
    }

    fn float(&mut self, at: &'static Member, value: f64) {
        let written = text::float_text(value, &at.shape.kind);
        self.put(at, &written);
    }

    fn text(&mut self, at: &'static Member, value: &str) {
        if at.json_value {
            self.put(at, &text::to_base64(value.as_bytes()));
        } else if self.list.is_some() && value.contains([',', '"']) {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            self.put(at, &format!("\"{escaped}\""));
        } else {
            self.put(at, value);
        }
    }

    fn blob(&mut self, at: &'static Member, value: &[u8]) {
        self.put(at, &text::to_base64(value));
    }

    fn timestamp(&mut self, at: &'static Member, value: Timestamp) {
        self.put(at, &value.format(text::timestamp_format(at, text::HEADER_DEFAULT)));
    }

    fn document(&mut self, _at: &'static Member, _value: &Document) {}

    fn begin_list(&mut self, _at: &'static Member, len: usize) {
        self.list = Some(Vec::with_capacity(len));
    }

    fn end_list(&mut self, at: &'static Member) {
        let whole = self.list.take().unwrap_or_default().join(", ");
        self.put(at, &whole);
    }

    fn begin_map(&mut self, at: &'static Member, _len: usize) {
        self.map = Some((at.location_name.unwrap_or_default(), String::new()));
    }

    fn key(&mut self, _at: &'static Member, key: &str) {
        if let Some((_, current)) = &mut self.map {
            key.clone_into(current);
        }
    }

    fn end_map(&mut self, _at: &'static Member) {
        self.map = None;
    }

    fn structure(&mut self, _at: &'static Member, _value: &dyn Structured) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_elements_keep_their_commas() {
        assert_eq!(split_list(r#""b,c", "\"def\"", a"#).unwrap(), ["b,c", "\"def\"", "a"]);
        assert!(split_list("").unwrap().is_empty());
        assert!(split_list(r#""open"#).is_err());
        assert!(split_list(r#""a"b"#).is_err());
    }
}
