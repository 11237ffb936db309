//! JSON: a pull parser over bytes, a reader by schema, a writer.

mod escape;
mod parse;
mod read;
mod write;

pub use escape::push_escaped;
pub(crate) use escape::push_text;
pub(crate) use parse::Parser;
pub(crate) use read::{has_duplicates, read_body, read_members, stands_in_body, value};
pub(crate) use write::{JsonText, push_document, push_float, push_integer};
