//! XML: a pull parser that knows neither DTDs nor entities of its own, a reader by schema, a writer.

mod parse;
mod read;
mod write;

pub(crate) use read::{read_members, read_payload};
pub(crate) use write::XmlText;

use alcazar_core::schema::Member;

/// The element that repeats for each item of a flattened list. Where the member is flattened it is the member's own; old
/// models flatten the list itself, and there the name of the list's element counts (`DomainName` for `DomainNames`).
pub(crate) fn flat_name(member: &'static Member, element: &'static Member) -> &'static str {
    match element.location_name {
        Some(name) if !member.flattened => name,
        _ => member.wire_name(),
    }
}
