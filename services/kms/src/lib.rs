//! AWS Key Management Service: keys whose material never leaves, used for those whom key policies, grants and IAM allow.
//!
//! - [`model`]: what is stored (keys, aliases, grants), how an operation finds a key, and how a key guards itself.
//! - `ops`: one file an operation.
//! - `jobs`: what happens to keys as time passes.
//!
//! The cryptography is in `engines/material`; this crate decides which key, in which state, for whom.

mod jobs;
mod model;
mod ops;
#[cfg(test)]
mod test;

use alcazar_corridor::{Entry, JobEntry, ServiceEntry};

/// The service, for the program's registry.
pub const SERVICE: ServiceEntry =
    ServiceEntry { service: &wire_kms::SERVICE, operations: OPERATIONS, jobs: JOBS };

const OPERATIONS: &[Entry] = &[
    // <operations>
    Entry::of::<ops::create_key::CreateKey>(),
    Entry::of::<ops::describe_key::DescribeKey>(),
    Entry::of::<ops::encrypt::Encrypt>(),
    // </operations>
];

const JOBS: &[JobEntry] = &[];
