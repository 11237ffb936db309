//! Permissions boundaries of users and roles.

use alcazar_core::{Arn, Declares};
use alcazar_corridor::Refusal;
use wire_iam::{InvalidInputException, NoSuchEntityException};

use super::Rows;
use super::entity::Bounded;
use super::policy::{Use, policy_arn};

impl<S: Declares<InvalidInputException>> Rows<'_, '_, S> {
    /// The boundary that a new user or role is to have, counted. `None`: there is no such policy.
    pub(crate) fn new_boundary(&mut self, wanted: &str) -> Result<Option<Arn>, Refusal<S>> {
        let arn = policy_arn::<S>(wanted)?;
        Ok(self.count(&arn, Use::Boundary, 1)?.then_some(arn))
    }
}

impl<S: Declares<NoSuchEntityException>> Rows<'_, '_, S> {
    /// Sets or replaces the boundary, and counts both.
    pub(crate) fn put_boundary<E: Bounded>(&mut self, mut entity: E, wanted: &str) -> Result<(), Refusal<S>>
    where
        S: Declares<InvalidInputException>,
    {
        let arn = checked_boundary(wanted, self.new_boundary(wanted)?)?;
        if let Some(before) = entity.boundary_mut().replace(arn) {
            self.count(&before, Use::Boundary, -1)?;
        }
        Ok(self.save(&entity)?)
    }

    /// Takes the boundary away; where there is none, nothing happens.
    pub(crate) fn delete_boundary<E: Bounded>(&mut self, mut entity: E) -> Result<(), Refusal<S>> {
        if let Some(before) = entity.boundary_mut().take() {
            self.count(&before, Use::Boundary, -1)?;
        }
        Ok(self.save(&entity)?)
    }
}

/// The boundary, or that its policy does not exist.
pub(crate) fn checked_boundary(wanted: &str, found: Option<Arn>) -> Result<Arn, NoSuchEntityException> {
    found.ok_or_else(|| NoSuchEntityException::new(missing_boundary(wanted)))
}

/// What is said of a boundary whose policy does not exist.
pub(crate) fn missing_boundary(wanted: &str) -> String {
    format!("Scope ARN: {wanted} does not exist or is not attachable.")
}
