//! Judges from outside: the published suite, botocore's signers and the examples of the S3 pages; and what must hold
//! whatever comes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod botocore;
mod properties;
mod published;
mod s3_examples;
mod sigv4a;
mod tampering;
mod world;
