//! The engines.

pub mod embedded;
pub mod faults;
pub mod memory;
pub mod postgres;
