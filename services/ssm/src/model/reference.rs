use std::sync::Arc;

use alcazar_core::{AccountId, Arn, Declares};
use alcazar_corridor::{Failure, Guard, Refusal, View};
use alcazar_policy::PolicyKind;
use alcazar_store::Scope;
use wire_ssm::{ParameterNotFound, ParameterVersionNotFound};

use super::catalogue::{self, PublicParameter};
use super::parameter::Held;
use super::{KIND, Name, PARAMETERS, Parameter};

/// What the name of a request led to: a name or an ARN, with `:version` or `:label` behind it or without.
/// Source: Systems Manager API reference, `GetParameter`, Name.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// As the request has it.
    asked: String,
    pub(crate) name: Name,
    /// The version or label that is asked for.
    pub(crate) selector: Option<String>,
    /// The resource that the decision is about.
    pub(crate) arn: Arn,
    owner: AccountId,
    what: What,
}

/// What is there.
#[derive(Debug, Clone)]
enum What {
    Parameter(Option<Arc<Parameter>>),
    /// One that everybody reads, under `/aws/`.
    Public(Option<Arc<PublicParameter>>),
    /// A secret of Secrets Manager.
    Secret,
}

/// Where Secrets Manager's secrets are read.
const SECRETS: &str = "/aws/reference/secretsmanager/";

/// Where parameters are that no account owns.
const RESERVED: &str = "/aws/";

impl Found {
    /// Looks it up, for an operation that reads: with a version or label, or in another account by its ARN.
    pub(crate) async fn of(asked: &str, view: &View) -> Result<Self, Failure> {
        let (owner, text) = match asked.starts_with("arn:") {
            true => read_arn(asked, view),
            false => (Some(view.account()), asked),
        };
        let (name, selector) = read(text)?;
        let name = Name::of(name);
        let here = view.account();
        let (arn, what) = match owner {
            Some(_) if name.as_str().starts_with(SECRETS) => (name.arn(view, here.as_str()), What::Secret),
            Some(_) if name.as_str().starts_with(RESERVED) => {
                (name.arn(view, ""), What::Public(catalogue::get(&name, view).await?))
            }
            Some(owner) => {
                let row = view.get(&PARAMETERS, Scope::Region(owner, view.region()), &name).await?;
                let arn = row.as_ref().map(|row| row.arn.clone());
                (arn.unwrap_or_else(|| name.arn(view, owner.as_str())), What::Parameter(row))
            }
            // An ARN of another service, Region or partition names nothing here.
            None => (asked.parse().unwrap_or_else(|_| name.arn(view, here.as_str())), What::Parameter(None)),
        };
        let owner = owner.unwrap_or(here);
        Ok(Self { asked: asked.to_owned(), name, selector: selector.map(str::to_owned), arn, owner, what })
    }

    /// Looks up a parameter of the caller's account by its name alone, for an operation that changes it.
    pub(crate) async fn own(name: &str, view: &View) -> Result<Self, Failure> {
        let asked = name.to_owned();
        let name = Name::of(name);
        let row = view.get(&PARAMETERS, view.here(), &name).await?;
        let arn = row.as_ref().map(|row| row.arn.clone());
        let arn = arn.unwrap_or_else(|| name.arn(view, view.account().as_str()));
        Ok(Self { asked, name, selector: None, arn, owner: view.account(), what: What::Parameter(row) })
    }

    /// As the request named it.
    pub(crate) fn asked(&self) -> &str {
        &self.asked
    }

    /// The parameter, if there is one: for `locate`, which tells nobody.
    pub(crate) fn found(&self) -> Option<&Arc<Parameter>> {
        match &self.what {
            What::Parameter(row) => row.as_ref(),
            What::Public(_) | What::Secret => None,
        }
    }

    /// The parameter, for a caller who may know whether there is one.
    pub(crate) fn parameter<S: Declares<ParameterNotFound>>(&self) -> Result<&Arc<Parameter>, Refusal<S>> {
        self.found().ok_or_else(|| missing().into())
    }

    /// The public parameter, if it is one.
    pub(crate) fn public(&self) -> Option<&Arc<PublicParameter>> {
        match &self.what {
            What::Public(row) => row.as_ref(),
            _ => None,
        }
    }

    /// The id of the secret, if it is one.
    pub(crate) fn secret_id(&self) -> Option<&str> {
        match self.what {
            What::Secret => self.name.as_str().strip_prefix(SECRETS),
            _ => None,
        }
    }

    /// The version that the selector means, the newest without one; `None` when there is no such version.
    pub(crate) async fn version(
        &self,
        parameter: &Arc<Parameter>,
        view: &View,
    ) -> Result<Option<Held>, Failure> {
        let number = match &self.selector {
            None => Some(parameter.newest.number),
            Some(selector) => numbered(selector).or_else(|| parameter.labels.get(selector).copied()),
        };
        match number {
            Some(number) => parameter.version(number, view).await,
            None => Ok(None),
        }
    }

    /// That there is no such version or label, in AWS's words.
    pub(crate) fn version_missing(&self) -> ParameterVersionNotFound {
        let selector = self.selector.as_deref().unwrap_or_default();
        let what = if numbered(selector).is_some() { "version" } else { "label" };
        no_version(what, selector, self.name_alone())
    }

    /// As the request has it, without the selector.
    pub(crate) fn name_alone(&self) -> &str {
        let selector = self.selector.as_ref().map_or(0, |selector| selector.len() + 1);
        self.asked.get(..self.asked.len() - selector).unwrap_or(&self.asked)
    }

    /// How it guards itself: its account, its tags, and the policy by which it is shared.
    pub(crate) fn guard(&self) -> Guard {
        let guard = Guard::new(self.arn.clone(), self.owner).kind(KIND);
        let Some(parameter) = self.found() else { return guard };
        let shared = parameter.sharing.as_ref();
        let policy = shared.and_then(|sharing| sharing.policy.compiled(PolicyKind::Resource));
        guard.tags(parameter.tags.clone()).policy(policy.cloned())
    }
}

/// That there is no such parameter. AWS says no more.
pub(crate) fn missing() -> ParameterNotFound {
    ParameterNotFound::new("")
}

/// That a parameter has no such version or label. The words are AWS's for versions; those for labels are guessed after them.
pub(crate) fn no_version(what: &str, which: &str, name: &str) -> ParameterVersionNotFound {
    ParameterVersionNotFound::new(format!(
        "Systems Manager could not find {what} {which} of {name}. Verify the {what} and try again."
    ))
}

/// The owner and the rest of an ARN of this Region's parameters.
fn read_arn<'a>(asked: &'a str, view: &View) -> (Option<AccountId>, &'a str) {
    let mut parts = asked.splitn(6, ':').skip(1);
    let mut next = || parts.next().unwrap_or_default();
    let (partition, service, region, account, resource) = (next(), next(), next(), next(), next());
    let here = view.region();
    let ours = service == "ssm" && region == here.name() && partition == here.partition().name;
    match resource.strip_prefix("parameter") {
        Some(name) if ours && name.starts_with('/') => {
            let public = account.is_empty().then(|| view.account());
            (account.parse().ok().or(public), name)
        }
        _ => (None, "/"),
    }
}

/// A name and its selector.
fn read(text: &str) -> Result<(&str, Option<&str>), Failure> {
    let mut parts = text.split(':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), None, _) => Ok((name, None)),
        (Some(name), Some(selector), None) if !selector.is_empty() => Ok((name, Some(selector))),
        _ => Err(Failure::validation(
            "Invalid parameter name. Please use correct syntax for referencing a version/label  <name>:<version/label>",
        )),
    }
}

/// A selector of digits is a version: labels do not begin with one.
fn numbered(selector: &str) -> Option<u64> {
    selector.bytes().all(|byte| byte.is_ascii_digit()).then(|| selector.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_and_its_selector_are_read_back(name in "/?[a-z]{1,5}(/[a-z]{1,5}){0,3}", selector in "[a-zA-Z0-9_.-]{1,8}") {
            prop_assert_eq!(read(&name).ok(), Some((name.as_str(), None)));
            let both = format!("{name}:{selector}");
            prop_assert_eq!(read(&both).ok(), Some((name.as_str(), Some(selector.as_str()))));
            let three = format!("{both}:{selector}");
            prop_assert!(read(&three).is_err());
        }

        #[test]
        fn only_digits_are_a_version(selector in "[a-z0-9]{1,25}") {
            let digits = selector.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(numbered(&selector).is_some(), digits && selector.parse::<u64>().is_ok());
        }
    }
}
