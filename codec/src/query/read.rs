use std::borrow::Cow;

use alcazar_core::Value;
use alcazar_core::schema::{Kind, Member, Structure};
use alcazar_core::value::Fields;

use super::Parameters;
use super::parameters::Below;
use crate::json::has_duplicates;
use crate::limits::Budget;
use crate::xml::flat_name;
use crate::{Malformed, RequestParts, text};

/// Where the two protocols differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Lists and maps stand below `member` and `entry` unless flattened; names are the model's.
    Aws,
    /// Lists are always flattened; names begin with a capital.
    Ec2,
}

/// Reads the input from the form in the body and from the query string. `Action`, `Version` and the parameters of a
/// presigned signature are nobody's members and so ignored.
pub(crate) fn read(
    schema: &'static Structure,
    request: &RequestParts<'_>,
    dialect: Dialect,
    mut budget: Budget,
) -> Result<Fields, Malformed> {
    let parameters = Parameters::read(request.query, request.body, &mut budget)?;
    structure(schema, parameters.all(), dialect, &mut budget)
}

fn structure(
    schema: &'static Structure,
    below: Below<'_>,
    dialect: Dialect,
    budget: &mut Budget,
) -> Result<Fields, Malformed> {
    budget.enter()?;
    let mut fields = Fields::new();
    for (index, member) in schema.members.iter().enumerate() {
        if let Some(found) = find(member, below, dialect)
            && let Some(value) = value(member, found, dialect, budget)?
        {
            fields.put(index, value);
        }
    }
    budget.leave();
    Ok(fields)
}

/// What stands for a member: below its wire name, or below its element's name where a list is flattened and names them.
fn find<'p>(member: &'static Member, below: Below<'p>, dialect: Dialect) -> Option<Below<'p>> {
    match dialect {
        Dialect::Ec2 => {
            let named = member.location_name.map(|name| text::upper_first(name).into_owned());
            let wire = member.query_name.map(str::to_owned).or(named);
            match wire {
                Some(name) => below.child(&name),
                None => below.child(member.name).or_else(|| below.child(&text::upper_first(member.name))),
            }
        }
        Dialect::Aws => match &member.shape.kind {
            Kind::List(element) if member.is_flattened() => below.child(flat_name(member, element)),
            _ => below.child(member.wire_name()),
        },
    }
}

fn value(
    member: &'static Member,
    below: Below<'_>,
    dialect: Dialect,
    budget: &mut Budget,
) -> Result<Option<Value>, Malformed> {
    Ok(match &member.shape.kind {
        Kind::Structure(schema) => Some(Value::Structure(structure(schema, below, dialect, budget)?))
            .filter(|_| below.has_children()),
        Kind::List(element) => list(member, element, below, dialect, budget)?.map(Value::List),
        Kind::Map(key, entry) => map(member, (key, entry), below, dialect, budget)?.map(Value::Map),
        _ => match below.value() {
            Some(value) => Some(text::scalar(Cow::Borrowed(value), member, text::TEXT_DEFAULT)?),
            None => None,
        },
    })
}

/// A list; `Name=` alone is an empty one.
fn list(
    member: &'static Member,
    element: &'static Member,
    below: Below<'_>,
    dialect: Dialect,
    budget: &mut Budget,
) -> Result<Option<Vec<Value>>, Malformed> {
    let flat = dialect == Dialect::Ec2 || member.is_flattened();
    let name = element.location_name.unwrap_or("member");
    let indexed = if flat { Some(below) } else { below.child(name).or_else(|| below.child("member")) };
    let Some(indexed) = indexed else { return Ok(below.value().map(|_| Vec::new())) };
    budget.enter()?;
    let mut items = Vec::new();
    for item in indexed.indexed() {
        items.extend(value(element, item, dialect, budget)?);
    }
    budget.leave();
    let absent = items.is_empty() && below.value().is_none();
    Ok((!absent).then_some(items))
}

fn map(
    member: &'static Member,
    (key, entry): (&'static Member, &'static Member),
    below: Below<'_>,
    dialect: Dialect,
    budget: &mut Budget,
) -> Result<Option<Vec<(String, Value)>>, Malformed> {
    let indexed = if member.is_flattened() { Some(below) } else { below.child("entry") };
    let Some(indexed) = indexed else { return Ok(below.value().map(|_| Vec::new())) };
    budget.enter()?;
    let mut entries = Vec::new();
    for item in indexed.indexed() {
        let name = item.child(key.location_name.unwrap_or("key")).and_then(|found| found.value());
        let found = item.child(entry.location_name.unwrap_or("value"));
        let (Some(name), Some(found)) = (name, found) else { continue };
        if let Some(value) = value(entry, found, dialect, budget)? {
            entries.push((name.to_owned(), value));
        }
    }
    budget.leave();
    if has_duplicates(entries.iter().map(|(key, _)| key.as_str())) {
        return Err(Malformed::mismatch("A map holds the same key more than once."));
    }
    let absent = entries.is_empty() && below.value().is_none();
    Ok((!absent).then_some(entries))
}
