use alcazar_core::Value;
use alcazar_core::schema::{Kind, Shape, Structure};
use alcazar_core::value::Fields;

use super::{Constraint, Echo, Violation};
use crate::text;

/// Violations found before the search ends.
const MOST: usize = 100;
/// Characters of a value that a message shows.
const SHOWN: usize = 256;

pub(super) fn structure(fields: &Fields, schema: &'static Structure) -> Vec<Violation> {
    let mut walk = Walk { path: Vec::new(), found: Vec::new() };
    walk.members(fields, schema);
    walk.found
}

struct Walk<'a> {
    path: Vec<Segment<'a>>,
    found: Vec<Violation>,
}

/// A step of a path; written out only when there is something to tell.
enum Segment<'a> {
    Member(&'static str),
    Element(usize),
    Entry(&'a str),
    HiddenEntry,
}

impl<'a> Walk<'a> {
    fn members(&mut self, fields: &'a Fields, schema: &'static Structure) {
        for (index, member) in schema.members.iter().enumerate() {
            match fields.get(index) {
                Some(_) if is_plain(member.shape) => {}
                Some(value) => self.inside(Segment::Member(member.name), value, member.shape),
                None if member.required => {
                    self.path.push(Segment::Member(member.name));
                    self.tell(Echo::Null, Constraint::NotNull);
                    self.path.pop();
                }
                None => {}
            }
        }
    }

    fn inside(&mut self, segment: Segment<'a>, value: &'a Value, shape: &'static Shape) {
        if self.found.len() < MOST {
            self.path.push(segment);
            self.value(value, shape);
            self.path.pop();
        }
    }

    fn value(&mut self, value: &'a Value, shape: &'static Shape) {
        broken(value, shape, &mut |constraint| self.tell(echo(value, shape), constraint));
        match (value, &shape.kind) {
            (Value::Structure(fields), Kind::Structure(schema)) => {
                if schema.union && fields.iter().count() != 1 {
                    self.tell(Echo::Hidden, Constraint::OneMember);
                }
                self.members(fields, schema);
            }
            (Value::List(items), Kind::List(element)) => self.list(value, items, shape, element.shape),
            (Value::Map(entries), Kind::Map(key, entry)) => {
                self.map(value, entries, shape, (key.shape, entry.shape));
            }
            _ => {}
        }
    }

    /// Elements without members of their own are told of on the list, with all their constraints; others each by itself.
    fn list(&mut self, whole: &'a Value, items: &'a [Value], shape: &'static Shape, element: &'static Shape) {
        if is_plain(element) {
            return;
        }
        if is_scalar(element) {
            if items.iter().any(|item| is_broken(item, element)) {
                self.tell(echo(whole, shape), Constraint::Elements(element));
            }
            return;
        }
        for (at, item) in items.iter().enumerate() {
            self.inside(Segment::Element(at + 1), item, element);
        }
    }

    fn map(
        &mut self,
        whole: &'a Value,
        entries: &'a [(String, Value)],
        shape: &'static Shape,
        (key, entry): (&'static Shape, &'static Shape),
    ) {
        if !is_plain(key) && entries.iter().any(|(name, _)| text_is_broken(name, key)) {
            self.tell(echo(whole, shape), Constraint::Keys(key));
        }
        if is_plain(entry) {
            return;
        }
        if is_scalar(entry) {
            if entries.iter().any(|(_, value)| is_broken(value, entry)) {
                self.tell(echo(whole, shape), Constraint::Values(entry));
            }
            return;
        }
        for (name, value) in entries {
            let segment = if key.sensitive { Segment::HiddenEntry } else { Segment::Entry(name) };
            self.inside(segment, value, entry);
        }
    }

    fn tell(&mut self, value: Echo, constraint: Constraint) {
        let path: Vec<String> = self.path.iter().map(Segment::text).collect();
        self.found.push(Violation { path: path.join("."), value, constraint });
    }
}

impl Segment<'_> {
    fn text(&self) -> String {
        match self {
            Self::Member(name) => text::lower_first(name).into_owned(),
            Self::Element(at) => format!("{at}.member"),
            Self::Entry(key) => format!("{}.member", cut(key)),
            Self::HiddenEntry => "***.member".to_owned(),
        }
    }
}

/// Whether no value of that shape can break anything.
fn is_plain(shape: &Shape) -> bool {
    is_scalar(shape)
        && shape.min.is_none()
        && shape.max.is_none()
        && shape.pattern.is_none()
        && shape.enumeration.is_empty()
}

fn is_scalar(shape: &Shape) -> bool {
    !matches!(shape.kind, Kind::Structure(_) | Kind::List(_) | Kind::Map(..))
}

fn is_broken(value: &Value, shape: &'static Shape) -> bool {
    let mut found = false;
    broken(value, shape, &mut |_| found = true);
    found
}

fn text_is_broken(text: &str, shape: &'static Shape) -> bool {
    let mut found = false;
    of_text(text, shape, &mut |_| found = true);
    found
}

/// Tells the constraints of its own shape that a value breaks. Patterns come before lengths, as STS tells them.
fn broken(value: &Value, shape: &'static Shape, tell: &mut dyn FnMut(Constraint)) {
    match value {
        Value::Text(text) => of_text(text, shape, tell),
        Value::Blob(bytes) => of_length(bytes.len(), shape, tell),
        Value::List(items) => of_length(items.len(), shape, tell),
        Value::Map(entries) => of_length(entries.len(), shape, tell),
        Value::Integer(whole) => of_number(*whole as f64, shape, tell),
        Value::Float(float) => of_number(*float, shape, tell),
        _ => {}
    }
}

fn of_text(text: &str, shape: &'static Shape, tell: &mut dyn FnMut(Constraint)) {
    if !shape.enumeration.is_empty() && !shape.enumeration.contains(&text) {
        tell(Constraint::Enumeration(shape.enumeration));
    }
    // The length is counted in Unicode scalar values (Smithy).
    let length = if text.is_ascii() { text.len() } else { text.chars().count() };
    if let Some(pattern) = shape.pattern.filter(|pattern| !pattern.matches(text)) {
        tell(Constraint::Pattern(pattern.published));
    }
    of_length(length, shape, tell);
}

fn of_length(length: usize, shape: &Shape, tell: &mut dyn FnMut(Constraint)) {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    if let Some(max) = shape.max.filter(|max| length > *max) {
        tell(Constraint::MaxLength(max));
    }
    if let Some(min) = shape.min.filter(|min| length < *min) {
        tell(Constraint::MinLength(min));
    }
}

fn of_number(number: f64, shape: &Shape, tell: &mut dyn FnMut(Constraint)) {
    if let Some(max) = shape.max.filter(|max| number > *max as f64) {
        tell(Constraint::MaxValue(max));
    }
    if let Some(min) = shape.min.filter(|min| number < *min as f64) {
        tell(Constraint::MinValue(min));
    }
}

/// The value as Java would print it, cut; hidden when sensitive, or when it holds what could be.
fn echo(value: &Value, shape: &'static Shape) -> Echo {
    show(value, shape).map_or(Echo::Hidden, |shown| Echo::Shown(cut(&shown)))
}

fn show(value: &Value, shape: &'static Shape) -> Option<String> {
    if shape.sensitive {
        return None;
    }
    Some(match (value, &shape.kind) {
        (Value::Text(text), _) => cut(text),
        (Value::Boolean(truth), _) => truth.to_string(),
        (Value::Integer(whole), _) => whole.to_string(),
        (Value::Float(float), kind) => text::float_text(*float, kind).into_owned(),
        (Value::Blob(bytes), _) => {
            let length = bytes.len();
            format!("java.nio.HeapByteBuffer[pos=0 lim={length} cap={length}]")
        }
        (Value::List(items), Kind::List(element)) => {
            let shown: Option<Vec<String>> =
                items.iter().take(SHOWN).map(|item| show(item, element.shape)).collect();
            format!("[{}]", shown?.join(", "))
        }
        (Value::Map(entries), Kind::Map(key, entry)) if !key.shape.sensitive => {
            let pair = |(name, value): &(String, Value)| {
                Some(format!("{}={}", cut(name), show(value, entry.shape)?))
            };
            let shown: Option<Vec<String>> = entries.iter().take(SHOWN).map(pair).collect();
            format!("{{{}}}", shown?.join(", "))
        }
        _ => return None,
    })
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
