//! One recorded case: its request and its policies, compiled.

use serde_json::Value as Json;

use super::{Disagreement, Doubt};
use crate::context::MapContext;
use crate::{
    Layers, Organization, Policy, PolicyError, PolicyKind, Principal, Request, Resource, ResourceTrust,
    Verdict, decide,
};

/// A case, its policies compiled.
#[derive(Debug)]
pub struct Case {
    /// The case's `id`.
    pub id: String,
    /// The case's `tags`.
    pub tags: Vec<String>,
    expected: String,
    caller: Caller,
    action: String,
    resource: String,
    account: String,
    context: MapContext,
    identity: Vec<Policy>,
    resource_policy: Option<Policy>,
    boundary: Option<Vec<Policy>>,
    session: Option<Vec<Policy>>,
    vpc_endpoint: Option<Vec<Policy>>,
    scps: Vec<Vec<Policy>>,
    rcps: Vec<Vec<Policy>>,
    trust: ResourceTrust,
    restrict_public: bool,
}

#[derive(Debug)]
enum Caller {
    Arn(String),
    /// A session, whose role's ARN is made from the session's.
    Session {
        session: String,
        role: String,
    },
    FederatedUser(String),
    Service(String),
    WebIdentity(String),
    Saml(String),
    Anonymous,
}

impl Case {
    pub(super) fn read(json: &Json) -> Result<Self, String> {
        let request = &json["request"];
        let resource = text(&request["resource"]["resource"]).unwrap_or_else(|| "*".to_owned());
        let action = text(&request["action"]).ok_or("no action")?;
        let trust = trust_of(&action, &resource, !is_empty(&json["resourcePolicy"]));
        let of = |name: &str, kind| policies(&json[name], kind);
        let optional =
            |name: &str, kind| json.get(name).filter(|v| !is_empty(v)).map(|_| of(name, kind)).transpose();
        let resource_kind =
            if trust == ResourceTrust::RoleTrust { PolicyKind::Trust } else { PolicyKind::Resource };
        Ok(Self {
            id: text(&json["id"]).unwrap_or_default(),
            tags: list(&json["tags"]).filter_map(text).collect(),
            expected: text(&json["expected"]).ok_or("no expected decision")?,
            caller: Caller::read(&request["principal"]).ok_or("no principal")?,
            account: text(&request["resource"]["accountId"]).unwrap_or_default(),
            context: context(&request["contextVariables"], &json["ignoredContextKeys"]),
            identity: of("identityPolicies", PolicyKind::Identity)?,
            resource_policy: of("resourcePolicy", resource_kind)?.pop(),
            boundary: optional("permissionBoundaryPolicies", PolicyKind::Boundary)?,
            session: optional("sessionPolicy", PolicyKind::Session)?,
            vpc_endpoint: optional("vpcEndpointPolicies", PolicyKind::VpcEndpoint)?,
            scps: levels(&json["serviceControlPolicies"], PolicyKind::Scp)?,
            rcps: levels(&json["resourceControlPolicies"], PolicyKind::Rcp)?,
            restrict_public: json["additionalSettings"]["s3"]["blockPublicAccess"] == Json::Bool(true),
            action,
            resource,
            trust,
        })
    }

    /// The request of the case.
    #[must_use]
    pub fn request(&self) -> Request<'_> {
        Request::new(self.caller.principal(), &self.action, &self.resource, &self.account).with(&self.context)
    }

    /// The policies of the case.
    #[must_use]
    pub fn layers(&self) -> Layers<'_> {
        Layers {
            rcps: Organization {
                management_account: false,
                levels: self.rcps.iter().map(|level| refs(level)).collect(),
            },
            scps: Organization {
                management_account: false,
                levels: self.scps.iter().map(|level| refs(level)).collect(),
            },
            vpc_endpoint: self.vpc_endpoint.as_deref().map(refs),
            resource: Resource {
                policies: self.resource_policy.iter().collect(),
                trust: self.trust,
                restrict_public: self.restrict_public,
                ..Resource::default()
            },
            boundary: self.boundary.as_deref().map(refs),
            session: self.session.as_deref().map(refs),
            identity: refs(&self.identity),
        }
    }

    pub(super) fn disagreement(&self) -> Option<Disagreement> {
        let layers = self.layers();
        let decision = decide(&self.request(), &layers);
        let name = name_of(decision.verdict);
        (name != self.expected).then(|| Disagreement {
            id: self.id.clone(),
            tags: self.tags.clone(),
            expected: self.expected.clone(),
            decided: format!("{name} by {:?}", decision.layer),
            doubt: Doubt::of(self, &decision),
        })
    }

    /// The texts of all policies of the case.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let lists = [&self.boundary, &self.session, &self.vpc_endpoint];
        let levels = self.scps.iter().chain(&self.rcps);
        let all = levels.chain(lists.into_iter().flatten()).chain([&self.identity]).flatten();
        all.chain(&self.resource_policy).map(Policy::text)
    }
}

impl Caller {
    fn read(json: &Json) -> Option<Self> {
        if let Json::Object(object) = json {
            let kind = text(&json["type"]).unwrap_or_default();
            if kind.eq_ignore_ascii_case("anonymous") {
                return Some(Self::Anonymous);
            }
            return object
                .iter()
                .filter(|(key, _)| *key != "type")
                .find_map(|(_, value)| Self::of(&text(value)?));
        }
        Self::of(&text(json)?)
    }

    fn of(text: &str) -> Option<Self> {
        let part = |at: usize| text.split(':').nth(at);
        let Some(resource) = part(5).filter(|_| text.starts_with("arn:")) else {
            let is_account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
            return Some(match text {
                "" => return None,
                "*" | "anonymous" | "Anonymous" => Self::Anonymous,
                _ if is_account => Self::Arn(format!("arn:aws:iam::{text}:root")),
                _ if PROVIDERS.contains(&text) => Self::WebIdentity(text.to_owned()),
                _ => Self::Service(text.to_owned()),
            });
        };
        let text = text.to_owned();
        Some(match resource.split_once('/') {
            Some(("assumed-role", rest)) => {
                let (partition, account) = (part(1)?.to_owned(), part(4)?.to_owned());
                let role = rest.split('/').next().unwrap_or_default();
                Self::Session { role: format!("arn:{partition}:iam::{account}:role/{role}"), session: text }
            }
            Some(("federated-user", _)) => Self::FederatedUser(text),
            Some(("oidc-provider", _)) => Self::WebIdentity(text),
            Some(("saml-provider", _)) => Self::Saml(text),
            _ => Self::Arn(text),
        })
    }

    fn principal(&self) -> Principal<'_> {
        match self {
            Self::Arn(arn) if arn.ends_with(":root") => Principal::Root { arn },
            Self::Arn(arn) if arn.contains(":role/") => Principal::Role { arn },
            Self::Arn(arn) => Principal::User { arn },
            Self::Session { session, role } if session.contains("/AWSServiceRoleFor") => {
                Principal::ServiceLinkedRole { role, session }
            }
            Self::Session { session, role } => Principal::RoleSession { role, session },
            Self::FederatedUser(session) => Principal::FederatedUser { session, issuer: "" },
            Self::Service(name) => Principal::Service { name },
            Self::WebIdentity(provider) => Principal::WebIdentity { provider },
            Self::Saml(provider) => Principal::Saml { provider },
            Self::Anonymous => Principal::Anonymous,
        }
    }
}

/// Web identity providers that a trust policy names without an ARN.
const PROVIDERS: &[&str] =
    &["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"];

/// Keys and roles trust nobody by default; the format does not say so. No role is without a trust policy, so a case
/// that gives none asks about the caller's side alone.
fn trust_of(action: &str, resource: &str, has_policy: bool) -> ResourceTrust {
    let service = action.split(':').next().unwrap_or_default();
    let mut parts = resource.split(':').skip(2);
    let (owner, kind) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    if owner == "kms" && kind.starts_with("key/") {
        ResourceTrust::KeyPolicy
    } else if has_policy && service.eq_ignore_ascii_case("sts") && owner == "iam" && kind.starts_with("role/")
    {
        ResourceTrust::RoleTrust
    } else {
        ResourceTrust::OwnAccount
    }
}

fn name_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "Allowed",
        Verdict::ImplicitlyDenied => "ImplicitlyDenied",
        Verdict::ExplicitlyDenied => "ExplicitlyDenied",
    }
}

fn refs(policies: &[Policy]) -> crate::Policies<'_> {
    policies.iter().collect()
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

fn is_empty(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A policy, a list of policies, or a list of `{ name, policy }`.
fn policies(json: &Json, kind: PolicyKind) -> Result<Vec<Policy>, String> {
    let one = |json: &Json| {
        let document = json.get("policy").unwrap_or(json);
        let text = document.as_str().map_or_else(|| document.to_string(), str::to_owned);
        Policy::parse_stored(kind, &text).map_err(|error: PolicyError| format!("{kind:?} policy: {error}"))
    };
    match json {
        Json::Null => Ok(Vec::new()),
        Json::Array(items) => items.iter().map(one).collect(),
        json => Ok(vec![one(json)?]),
    }
}

fn levels(json: &Json, kind: PolicyKind) -> Result<Vec<Vec<Policy>>, String> {
    list(json).map(|level| policies(&level["policies"], kind)).collect()
}

/// `ignoredContextKeys` are keys that the action does not have, so that no request for it would bring them.
fn context(variables: &Json, ignored: &Json) -> MapContext {
    let mut context = MapContext::default();
    for (key, value) in variables.as_object().into_iter().flatten() {
        match value {
            Json::Array(values) => context.set_many(key, values.iter().filter_map(text)),
            one => {
                if let Some(one) = text(one) {
                    context.set(key, one);
                }
            }
        }
    }
    for key in list(ignored).filter_map(text) {
        context.remove(&key);
    }
    context
}
