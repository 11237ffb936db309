//! What the models say, as static tables. `wire/` holds them generated for the operations that are built; for the others
//! the program makes them from its embedded model. Codecs, validator, router and record builder walk them; nobody else
//! knows a wire name.

mod operation;
mod pattern;
mod shape;
mod structure;

pub use operation::{ErrorShape, Operation, OperationKind, Protocol, Service};
pub use pattern::Pattern;
pub use shape::{Kind, Shape};
pub use structure::{Location, Member, Structure, UNIT, XmlNamespace};
