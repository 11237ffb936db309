use std::marker::PhantomData;

use alcazar_core::{AccountId, Arn, Declares, Timestamp};
use alcazar_corridor::{Call, Failure, Operation, Refusal, Tx};
use alcazar_directory::name_key;
use alcazar_store::Scope;
use wire_iam::{EntityAlreadyExistsException, LimitExceededException, NoSuchEntityException};

use super::Entity;
use super::entity::missing;

/// The rows of the caller's account inside a commit, with the errors that the operation declares. The rules of each kind of row are in
/// the files beside this one.
pub(crate) struct Rows<'t, 'v, S> {
    pub(super) tx: &'t mut Tx<'v>,
    pub(super) account: AccountId,
    partition: &'static str,
    _shape: PhantomData<fn() -> S>,
}

impl<'t, 'v, S> Rows<'t, 'v, S> {
    /// Of the call that commits.
    pub(crate) fn of<O: Operation<Shape = S>>(tx: &'t mut Tx<'v>, call: &Call<O>) -> Self {
        let partition = call.region().partition().name;
        Self { tx, account: call.account(), partition, _shape: PhantomData }
    }

    /// The rows' transaction.
    pub(crate) fn tx(&mut self) -> &mut Tx<'v> {
        self.tx
    }

    /// The scope of the rows.
    pub(crate) fn scope(&self) -> Scope {
        Scope::Account(self.account)
    }

    /// An IAM ARN of the account: `user/path/name`.
    pub(crate) fn arn(&self, resource: &str) -> Arn {
        Arn::new(self.partition, "iam", "", self.account.as_str(), resource)
    }

    /// The time that rows are stamped with: IAM tells whole seconds.
    pub(crate) fn now(&self) -> Timestamp {
        self.tx.now().whole_seconds()
    }

    /// The entity of that name, to be changed and saved.
    pub(crate) fn entity<E: Entity>(&self, name: &str) -> Result<E, Refusal<S>>
    where
        S: Declares<NoSuchEntityException>,
    {
        let row = self.tx.get(E::TABLE, self.scope(), name_key(name).as_str())?;
        Ok((*row.ok_or_else(|| missing::<E>(name))?).clone())
    }

    /// The name is free: names are unique without regard to case.
    pub(crate) fn vacant<E: Entity>(&self, name: &str) -> Result<(), Refusal<S>>
    where
        S: Declares<EntityAlreadyExistsException>,
    {
        match self.tx.get(E::TABLE, self.scope(), name_key(name).as_str())? {
            Some(_) => {
                let message = format!("{} with name {name} already exists.", E::TITLE);
                Err(EntityAlreadyExistsException::new(message).into())
            }
            None => Ok(()),
        }
    }

    /// Writes the entity's row.
    pub(crate) fn save<E: Entity>(&mut self, entity: &E) -> Result<(), Failure> {
        self.tx.put(E::TABLE, Scope::Account(self.account), name_key(entity.name()).as_str(), entity)
    }

    /// A new entity: counted, then written.
    pub(crate) fn create<E: Entity>(&mut self, entity: &E) -> Result<(), Refusal<S>>
    where
        S: Declares<LimitExceededException>,
    {
        self.claim(E::COUNTED)?;
        Ok(self.save(entity)?)
    }

    /// Removes the row of that name: the entity moves to another.
    pub(crate) fn vacate<E: Entity>(&mut self, name: &str) -> Result<(), Failure> {
        self.tx.remove(E::TABLE, Scope::Account(self.account), name_key(name).as_str())
    }

    /// Removes the entity, and counts it no longer.
    pub(crate) fn delete<E: Entity>(&mut self, entity: &E) -> Result<(), Failure> {
        self.release(E::COUNTED, 1)?;
        self.vacate::<E>(entity.name())
    }
}
