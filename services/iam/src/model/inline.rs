//! Inline policies of users, groups and roles.

use alcazar_core::Declares;
use alcazar_corridor::{Call, Operation, Refusal};
use alcazar_directory::PolicyDocument;
use wire_iam::{LimitExceededException, NoSuchEntityException};

use super::document::size;
use super::{Ask, Entity, Page, Rows, read, url_encoded};

impl<S: Declares<NoSuchEntityException>> Rows<'_, '_, S> {
    /// Adds or replaces an inline policy. Together they may have [`Entity::INLINE_SIZE`] characters.
    pub(crate) fn put_inline<E: Entity>(
        &mut self,
        mut entity: E,
        policy: &str,
        document: &PolicyDocument,
    ) -> Result<(), Refusal<S>>
    where
        S: Declares<LimitExceededException>,
    {
        entity.inline_mut().insert(policy.to_owned(), document.clone());
        if entity.inline().values().map(size).sum::<usize>() > E::INLINE_SIZE {
            let (limit, noun, name) = (E::INLINE_SIZE, E::NOUN, entity.name());
            let message = format!("Maximum policy size of {limit} bytes exceeded for {noun} {name}");
            return Err(LimitExceededException::new(message).into());
        }
        Ok(self.save(&entity)?)
    }

    /// Removes an inline policy.
    pub(crate) fn delete_inline<E: Entity>(&mut self, mut entity: E, policy: &str) -> Result<(), Refusal<S>> {
        entity.inline_mut().remove(policy).ok_or_else(|| missing::<E>(policy))?;
        Ok(self.save(&entity)?)
    }
}

/// The document of an inline policy, as it leaves, and the entity's name.
pub(crate) async fn inline_document<E, O>(
    call: &Call<O>,
    name: &str,
    policy: &str,
) -> Result<(String, String), Refusal<O::Shape>>
where
    E: Entity,
    O: Operation,
    O::Shape: Declares<NoSuchEntityException>,
{
    let entity = read::<E, O>(call, name).await?;
    let document = entity.inline().get(policy).ok_or_else(|| missing::<E>(policy))?;
    Ok((entity.name().to_owned(), url_encoded(document)))
}

/// A page of the names of an entity's inline policies.
pub(crate) async fn inline_names<E, O>(
    call: &Call<O>,
    name: &str,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Page<String>, Refusal<O::Shape>>
where
    E: Entity,
    O: Operation,
    O::Shape: Declares<NoSuchEntityException>,
{
    let ask = Ask::of(call, marker, max_items, name)?;
    let entity = read::<E, O>(call, name).await?;
    Ok(ask.list(call, entity.inline().keys().map(|policy| (policy.clone(), policy.clone())))?)
}

fn missing<E: Entity>(policy: &str) -> NoSuchEntityException {
    NoSuchEntityException::new(format!("The {} policy with name {policy} cannot be found.", E::NOUN))
}
