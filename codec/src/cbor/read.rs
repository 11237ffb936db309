use std::borrow::Cow;

use alcazar_core::schema::{Kind, Member, Structure};
use alcazar_core::value::Fields;
use alcazar_core::{Timestamp, Value};

use super::decode::{Decoder, Item};
use crate::json::has_duplicates;
use crate::limits::Budget;
use crate::{Malformed, text};

/// Reads the body of a request. An empty body is an empty structure.
pub(crate) fn read_body(
    schema: &'static Structure,
    body: &[u8],
    budget: Budget,
) -> Result<Fields, Malformed> {
    let mut decoder = Decoder::new(body, budget);
    if decoder.is_at_end() {
        return Ok(Fields::new());
    }
    let fields = match decoder.item()? {
        Item::Map(length) => members(&mut decoder, schema, length)?,
        Item::Null => Fields::new(),
        other => return Err(refused(other, &Kind::Structure(schema))),
    };
    if decoder.is_at_end() { Ok(fields) } else { Err(Malformed::syntax()) }
}

fn members(
    decoder: &mut Decoder<'_>,
    schema: &'static Structure,
    length: Option<u64>,
) -> Result<Fields, Malformed> {
    let mut fields = Fields::new();
    let mut unread: Vec<Cow<'_, str>> = Vec::new();
    let mut remaining = decoder.begin(length)?;
    while let Some(key) = decoder.next(&mut remaining)? {
        let Item::Text(length) = key else { return Err(Malformed::syntax()) };
        let key = decoder.text(length)?;
        let item = decoder.item()?;
        let Some((index, member)) = find(schema, &key) else {
            decoder.skip(item)?;
            unread.push(key);
            continue;
        };
        match value(decoder, item, member)? {
            Some(value) => {
                if !fields.put(index, value) {
                    return Err(Malformed::syntax());
                }
            }
            None => unread.push(key),
        }
    }
    let twice = |key: &Cow<'_, str>| find(schema, key).is_some_and(|(index, _)| fields.get(index).is_some());
    if unread.iter().any(twice) || has_duplicates(unread.iter().map(AsRef::as_ref)) {
        return Err(Malformed::syntax());
    }
    Ok(fields)
}

fn find(schema: &'static Structure, key: &str) -> Option<(usize, &'static Member)> {
    schema.members.iter().enumerate().find(|(_, member)| member.wire_name() == key)
}

fn value(decoder: &mut Decoder<'_>, item: Item, member: &'static Member) -> Result<Option<Value>, Malformed> {
    let kind = &member.shape.kind;
    let value = match (kind, item) {
        (_, Item::Null) => return Ok(None),
        (Kind::String, Item::Text(length)) => Value::Text(decoder.text(length)?.into_owned()),
        (Kind::Blob, Item::Bytes(length)) => Value::Blob(decoder.bytes(length)?.into_owned()),
        (Kind::Boolean, Item::Boolean(truth)) => Value::Boolean(truth),
        (Kind::Float | Kind::Double, Item::Float(float)) => Value::Float(float),
        (Kind::Float | Kind::Double, Item::Unsigned(_) | Item::Negative(_)) => {
            Value::Float(whole(item).ok_or_else(|| refused(item, kind))? as f64)
        }
        (Kind::Integer | Kind::Long, Item::Unsigned(_) | Item::Negative(_)) => {
            let whole = whole(item).and_then(|whole| text::in_range(whole, kind));
            Value::Integer(whole.ok_or_else(|| refused(item, kind))?)
        }
        (Kind::Timestamp, Item::Epoch) => {
            let inner = decoder.item()?;
            Value::Timestamp(epoch(inner)?)
        }
        // Clients of the first hour sent timestamps without their tag.
        (Kind::Timestamp, Item::Unsigned(_) | Item::Negative(_) | Item::Float(_)) => {
            Value::Timestamp(epoch(item)?)
        }
        (Kind::List(element), Item::Array(length)) => list(decoder, element, length)?,
        (Kind::Map(_, entry), Item::Map(length)) => map(decoder, entry, length)?,
        (Kind::Structure(schema), Item::Map(length)) => Value::Structure(members(decoder, schema, length)?),
        (kind, other) => return Err(refused(other, kind)),
    };
    Ok(Some(value))
}

fn list(
    decoder: &mut Decoder<'_>,
    element: &'static Member,
    length: Option<u64>,
) -> Result<Value, Malformed> {
    let mut items = Vec::new();
    let mut remaining = decoder.begin(length)?;
    while let Some(item) = decoder.next(&mut remaining)? {
        items.push(value(decoder, item, element)?.ok_or_else(Malformed::syntax)?);
    }
    Ok(Value::List(items))
}

fn map(decoder: &mut Decoder<'_>, entry: &'static Member, length: Option<u64>) -> Result<Value, Malformed> {
    let mut entries = Vec::new();
    let mut remaining = decoder.begin(length)?;
    while let Some(key) = decoder.next(&mut remaining)? {
        let Item::Text(length) = key else { return Err(Malformed::syntax()) };
        let key = decoder.text(length)?.into_owned();
        let item = decoder.item()?;
        entries.push((key, value(decoder, item, entry)?.ok_or_else(Malformed::syntax)?));
    }
    if has_duplicates(entries.iter().map(|(key, _)| key.as_str())) {
        return Err(Malformed::syntax());
    }
    Ok(Value::Map(entries))
}

fn whole(item: Item) -> Option<i64> {
    match item {
        Item::Unsigned(number) => i64::try_from(number).ok(),
        Item::Negative(number) => i64::try_from(number).ok().map(|number| -1 - number),
        _ => None,
    }
}

fn epoch(item: Item) -> Result<Timestamp, Malformed> {
    let seconds = match item {
        Item::Float(seconds) => Some(seconds),
        other => whole(other).map(|whole| whole as f64),
    };
    seconds.and_then(|seconds| Timestamp::from_epoch(seconds).ok()).ok_or_else(Malformed::syntax)
}

fn refused(item: Item, wanted: &Kind) -> Malformed {
    match item {
        Item::Unsigned(_) | Item::Negative(_) => Malformed::token("NUMBER_VALUE", wanted),
        Item::Float(_) => Malformed::token("DECIMAL_VALUE", wanted),
        Item::Text(_) => Malformed::token("STRING_VALUE", wanted),
        Item::Bytes(_) => Malformed::token("BINARY_VALUE", wanted),
        Item::Boolean(true) => Malformed::token("TRUE_VALUE", wanted),
        Item::Boolean(false) => Malformed::token("FALSE_VALUE", wanted),
        Item::Array(_) => Malformed::mismatch("Start of list found where not expected"),
        Item::Map(_) => Malformed::mismatch("Start of structure or map found where not expected."),
        Item::Epoch | Item::Null | Item::Break => Malformed::syntax(),
    }
}
