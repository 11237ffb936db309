//! Every constraint that an input breaks, told at once in AWS's words.

mod dialect;
mod violation;
mod walk;

use alcazar_core::Fault;
use alcazar_core::schema::{Operation, Structure};
use alcazar_core::value::Fields;

pub use dialect::{Dialect, dialect_of};
pub use violation::{Constraint, Echo, Violation};

/// All constraints of the structure that these fields break, in the model's order; at most 100.
pub fn validate(fields: &Fields, schema: &'static Structure) -> Vec<Violation> {
    walk::structure(fields, schema)
}

/// Validates the input of an operation, and tells it as its service does ([`Dialect`]).
///
/// # Errors
/// When a constraint is broken.
pub fn check(operation: &'static Operation, fields: &Fields) -> Result<(), Fault> {
    let violations = validate(fields, operation.input);
    if violations.is_empty() {
        Ok(())
    } else {
        Err((dialect_of(operation.service).refuse)(operation, &violations))
    }
}
