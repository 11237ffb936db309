use std::sync::Arc;

use alcazar_core::{AccountId, Arn, Declares};
use alcazar_corridor::{Failure, Guard, Refusal, View};
use alcazar_directory::PolicyDocument;
use alcazar_policy::PolicyKind;
use alcazar_store::Scope;
use wire_secretsmanager::ResourceNotFoundException;

use super::{KIND, Secret, held};

/// What a `SecretId` led to: a name, a whole ARN, or an ARN without the hyphen and the six characters at its end.
/// Source: Secrets Manager API reference, `DescribeSecret`, SecretId.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    secret: Option<Arc<Secret>>,
    /// The ARN of the secret, or of what was asked for where there is none: the resource that the decision is about.
    pub(crate) arn: Arn,
    /// Whose it would be.
    owner: AccountId,
}

impl Found {
    /// Looks it up. A name belongs to the caller's account; every secret to the called Region.
    pub(crate) async fn of(id: &str, view: &View) -> Result<Self, Failure> {
        match id.starts_with("arn:") {
            true => Self::by_arn(id, view).await,
            false => Self::by_name(id, view).await,
        }
    }

    /// Looks up a name of the caller's account.
    pub(crate) async fn by_name(name: &str, view: &View) -> Result<Self, Failure> {
        let secret = held(view, view.here(), name).await?;
        let arn = secret.as_ref().map_or_else(|| unknown(name, view), |secret| secret.arn.clone());
        Ok(Self { secret, arn, owner: view.account() })
    }

    async fn by_arn(id: &str, view: &View) -> Result<Self, Failure> {
        let Some((arn, owner, rest)) = read(id, view) else {
            return Ok(Self { secret: None, arn: unknown(id, view), owner: view.account() });
        };
        let scope = Scope::Region(owner, view.region());
        if let Some(name) = without_suffix(&rest)
            && let Some(secret) = held(view, scope, name).await?
            && secret.arn == arn
        {
            return Ok(Self { secret: Some(secret), arn, owner });
        }
        let secret = held(view, scope, &rest).await?;
        let arn = secret.as_ref().map_or(arn, |secret| secret.arn.clone());
        Ok(Self { secret, arn, owner })
    }

    /// The secret, if there is one: for `locate`, which tells nobody.
    pub(crate) fn found(&self) -> Option<&Arc<Secret>> {
        self.secret.as_ref()
    }

    /// The secret, for a caller who may know whether there is one.
    pub(crate) fn secret<S: Declares<ResourceNotFoundException>>(&self) -> Result<&Arc<Secret>, Refusal<S>> {
        self.secret.as_ref().ok_or_else(|| self.missing().into())
    }

    /// That there is no such secret, in AWS's words.
    pub(crate) fn missing(&self) -> ResourceNotFoundException {
        ResourceNotFoundException::new("Secrets Manager can't find the specified secret.")
    }

    /// The condition key `secretsmanager:SecretId`.
    pub(crate) fn secret_id(&self) -> String {
        self.arn.to_string()
    }

    /// How a secret that is to be made guards itself.
    pub(crate) fn to_be(name: &str, view: &View) -> Guard {
        Guard::new(unknown(name, view), view.account())
    }

    /// How it guards itself: its account, its tags and its resource policy beside the identity policies.
    pub(crate) fn guard(&self, view: &View) -> Guard {
        let guard = Guard::new(self.arn.clone(), self.owner);
        let Some(secret) = &self.secret else { return guard };
        let compiled = |policy: &'_ PolicyDocument| policy.compiled(PolicyKind::Resource).cloned();
        let policy = secret.policy.as_ref().and_then(compiled);
        let further = secret.policies.values().filter_map(compiled).collect();
        let function = secret.rotation.as_ref().map(|rotation| rotation.function.clone());
        let guard = guard.kind(KIND);
        let guard = match function {
            Some(function) => guard.key("secretsmanager:resource/allowrotationlambdaarn", vec![function]),
            None => guard,
        };
        guard
            .tags(secret.tags.clone())
            .policy(policy)
            .further(further)
            .key("secretsmanager:secretprimaryregion", secret.primary.unwrap_or_else(|| view.region()).name())
    }
}

/// The ARN under which a secret of that name is decided on that is not there: AWS's documentation writes the six characters so.
fn unknown(name: &str, view: &View) -> Arn {
    let region = view.region();
    let resource = format!("secret:{name}-??????");
    Arn::new(region.partition().name, "secretsmanager", region.name(), view.account().as_str(), &resource)
}

/// An ARN of a secret of this Region: itself, whose it is, and what comes after `secret:`.
fn read(id: &str, view: &View) -> Option<(Arn, AccountId, String)> {
    let arn: Arn = id.parse().ok()?;
    let region = view.region();
    let here = arn.service() == "secretsmanager"
        && arn.region() == region.name()
        && arn.partition() == region.partition().name;
    let rest = arn.resource().strip_prefix("secret:").filter(|_| here)?.to_owned();
    let owner = arn.account().parse().ok()?;
    Some((arn, owner, rest))
}

fn without_suffix(rest: &str) -> Option<&str> {
    let (name, suffix) = rest.rsplit_once('-')?;
    (suffix.len() == 6).then_some(name)
}
