//! XML: a pull parser that knows neither DTDs nor entities of its own, a reader by schema, a writer.

mod parse;
mod read;
mod write;

pub(crate) use read::{read_members, read_payload};
pub(crate) use write::XmlText;
