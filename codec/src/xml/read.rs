use std::borrow::Cow;

use alcazar_core::Value;
use alcazar_core::schema::{Kind, Member, Structure};
use alcazar_core::value::Fields;

use super::flat_name;
use super::parse::{Node, parse};
use crate::json::has_duplicates;
use crate::limits::Budget;
use crate::{Malformed, text};

/// Reads the members that `wanted` picks from the document's root. The root's name is not looked at: it differs between
/// clients, and the operation is known already.
pub(crate) fn read_members(
    schema: &'static Structure,
    body: &[u8],
    mut budget: Budget,
    wanted: fn(&Member) -> bool,
    fields: &mut Fields,
) -> Result<(), Malformed> {
    match parse(body, &mut budget)? {
        Some(root) => members(schema, &root, wanted, fields),
        None => Ok(()),
    }
}

/// Reads a payload: the root is the member itself.
pub(crate) fn read_payload(
    member: &'static Member,
    body: &[u8],
    mut budget: Budget,
) -> Result<Option<Value>, Malformed> {
    parse(body, &mut budget)?.map(|root| value(member, &root)).transpose()
}

fn members(
    schema: &'static Structure,
    node: &Node<'_>,
    wanted: fn(&Member) -> bool,
    fields: &mut Fields,
) -> Result<(), Malformed> {
    for (index, member) in schema.members.iter().enumerate().filter(|(_, member)| wanted(member)) {
        if let Some(value) = find(member, node)? {
            fields.put(index, value);
        }
    }
    Ok(())
}

fn find(member: &'static Member, node: &Node<'_>) -> Result<Option<Value>, Malformed> {
    let name = member.wire_name();
    if member.xml_attribute {
        let found = node.attributes.iter().find(|(known, _)| *known == name);
        return found
            .map(|(_, text)| text::scalar(Cow::Borrowed(text), member, text::TEXT_DEFAULT))
            .transpose();
    }
    match &member.shape.kind {
        Kind::List(element) if member.is_flattened() => {
            let items: Vec<Value> = node
                .named(flat_name(member, element))
                .map(|item| value(element, item))
                .collect::<Result<_, _>>()?;
            Ok((!items.is_empty()).then_some(Value::List(items)))
        }
        Kind::Map(key, entry) if member.is_flattened() => {
            let entries = entries(node.named(name), key, entry)?;
            Ok((!entries.is_empty()).then_some(Value::Map(entries)))
        }
        _ => {
            let mut found = node.named(name);
            let (first, second) = (found.next(), found.next());
            if second.is_some() {
                return Err(Malformed::syntax());
            }
            first.map(|child| value(member, child)).transpose()
        }
    }
}

fn value(member: &'static Member, node: &Node<'_>) -> Result<Value, Malformed> {
    Ok(match &member.shape.kind {
        Kind::Structure(schema) => {
            let mut fields = Fields::new();
            members(schema, node, |_| true, &mut fields)?;
            Value::Structure(fields)
        }
        Kind::List(element) => {
            let items = node.named(element.location_name.unwrap_or("member"));
            Value::List(items.map(|item| value(element, item)).collect::<Result<_, _>>()?)
        }
        Kind::Map(key, entry) => Value::Map(entries(node.named("entry"), key, entry)?),
        _ => text::scalar(Cow::Borrowed(&node.text), member, text::TEXT_DEFAULT)?,
    })
}

fn entries<'n>(
    nodes: impl Iterator<Item = &'n Node<'n>>,
    key: &'static Member,
    entry: &'static Member,
) -> Result<Vec<(String, Value)>, Malformed> {
    let mut entries = Vec::new();
    for node in nodes {
        let name = node.named(key.location_name.unwrap_or("key")).next();
        let found = node.named(entry.location_name.unwrap_or("value")).next();
        let (Some(name), Some(found)) = (name, found) else { return Err(Malformed::syntax()) };
        entries.push((name.text.clone().into_owned(), value(entry, found)?));
    }
    if has_duplicates(entries.iter().map(|(key, _)| key.as_str())) {
        return Err(Malformed::syntax());
    }
    Ok(entries)
}
