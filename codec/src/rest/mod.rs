//! HTTP bindings: members in labels, query string, headers, status code and payload. The bodies are JSON's or XML's.

mod headers;
mod payload;
mod read;
mod write;

use alcazar_core::schema::{Location, Member};

pub(crate) use read::read;
pub(crate) use write::{write, write_headers};

/// What a body is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    Json,
    Xml,
}

/// Whether a member stands in the body of an answer: labels and query strings do not exist there.
pub(crate) fn in_response_body(member: &Member) -> bool {
    !matches!(member.location, Location::Header | Location::Headers | Location::StatusCode)
}
