use std::borrow::Cow;

use alcazar_core::Value;
use alcazar_core::schema::{Kind, Location, Member, Operation};
use alcazar_core::value::Fields;

use super::{Body, headers};
use crate::form::{self, Pair};
use crate::json::{self, has_duplicates, stands_in_body};
use crate::limits::Budget;
use crate::route::Template;
use crate::{Label, Malformed, RequestParts, text, xml};

pub(crate) fn read(
    body: Body,
    operation: &'static Operation,
    request: &RequestParts<'_>,
    mut budget: Budget,
) -> Result<Fields, Malformed> {
    let schema = operation.input;
    let mut fields = Fields::new();
    let own;
    let labels = if request.labels.is_empty() && operation.uri.contains('{') {
        own = Template::parse(operation.uri).labels(request.path).ok_or(Malformed::syntax())?;
        &own
    } else {
        request.labels
    };
    let mut pairs = None;
    for (index, member) in schema.members.iter().enumerate() {
        let value = match member.location {
            Location::Body | Location::StatusCode => None,
            Location::Uri => label(member, labels)?,
            Location::Header => headers::read(member, request.headers)?,
            Location::Headers => headers::read_prefixed(member, request.headers)?,
            Location::QueryString => {
                let pairs = match &mut pairs {
                    Some(pairs) => pairs,
                    None => pairs.insert(form::pairs(request.query.as_bytes(), &mut budget)?),
                };
                from_query(member, operation, pairs)?
            }
        };
        if let Some(value) = value {
            fields.put(index, value);
        }
    }
    match schema.payload.and_then(|index| Some((index, schema.members.get(index)?))) {
        Some((index, member)) => {
            if let Some(value) = payload(body, member, request.body, budget)? {
                fields.put(index, value);
            }
        }
        None if !schema.members.iter().any(stands_in_body) => {}
        None => match body {
            Body::Json => json::read_members(schema, request.body, budget, stands_in_body, &mut fields)?,
            Body::Xml => xml::read_members(schema, request.body, budget, stands_in_body, &mut fields)?,
        },
    }
    Ok(fields)
}

fn label(member: &'static Member, labels: &[Label<'_>]) -> Result<Option<Value>, Malformed> {
    let Some(label) = labels.iter().find(|label| label.name == member.wire_name()) else {
        return Ok(None);
    };
    text::scalar(form::decode(label.raw.as_bytes(), false)?, member, text::TEXT_DEFAULT).map(Some)
}

/// A member of the query string: all values of a list, the first of a scalar. A map takes the parameters that are no
/// other member's and not part of the template.
fn from_query(
    member: &'static Member,
    operation: &'static Operation,
    pairs: &[Pair<'_>],
) -> Result<Option<Value>, Malformed> {
    let scalar = |text: &Cow<'_, str>, member| text::scalar(Cow::Borrowed(text), member, text::TEXT_DEFAULT);
    let mut named = pairs.iter().filter(|(name, _)| name == member.wire_name()).map(|(_, value)| value);
    match &member.shape.kind {
        Kind::List(element) => {
            let items: Vec<Value> = named.map(|text| scalar(text, element)).collect::<Result<_, _>>()?;
            Ok((!items.is_empty()).then_some(Value::List(items)))
        }
        Kind::Map(_, entry) => {
            let mut entries: Vec<(String, Value)> = Vec::new();
            let template = Template::parse(operation.uri);
            let unclaimed = |name: &str| {
                let mut scalars = operation.input.members.iter();
                let claimed = scalars.any(|other| {
                    other.location == Location::QueryString
                        && !matches!(other.shape.kind, Kind::Map(..))
                        && other.wire_name() == name
                });
                !claimed && !template.asks_for(name)
            };
            let pairs: Vec<&Pair<'_>> = pairs.iter().filter(|(name, _)| unclaimed(name)).collect();
            match &entry.shape.kind {
                Kind::List(element) => gather(&pairs, element, &mut entries)?,
                _ => {
                    for (name, text) in pairs {
                        entries.push((name.to_string(), scalar(text, entry)?));
                    }
                    if has_duplicates(entries.iter().map(|(key, _)| key.as_str())) {
                        return Err(Malformed::mismatch("A parameter was given more than once."));
                    }
                }
            }
            Ok((!entries.is_empty()).then_some(Value::Map(entries)))
        }
        _ => named.next().map(|text| scalar(text, member)).transpose(),
    }
}

/// One entry for each name, with all its values in the order of the wire.
fn gather(
    pairs: &[&Pair<'_>],
    element: &'static Member,
    entries: &mut Vec<(String, Value)>,
) -> Result<(), Malformed> {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, text) in sorted {
        let value = text::scalar(Cow::Borrowed(text), element, text::TEXT_DEFAULT)?;
        match entries.last_mut() {
            Some((last, Value::List(items))) if last == name => items.push(value),
            _ => entries.push((name.to_string(), Value::List(vec![value]))),
        }
    }
    Ok(())
}

/// The member that is the body; an empty body is its absence.
fn payload(
    body: Body,
    member: &'static Member,
    bytes: &[u8],
    budget: Budget,
) -> Result<Option<Value>, Malformed> {
    if bytes.is_empty() {
        return Ok(None);
    }
    match (&member.shape.kind, body) {
        (Kind::Blob, _) => Ok(Some(Value::Blob(bytes.to_vec()))),
        (Kind::String, _) => {
            let text = std::str::from_utf8(bytes).map_err(|_| Malformed::syntax())?;
            Ok(Some(Value::Text(text.to_owned())))
        }
        (_, Body::Xml) => xml::read_payload(member, bytes, budget),
        (_, Body::Json) => {
            let mut parser = json::Parser::new(bytes, budget)?;
            let value = json::value(&mut parser, member)?;
            parser.end()?;
            Ok(value)
        }
    }
}
