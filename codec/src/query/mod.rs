//! The query protocol and EC2's dialect of it: form parameters in, XML out.

mod parameters;
mod read;

use parameters::Parameters;
pub(crate) use read::{Dialect, read};
