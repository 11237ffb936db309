use std::collections::BTreeMap;
use std::sync::Arc;

use alcazar_core::{Arn, Declares};
use alcazar_corridor::{Call, Operation, Refusal};
use alcazar_directory::{GROUPS, Group, PolicyDocument, ROLES, Role, Tags, USERS, User, name_key};
use alcazar_store::{Record, Scope, Table};
use wire_iam::{NoSuchEntityException, UnmodifiableEntityException};

use super::{Counted, Rows};

/// A user, group or role: what has a name, a path, and policies.
pub(crate) trait Entity: Record + Clone {
    /// As messages name it: `The user with name ...`.
    const NOUN: &'static str;
    /// As messages begin with it: `User with name ...`; quotas are named after it: `PoliciesPerUser`.
    const TITLE: &'static str;
    /// As CloudTrail types it.
    const KIND: &'static str;
    /// Its rows.
    const TABLE: &'static Table<str, Self>;
    /// What the account's quota counts it as.
    const COUNTED: Counted;
    /// How many characters its inline policies may have together, without white space.
    const INLINE_SIZE: usize;

    fn name(&self) -> &str;
    fn path(&self) -> &str;
    fn arn(&self) -> &Arn;
    fn attached(&self) -> &[Arn];
    fn attached_mut(&mut self) -> &mut Vec<Arn>;
    fn inline(&self) -> &BTreeMap<String, PolicyDocument>;
    fn inline_mut(&mut self) -> &mut BTreeMap<String, PolicyDocument>;

    /// Groups have none.
    fn tags(&self) -> Tags {
        Tags::default()
    }

    /// Groups have none.
    fn boundary(&self) -> Option<&Arn> {
        None
    }
}

/// An entity that may have a permissions boundary: a user or a role.
pub(crate) trait Bounded: Entity {
    fn boundary_mut(&mut self) -> &mut Option<Arn>;
}

/// The entity of that name, in the caller's account.
pub(crate) async fn read<E, O>(call: &Call<O>, name: &str) -> Result<Arc<E>, Refusal<O::Shape>>
where
    E: Entity,
    O: Operation,
    O::Shape: Declares<NoSuchEntityException>,
{
    let row = call.view().get(E::TABLE, Scope::Account(call.account()), name_key(name).as_str()).await?;
    Ok(row.ok_or_else(|| missing::<E>(name))?)
}

/// `The user with name bob cannot be found.`
pub(crate) fn missing<E: Entity>(name: &str) -> NoSuchEntityException {
    NoSuchEntityException::new(format!("The {} with name {name} cannot be found.", E::NOUN))
}

impl<S: Declares<NoSuchEntityException> + Declares<UnmodifiableEntityException>> Rows<'_, '_, S> {
    /// The role of that name, to be changed and saved. Roles that belong to a service are changed by that service alone.
    /// Source: IAM API reference, `UnmodifiableEntity`.
    pub(crate) fn role(&self, name: &str) -> Result<Role, Refusal<S>> {
        let role: Role = self.entity(name)?;
        if role.path.starts_with(SERVICE_LINKED) {
            let message = format!(
                "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
                role.name
            );
            return Err(UnmodifiableEntityException::new(message).into());
        }
        Ok(role)
    }
}

/// Where service-linked roles live.
pub(crate) const SERVICE_LINKED: &str = "/aws-service-role/";

impl Entity for User {
    const NOUN: &'static str = "user";
    const TITLE: &'static str = "User";
    const KIND: &'static str = "AWS::IAM::User";
    const TABLE: &'static Table<str, Self> = &USERS;
    const COUNTED: Counted = Counted::Users;
    const INLINE_SIZE: usize = 2048;

    fn name(&self) -> &str {
        &self.name
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn arn(&self) -> &Arn {
        &self.arn
    }

    fn attached(&self) -> &[Arn] {
        &self.attached
    }

    fn attached_mut(&mut self) -> &mut Vec<Arn> {
        &mut self.attached
    }

    fn inline(&self) -> &BTreeMap<String, PolicyDocument> {
        &self.inline
    }

    fn inline_mut(&mut self) -> &mut BTreeMap<String, PolicyDocument> {
        &mut self.inline
    }

    fn tags(&self) -> Tags {
        self.tags.clone()
    }

    fn boundary(&self) -> Option<&Arn> {
        self.permissions_boundary.as_ref()
    }
}

impl Bounded for User {
    fn boundary_mut(&mut self) -> &mut Option<Arn> {
        &mut self.permissions_boundary
    }
}

impl Entity for Group {
    const NOUN: &'static str = "group";
    const TITLE: &'static str = "Group";
    const KIND: &'static str = "AWS::IAM::Group";
    const TABLE: &'static Table<str, Self> = &GROUPS;
    const COUNTED: Counted = Counted::Groups;
    const INLINE_SIZE: usize = 5120;

    fn name(&self) -> &str {
        &self.name
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn arn(&self) -> &Arn {
        &self.arn
    }

    fn attached(&self) -> &[Arn] {
        &self.attached
    }

    fn attached_mut(&mut self) -> &mut Vec<Arn> {
        &mut self.attached
    }

    fn inline(&self) -> &BTreeMap<String, PolicyDocument> {
        &self.inline
    }

    fn inline_mut(&mut self) -> &mut BTreeMap<String, PolicyDocument> {
        &mut self.inline
    }
}

impl Entity for Role {
    const NOUN: &'static str = "role";
    const TITLE: &'static str = "Role";
    const KIND: &'static str = "AWS::IAM::Role";
    const TABLE: &'static Table<str, Self> = &ROLES;
    const COUNTED: Counted = Counted::Roles;
    const INLINE_SIZE: usize = 10_240;

    fn name(&self) -> &str {
        &self.name
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn arn(&self) -> &Arn {
        &self.arn
    }

    fn attached(&self) -> &[Arn] {
        &self.attached
    }

    fn attached_mut(&mut self) -> &mut Vec<Arn> {
        &mut self.attached
    }

    fn inline(&self) -> &BTreeMap<String, PolicyDocument> {
        &self.inline
    }

    fn inline_mut(&mut self) -> &mut BTreeMap<String, PolicyDocument> {
        &mut self.inline
    }

    fn tags(&self) -> Tags {
        self.tags.clone()
    }

    fn boundary(&self) -> Option<&Arn> {
        self.permissions_boundary.as_ref()
    }
}

impl Bounded for Role {
    fn boundary_mut(&mut self) -> &mut Option<Arn> {
        &mut self.permissions_boundary
    }
}
