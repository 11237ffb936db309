//! What services tell each other: facts, in the past tense, committed with the change that they tell of.
//!
//! - [`BusEvent`]: what a service tells the account's event bus, as AWS's documentation of the service has it.

mod bus_event;

pub use bus_event::{BusEvent, Unreadable};
