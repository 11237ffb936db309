//! The engines.

pub mod faults;
pub mod memory;
