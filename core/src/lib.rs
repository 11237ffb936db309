//! The vocabulary of Alcazar, without I/O: names, times, secrets, faults, and the schemas by which every codec reads and writes.
//!
//! Nothing here knows a service. What a service's shapes look like is in `wire/`, generated from the models; what its
//! operations do is in `services/`.

pub mod account;
pub mod arn;
pub mod document;
pub mod fault;
pub mod id;
pub mod region;
pub mod schema;
pub mod secret;
pub mod shape;
pub mod sink;
pub mod time;
pub mod value;
pub mod wire;

pub use account::AccountId;
pub use arn::Arn;
pub use document::Document;
pub use fault::{Common, Fault};
pub use region::{Partition, Region};
pub use secret::{SecretBytes, SecretText};
pub use shape::{ConditionKeys, Declares, EventClass, KeyValue, NoKeys, ServiceError, Shape};
pub use sink::{Sink, Structured};
pub use time::Timestamp;
pub use value::{FromValue, Value};
