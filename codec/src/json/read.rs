use std::borrow::Cow;
use std::collections::BTreeMap;

use alcazar_core::schema::{Kind, Location, Member, Structure};
use alcazar_core::value::Fields;
use alcazar_core::{Document, Timestamp, Value};

use super::Parser;
use super::parse::Token;
use crate::limits::Budget;
use crate::{Malformed, text};

/// Reads the body of an awsJson request: all members stand in it. An empty body is an empty structure.
pub(crate) fn read_body(
    schema: &'static Structure,
    body: &[u8],
    budget: Budget,
) -> Result<Fields, Malformed> {
    let mut fields = Fields::new();
    read_members(schema, body, budget, |_| true, &mut fields)?;
    Ok(fields)
}

/// Reads the members that `wanted` picks into `fields`; all others are ignored.
pub(crate) fn read_members(
    schema: &'static Structure,
    body: &[u8],
    budget: Budget,
    wanted: fn(&Member) -> bool,
    fields: &mut Fields,
) -> Result<(), Malformed> {
    let mut parser = Parser::new(body, budget)?;
    if parser.is_blank() {
        return Ok(());
    }
    match parser.peek()? {
        Token::Object => members(&mut parser, schema, wanted, fields)?,
        Token::Null => parser.literal(Token::Null)?,
        other => return Err(unexpected(other, "Expected null")),
    }
    parser.end()
}

fn members(
    parser: &mut Parser<'_>,
    schema: &'static Structure,
    wanted: fn(&Member) -> bool,
    fields: &mut Fields,
) -> Result<(), Malformed> {
    parser.begin()?;
    let (mut first, mut expected) = (true, 0);
    let mut unread: Vec<Cow<'_, str>> = Vec::new();
    while let Some(key) = parser.next_key(&mut first)? {
        let Some((index, member)) = find(schema, &key, expected).filter(|(_, member)| wanted(member)) else {
            unread.push(key);
            parser.skip()?;
            continue;
        };
        expected = index + 1;
        match value(parser, member)? {
            Some(value) => {
                if !fields.put(index, value) {
                    return Err(Malformed::syntax());
                }
            }
            None => unread.push(key),
        }
    }
    // A key that was read as null, or that nobody knows, may not stand twice either.
    let twice = |key: &Cow<'_, str>| {
        find(schema, key, 0).is_some_and(|(index, member)| wanted(member) && fields.get(index).is_some())
    };
    if unread.iter().any(twice) || has_duplicates(unread.iter().map(AsRef::as_ref)) {
        return Err(Malformed::syntax());
    }
    Ok(())
}

/// The member of that wire name. Clients mostly write members in the model's order, so the one after the last is tried first.
fn find(schema: &'static Structure, key: &str, expected: usize) -> Option<(usize, &'static Member)> {
    match schema.members.get(expected) {
        Some(member) if member.wire_name() == key => Some((expected, member)),
        _ => schema.members.iter().enumerate().find(|(_, member)| member.wire_name() == key),
    }
}

/// Reads one value as that member; null is absence.
pub(crate) fn value(parser: &mut Parser<'_>, member: &'static Member) -> Result<Option<Value>, Malformed> {
    let token = parser.peek()?;
    let kind = &member.shape.kind;
    let value = match (kind, token) {
        (Kind::Document, _) => Value::Document(document(parser)?),
        (_, Token::Null) => {
            parser.literal(token)?;
            return Ok(None);
        }
        (Kind::String, Token::String) => Value::Text(parser.string()?.into_owned()),
        (Kind::Blob, Token::String) => Value::Blob(text::base64(&parser.string()?)?),
        (Kind::Timestamp, Token::String) => {
            let format = text::timestamp_format(member, text::JSON_DEFAULT);
            Value::Timestamp(text::timestamp(&parser.string()?, format)?)
        }
        (Kind::Timestamp, Token::Number) => Value::Timestamp(epoch(parser.number()?)?),
        (Kind::Float | Kind::Double, Token::String) => Value::Float(
            text::special_float(&parser.string()?).ok_or_else(|| Malformed::token("STRING_VALUE", kind))?,
        ),
        (Kind::Float | Kind::Double, Token::Number) => Value::Float(float(parser.number()?, kind)?),
        (Kind::Integer | Kind::Long, Token::Number) => Value::Integer(integer(parser.number()?, kind)?),
        (Kind::Boolean, Token::True | Token::False) => {
            parser.literal(token)?;
            Value::Boolean(token == Token::True)
        }
        (Kind::List(element), Token::Array) => list(parser, element)?,
        (Kind::Map(_, entry), Token::Object) => map(parser, entry)?,
        (Kind::Structure(schema), Token::Object) => {
            let mut fields = Fields::new();
            members(parser, schema, in_body, &mut fields)?;
            Value::Structure(fields)
        }
        (Kind::List(_), other) => return Err(unexpected(other, "Expected list or null")),
        (Kind::Map(..), other) => return Err(unexpected(other, "Expected map or null")),
        (Kind::Structure(_), other) => return Err(unexpected(other, "Expected null")),
        (kind, other) => return Err(refused(other, kind)),
    };
    Ok(Some(value))
}

/// Nested structures have no members outside of the body, whatever their location says.
fn in_body(_: &Member) -> bool {
    true
}

fn list(parser: &mut Parser<'_>, element: &'static Member) -> Result<Value, Malformed> {
    parser.begin()?;
    let (mut first, mut items) = (true, Vec::new());
    while parser.next_element(&mut first)? {
        // No list of AWS's models is sparse; Smithy has a server refuse null in a dense one.
        items.push(value(parser, element)?.ok_or_else(Malformed::syntax)?);
    }
    Ok(Value::List(items))
}

fn map(parser: &mut Parser<'_>, entry: &'static Member) -> Result<Value, Malformed> {
    parser.begin()?;
    let (mut first, mut entries) = (true, Vec::new());
    while let Some(key) = parser.next_key(&mut first)? {
        let value = value(parser, entry)?.ok_or_else(Malformed::syntax)?;
        entries.push((key.into_owned(), value));
    }
    if has_duplicates(entries.iter().map(|(key, _)| key.as_str())) {
        return Err(Malformed::syntax());
    }
    Ok(Value::Map(entries))
}

/// Reads a value of any kind.
pub(crate) fn document(parser: &mut Parser<'_>) -> Result<Document, Malformed> {
    match parser.peek()? {
        Token::Null => parser.literal(Token::Null).map(|()| Document::Null),
        token @ (Token::True | Token::False) => {
            parser.literal(token).map(|()| Document::Boolean(token == Token::True))
        }
        Token::String => Ok(Document::Text(parser.string()?.into_owned())),
        Token::Number => {
            let number = parser.number()?;
            match number.parse() {
                Ok(whole) => Ok(Document::Integer(whole)),
                Err(_) => float(number, &Kind::Double).map(Document::Float),
            }
        }
        Token::Array => {
            parser.begin()?;
            let (mut first, mut items) = (true, Vec::new());
            while parser.next_element(&mut first)? {
                items.push(document(parser)?);
            }
            Ok(Document::List(items))
        }
        Token::Object => {
            parser.begin()?;
            let (mut first, mut entries) = (true, BTreeMap::new());
            while let Some(key) = parser.next_key(&mut first)? {
                let value = document(parser)?;
                if entries.insert(key.into_owned(), value).is_some() {
                    return Err(Malformed::syntax());
                }
            }
            Ok(Document::Map(entries))
        }
    }
}

/// A whole number, also in a form like `1.0` or `1e3`.
fn integer(number: &str, kind: &Kind) -> Result<i64, Malformed> {
    let refused = || Malformed::token("NUMBER_VALUE", kind);
    let whole = match number.parse::<i64>() {
        Ok(whole) => whole,
        Err(_) if number.contains(['.', 'e', 'E']) => {
            let value: f64 = number.parse().map_err(|_| refused())?;
            // Above 2^53 a float does not tell which whole number was meant.
            if value.fract() != 0.0 || value.abs() > 9_007_199_254_740_992.0 {
                return Err(Malformed::token("DECIMAL_VALUE", kind));
            }
            value as i64
        }
        Err(_) => return Err(refused()),
    };
    text::in_range(whole, kind).ok_or_else(refused)
}

fn float(number: &str, kind: &Kind) -> Result<f64, Malformed> {
    number.parse().ok().filter(|f: &f64| f.is_finite()).ok_or_else(|| Malformed::token("NUMBER_VALUE", kind))
}

fn epoch(number: &str) -> Result<Timestamp, Malformed> {
    let seconds = float(number, &Kind::Timestamp)?;
    Timestamp::from_epoch(seconds).map_err(|_| Malformed::token("NUMBER_VALUE", &Kind::Timestamp))
}

/// A collection was expected and something else came; the words are Coral's.
fn unexpected(token: Token, wanted: &'static str) -> Malformed {
    match token {
        Token::Object => Malformed::mismatch("Start of structure or map found where not expected."),
        Token::Array => Malformed::mismatch("Start of list found where not expected"),
        _ => Malformed::mismatch(wanted),
    }
}

fn refused(token: Token, wanted: &Kind) -> Malformed {
    match token {
        Token::Object | Token::Array => unexpected(token, ""),
        Token::String => Malformed::token("STRING_VALUE", wanted),
        Token::Number => Malformed::token("NUMBER_VALUE", wanted),
        Token::True => Malformed::token("TRUE_VALUE", wanted),
        Token::False => Malformed::token("FALSE_VALUE", wanted),
        Token::Null => Malformed::token("NULL_VALUE", wanted),
    }
}

/// Whether two keys are the same; sorts where comparing each with each would cost too much.
pub(crate) fn has_duplicates<'k>(keys: impl Iterator<Item = &'k str> + Clone) -> bool {
    const FEW: usize = 8;
    let mut few = keys.clone().take(FEW + 1).enumerate();
    if few.clone().count() <= FEW {
        return few.any(|(at, key)| keys.clone().take(at).any(|before| before == key));
    }
    let mut sorted: Vec<&str> = keys.collect();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// The members of a REST request that stand in its body.
pub(crate) fn stands_in_body(member: &Member) -> bool {
    member.location == Location::Body
}
