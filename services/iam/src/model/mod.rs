//! What users, groups, roles and policies have in common: how they are found and guarded, changed, counted and told.

pub(crate) mod access_key;
mod attachment;
mod boundary;
pub(crate) mod document;
mod entity;
mod guard;
mod inline;
mod paging;
pub(crate) mod policy;
pub(crate) mod quota;
mod rows;
pub(crate) mod shapes;
pub(crate) mod tags;

pub(crate) use attachment::attached_page;
pub(crate) use boundary::{checked_boundary, missing_boundary};
pub(crate) use document::{identity_document, managed_document, shown_trust, trust_document, url_encoded};
pub(crate) use entity::{Entity, SERVICE_LINKED, read};
pub(crate) use guard::{Found, anything, listing, new_guard};
pub(crate) use inline::{inline_document, inline_names};
pub(crate) use paging::{Ask, Page, scan};
pub(crate) use quota::Counted;
pub(crate) use rows::Rows;
