//! The engines.

pub mod counting;
pub mod embedded;
pub mod faults;
pub mod memory;
pub mod postgres;
