use alcazar_core::schema::{Operation, Service};
use alcazar_core::{Common, Fault};

use super::{Constraint, Violation};

/// How a service tells of broken constraints. Nearly all use [`Dialect::CORAL`]; those that do not stand in
/// [`dialect_of`]. The code (`ValidationException` or `ValidationError`) follows from the service's protocols.
#[derive(Debug)]
pub struct Dialect {
    /// Makes the fault of one or more violations.
    pub refuse: fn(&'static Operation, &[Violation]) -> Fault,
}

/// Violations that one message lists; AWS stops at ten as well.
const LISTED: usize = 10;

impl Dialect {
    /// AWS's own framework: `2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: ...; ...`.
    /// KMS, Secrets Manager and DynamoDB answer it with `ValidationException`, IAM and STS with `ValidationError`.
    pub const CORAL: Self = Self { refuse: coral };

    /// EC2: `MissingParameter` (`The request must contain the parameter InstanceId`), else `InvalidParameterValue`; the
    /// first violation alone. Source: EC2 API reference, "Error codes".
    pub const EC2: Self = Self { refuse: ec2 };
}

/// The dialect of that service.
pub fn dialect_of(service: &Service) -> &'static Dialect {
    match service.id {
        "ec2" => &Dialect::EC2,
        _ => &Dialect::CORAL,
    }
}

fn coral(_: &'static Operation, violations: &[Violation]) -> Fault {
    let listed: Vec<String> = violations.iter().take(LISTED).map(ToString::to_string).collect();
    let errors = if listed.len() == 1 { "error" } else { "errors" };
    let message = format!("{} validation {errors} detected: {}", listed.len(), listed.join("; "));
    Fault::common(Common::Validation, message)
}

fn ec2(_: &'static Operation, violations: &[Violation]) -> Fault {
    let missing = violations.iter().find(|violation| matches!(violation.constraint, Constraint::NotNull));
    match (missing, violations.first()) {
        (Some(violation), _) => {
            let name = crate::text::upper_first(&violation.path).into_owned();
            Fault::common(Common::MissingParameter, format!("The request must contain the parameter {name}"))
        }
        (None, Some(violation)) => Fault::presented("InvalidParameterValue", 400, violation.to_string()),
        (None, None) => Fault::presented("InvalidParameterValue", 400, ""),
    }
}
