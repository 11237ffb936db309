//! AWS CloudTrail: who did what, when, from where.
//!
//! The records are made by the corridor, with every call, and kept by the store's log. This service only reads them.

mod model;
mod ops;

use alcazar_corridor::{Entry, ServiceEntry};

/// The service, for the program's registry.
pub const SERVICE: ServiceEntry =
    ServiceEntry { service: &wire_cloudtrail::SERVICE, operations: OPERATIONS, jobs: &[], billed: None };

const OPERATIONS: &[Entry] = &[
    // <operations>
    Entry::of::<ops::lookup_events::LookupEvents>(),
    // </operations>
];
