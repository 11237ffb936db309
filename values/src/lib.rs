//! Values that services keep under KMS.
//!
//! - [`ManagedKey`]: the AWS managed key of a service (`alias/aws/ssm`), which KMS makes when it is first asked for.
//! - [`Context`], [`Enveloped`]: a value under a data key, which KMS gives and opens for whoever asks.
//!
//! What a service binds a value to, and in which words it tells what KMS refuses, is the service's.

mod envelope;
mod managed_key;

pub use envelope::{Context, Enveloped, decrypt, generate_data_key, plaintext};
pub use managed_key::{FirstUse, ManagedKey};
