//! May this caller do this? Collects the policies that bear on the caller, once a call, and has each need decided.

use std::sync::Arc;

use alcazar_core::{AccountId, Arn, Common, ConditionKeys, Fault, Shape, schema};
use alcazar_directory::{GROUPS, PolicyDocument, Role, User, aws_managed, name_key};
use alcazar_policy::Effect;
use alcazar_policy::{
    self as policy, Grant, Layers, Policy, PolicyKind, Reach, Request, Resource, ResourceTrust, decide,
};
use alcazar_store::Scope;

use crate::context::RequestContext;
use crate::{Caller, Failure, Guard, Located, Operation, Principal, Session, SessionPrincipal, View};

/// Every need of the call must be allowed. A call that names no need is refused, unless it says why it needs none.
pub(crate) async fn all<O: Operation>(view: &View, located: &Located<O>) -> Result<(), Failure> {
    session_may(view, O::Shape::OPERATION)?;
    if located.open.is_some() && located.needs.is_empty() {
        return Ok(());
    }
    if located.needs.is_empty() {
        return Err(Failure::common(Common::AccessDenied, "The operation told no need and no reason."));
    }
    let bearing = Bearing::of(view).await?;
    for need in &located.needs {
        let ask = Ask {
            action: need.action,
            resource: &need.resource,
            keys: &*need.keys,
            request_tags: &located.request_tags,
            tag_keys: &located.tag_keys,
        };
        bearing.decide(view, &ask)?;
    }
    Ok(())
}

/// What sessions of GetSessionToken and GetFederationToken may never do, whatever their policies say: call IAM (unless the
/// former proved a second factor), or STS beyond who they are (and, for the former, becoming a role).
/// Source: IAM User Guide, "Compare AWS STS credentials".
pub(crate) fn session_may(view: &View, operation: &schema::Operation) -> Result<(), Failure> {
    let Some(session) = view.caller().session() else { return Ok(()) };
    let (service, name) = (operation.service.id, operation.name);
    let (mfa, federated) = match session.principal {
        SessionPrincipal::Role { .. } => return Ok(()),
        SessionPrincipal::Root | SessionPrincipal::User { .. } => (session.mfa_at.is_some(), false),
        SessionPrincipal::Federated { .. } => (false, true),
    };
    match service {
        "iam" if !mfa => {
            let message = "The security token included in the request is invalid";
            Err(Fault::presented("InvalidClientTokenId", 403, message).into())
        }
        "sts" if name != "GetCallerIdentity" && (federated || name != "AssumeRole") => {
            let message = format!("Cannot call {name} with session credentials");
            Err(Failure::common(Common::AccessDenied, message))
        }
        _ => Ok(()),
    }
}

/// One need, without its operation's type.
pub(crate) struct Ask<'a> {
    pub(crate) action: &'a str,
    pub(crate) resource: &'a Guard,
    pub(crate) keys: &'a dyn ConditionKeys,
    pub(crate) request_tags: &'a [(String, String)],
    pub(crate) tag_keys: &'a [String],
}

/// The policies that bear on a caller.
#[derive(Default)]
pub(crate) struct Bearing {
    identity: Vec<Arc<Policy>>,
    boundary: Option<Vec<Arc<Policy>>>,
    session: Option<Vec<Arc<Policy>>>,
}

impl Bearing {
    /// Collects them.
    pub(crate) async fn of(view: &View) -> Result<Self, Failure> {
        let mut bearing = Self::default();
        let account = view.account();
        match view.caller().principal() {
            Principal::Root | Principal::Service(_) => {}
            Principal::User(user) => bearing.user(view, account, user).await?,
            Principal::Role { role, session } => {
                bearing.role(view, account, role).await?;
                bearing.session(view, account, session).await?;
            }
            Principal::Federated { user, session } => {
                if let Some(user) = user {
                    bearing.user(view, account, user).await?;
                }
                bearing.session(view, account, session).await?;
                // A federated user made without policies may do nothing but what resource policies grant it.
                bearing.session.get_or_insert_default();
            }
        }
        Ok(bearing)
    }

    async fn user(&mut self, view: &View, account: AccountId, user: &User) -> Result<(), Failure> {
        self.inline(user.inline.values());
        self.attached(view, account, &user.attached).await?;
        for group in &user.groups {
            if let Some(group) = view.get(&GROUPS, Scope::Account(account), name_key(group).as_str()).await? {
                self.inline(group.inline.values());
                self.attached(view, account, &group.attached).await?;
            }
        }
        self.boundary = boundary(view, account, user.permissions_boundary.as_ref()).await?;
        Ok(())
    }

    async fn role(&mut self, view: &View, account: AccountId, role: &Role) -> Result<(), Failure> {
        self.inline(role.inline.values());
        self.attached(view, account, &role.attached).await?;
        self.boundary = boundary(view, account, role.permissions_boundary.as_ref()).await?;
        Ok(())
    }

    async fn session(&mut self, view: &View, account: AccountId, session: &Session) -> Result<(), Failure> {
        if session.policy.is_none() && session.policy_arns.is_empty() {
            return Ok(());
        }
        let inline = session.policy.as_ref().map(|document| compiled(document, PolicyKind::Session));
        let mut policies: Vec<Arc<Policy>> = inline.into_iter().collect();
        for arn in &session.policy_arns {
            policies.extend(managed(view, account, arn).await?);
        }
        self.session = Some(policies);
        Ok(())
    }

    fn inline<'d>(&mut self, documents: impl Iterator<Item = &'d PolicyDocument>) {
        self.identity.extend(documents.map(|document| compiled(document, PolicyKind::Identity)));
    }

    async fn attached(&mut self, view: &View, account: AccountId, arns: &[Arn]) -> Result<(), Failure> {
        for arn in arns {
            self.identity.extend(managed(view, account, arn).await?);
        }
        Ok(())
    }

    /// Decides one need.
    pub(crate) fn decide(&self, view: &View, ask: &Ask<'_>) -> Result<(), Failure> {
        let Ask { action, resource, keys, request_tags, tag_keys } = *ask;
        let context = RequestContext { view, resource, keys, request_tags, tag_keys };
        let root = root_arn(view.caller());
        let name = resource.arn.as_ref().map_or("*", |arn| arn.as_str());
        let request = Request {
            unique_id: unique_id(view.caller()),
            ..Request::new(principal(view.caller(), &root), action, name, resource.owner.as_str())
        }
        .with(&context);
        let layers = self.layers(view.caller(), resource);
        let decision = decide(&request, &layers);
        match decision.denial(&request) {
            None => Ok(()),
            Some(_) if veiled(view, resource) => {
                let user = view.caller().arn();
                Err(Failure::common(
                    Common::AccessDenied,
                    format!("User: {user} is not authorized to perform: {action} on {VEILED}"),
                ))
            }
            Some(denial) => Err(Failure::common(Common::AccessDenied, denial.to_string())),
        }
    }

    fn layers<'p>(&'p self, caller: &Caller, resource: &'p Guard) -> Layers<'p> {
        let refs = |policies: &'p Vec<Arc<Policy>>| policies.iter().map(|policy| &**policy).collect();
        let mut layers = Layers {
            identity: refs(&self.identity),
            boundary: self.boundary.as_ref().map(refs),
            session: self.session.as_ref().map(refs),
            resource: Resource { trust: resource.trust, ..Resource::default() },
            ..Layers::default()
        };
        layers.resource.policies.extend(resource.policy.as_deref());
        layers.resource.policies.extend(resource.further.iter().map(|policy| &**policy));
        if resource.granted {
            // A grant to a role leaves its sessions within their boundary and session policies.
            let session = matches!(caller.principal(), Principal::Role { .. } | Principal::Federated { .. });
            let reach = if session { Reach::Behind } else { Reach::Direct };
            layers.resource.grants.push(Grant { effect: Effect::Allow, reach, id: "grant" });
        }
        layers
    }
}

/// What a stranger reads of another account's key: neither whether it exists, nor its id behind an alias, nor whose it is.
/// Source: KMS's own message for cross-account denials.
const VEILED: &str = "this resource because the resource does not exist in this Region, no resource-based policies allow access, or a \
                      resource-based policy explicitly denies access";

fn veiled(view: &View, resource: &Guard) -> bool {
    resource.trust == ResourceTrust::KeyPolicy && resource.owner != view.account()
}

async fn boundary(
    view: &View,
    account: AccountId,
    arn: Option<&Arn>,
) -> Result<Option<Vec<Arc<Policy>>>, Failure> {
    match arn {
        Some(arn) => Ok(Some(managed(view, account, arn).await?.into_iter().collect())),
        None => Ok(None),
    }
}

async fn managed(view: &View, account: AccountId, arn: &Arn) -> Result<Option<Arc<Policy>>, Failure> {
    if let Some(policy) = aws_managed(arn) {
        return Ok(policy.document().map(|document| compiled(document, PolicyKind::Identity)));
    }
    // One that is gone allows nothing, and as a boundary bounds everything.
    let policy = view.managed_policy(account, arn).await?;
    Ok(policy.and_then(|policy| policy.document().map(|document| compiled(document, PolicyKind::Identity))))
}

/// The compiled form; a stored text that is no policy any more counts as one that denies everything.
fn compiled(document: &PolicyDocument, kind: PolicyKind) -> Arc<Policy> {
    document.compiled(kind).cloned().unwrap_or_else(|| deny_all().clone())
}

fn deny_all() -> &'static Arc<Policy> {
    static DENY_ALL: std::sync::OnceLock<Arc<Policy>> = std::sync::OnceLock::new();
    DENY_ALL.get_or_init(|| {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
        #[expect(clippy::expect_used, reason = "the text above is a policy; a test compiles it")]
        Arc::new(Policy::parse_stored(PolicyKind::Identity, text).expect("a policy"))
    })
}

fn root_arn(caller: &Caller) -> String {
    // Only a federated user of root is judged by it.
    match caller.principal() {
        Principal::Federated { user: None, .. } => {
            format!("arn:{}:iam::{}:root", caller.arn().partition(), caller.account())
        }
        _ => String::new(),
    }
}

/// The unique id of the user or role behind the caller, which policies have kept for its ARN.
fn unique_id(caller: &Caller) -> &str {
    match caller.principal() {
        Principal::User(user) | Principal::Federated { user: Some(user), .. } => &user.id,
        Principal::Role { role, .. } => &role.id,
        Principal::Root | Principal::Federated { user: None, .. } | Principal::Service(_) => "",
    }
}

/// The caller as the decision knows it; `root` is the ARN of its account's root user.
fn principal<'a>(caller: &'a Caller, root: &'a str) -> policy::Principal<'a> {
    let arn = caller.arn().as_str();
    match caller.principal() {
        Principal::Root => policy::Principal::Root { arn },
        Principal::User(_) => policy::Principal::User { arn },
        Principal::Role { role, .. } => {
            policy::Principal::RoleSession { role: role.arn.as_str(), session: arn }
        }
        Principal::Federated { user, .. } => policy::Principal::FederatedUser {
            session: arn,
            issuer: user.as_ref().map_or(root, |user| user.arn.as_str()),
        },
        Principal::Service(name) => policy::Principal::Service { name },
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_policy_for_unreadable_policies_denies_everything() {
        assert_eq!(super::deny_all().statements().len(), 1);
    }
}
