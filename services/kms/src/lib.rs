//! AWS Key Management Service: keys whose material never leaves, used for those whom key policies, grants and IAM allow.
//!
//! - [`model`]: what is stored (keys, aliases, grants), how an operation finds a key, and how a key guards itself.
//! - `ops`: one file an operation.
//! - `jobs`: what happens to keys as time passes.
//!
//! The cryptography is in `engines/material`; this crate decides which key, in which state, for whom.

mod example;
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
    Entry::of::<ops::decrypt::Decrypt>(),
    Entry::of::<ops::derive_shared_secret::DeriveSharedSecret>(),
    Entry::of::<ops::describe_key::DescribeKey>(),
    Entry::of::<ops::encrypt::Encrypt>(),
    Entry::of::<ops::generate_data_key::GenerateDataKey>(),
    Entry::of::<ops::generate_data_key_pair::GenerateDataKeyPair>(),
    Entry::of::<ops::generate_data_key_pair_without_plaintext::GenerateDataKeyPairWithoutPlaintext>(),
    Entry::of::<ops::generate_data_key_without_plaintext::GenerateDataKeyWithoutPlaintext>(),
    Entry::of::<ops::generate_mac::GenerateMac>(),
    Entry::of::<ops::generate_random::GenerateRandom>(),
    Entry::of::<ops::get_public_key::GetPublicKey>(),
    Entry::of::<ops::re_encrypt::ReEncrypt>(),
    Entry::of::<ops::sign::Sign>(),
    Entry::of::<ops::verify::Verify>(),
    Entry::of::<ops::verify_mac::VerifyMac>(),
    // </operations>
];

const JOBS: &[JobEntry] = &[];
