//! The server side of AWS's wire protocols, each reader and writer written once, not generic, driven by the schema.
//!
//! - [`read_input`]: the bytes of a request, by the operation's schema, into [`Fields`](alcazar_core::value::Fields).
//! - [`validate`]: every constraint that those fields break, told at once in AWS's words.
//! - [`write_output`] and [`write_error`]: the answer.
//! - [`record_json`]: a structure as CloudTrail records it.
//! - [`Router`]: which service, protocol and operation a request is for.
//!
//! What is absent on purpose: compressed requests (`Content-Encoding: gzip` of `requestcompression` operations), event
//! streams, and bodies that are streamed rather than held in memory.

mod cbor;
mod error;
mod form;
mod json;
mod limits;
mod malformed;
mod output;
mod query;
mod record;
mod request;
mod rest;
mod route;
mod text;
mod validate;
mod xml;

pub use error::write_error;
pub use json::push_escaped;
pub use limits::Limits;
pub use malformed::{Malformed, MalformedKind};
pub use output::{Response, write_output};
pub use record::record_json;
pub use request::{Label, RequestParts, read_input};
pub use route::{Route, Router, RoutingError, Target};
pub use validate::{Constraint, Dialect, Echo, Violation, check, dialect_of, validate};
