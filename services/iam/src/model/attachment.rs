//! Managed policies attached to users, groups and roles.

use alcazar_core::{Arn, Declares};
use alcazar_corridor::{Call, Operation, Refusal};
use alcazar_directory::name_key;
use wire_iam::{AttachedPolicy, InvalidInputException, LimitExceededException, NoSuchEntityException};

use super::policy::{Use, name_of, path_of, policy_arn};
use super::quota::{ATTACHED_POLICIES, exceeded};
use super::{Ask, Entity, Page, Rows, read};

impl<S: Declares<NoSuchEntityException> + Declares<InvalidInputException>> Rows<'_, '_, S> {
    /// Attaches a policy and counts it; one that is attached stays so.
    pub(crate) fn attach<E: Entity>(&mut self, mut entity: E, policy: &str) -> Result<(), Refusal<S>>
    where
        S: Declares<LimitExceededException>,
    {
        let arn = policy_arn::<S>(policy)?;
        if entity.attached().contains(&arn) {
            return Ok(());
        }
        if entity.attached().len() >= ATTACHED_POLICIES {
            return Err(exceeded(&format!("PoliciesPer{}", E::TITLE), ATTACHED_POLICIES).into());
        }
        if !self.count(&arn, Use::Attachment, 1)? {
            let message = format!("Policy {arn} does not exist or is not attachable.");
            return Err(NoSuchEntityException::new(message).into());
        }
        entity.attached_mut().push(arn);
        Ok(self.save(&entity)?)
    }

    /// Detaches a policy and counts it no longer.
    pub(crate) fn detach<E: Entity>(&mut self, mut entity: E, policy: &str) -> Result<(), Refusal<S>> {
        let arn = policy_arn::<S>(policy)?;
        if !entity.attached().contains(&arn) {
            return Err(NoSuchEntityException::new(format!("Policy {arn} was not found.")).into());
        }
        self.count(&arn, Use::Attachment, -1)?;
        entity.attached_mut().retain(|attached| *attached != arn);
        Ok(self.save(&entity)?)
    }
}

/// A page of the policies attached to an entity, by name.
pub(crate) async fn attached_page<E, O>(
    call: &Call<O>,
    name: &str,
    path_prefix: Option<&str>,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Page<AttachedPolicy>, Refusal<O::Shape>>
where
    E: Entity,
    O: Operation,
    O::Shape: Declares<NoSuchEntityException>,
{
    let prefix = path_prefix.unwrap_or("/");
    let ask = Ask::of(call, marker, max_items, &format!("{name} {prefix}"))?;
    let entity = read::<E, O>(call, name).await?;
    let under = entity.attached().iter().filter(|arn| path_of(arn).starts_with(prefix));
    Ok(ask.list(call, under.map(|arn| (format!("{} {arn}", name_key(name_of(arn))), told(arn))))?)
}

fn told(arn: &Arn) -> AttachedPolicy {
    AttachedPolicy { policy_name: Some(name_of(arn).to_owned()), policy_arn: Some(arn.to_string()) }
}
