//! A small world: one resource, one caller, policies given as JSON statements.

use alcazar_policy::{
    Decision, Layer, Layers, MapContext, Organization, Policy, PolicyKind, Principal, Request, Resource,
    ResourceTrust, Verdict, decide,
};

pub(crate) const OWN: &str = "111111111111";
pub(crate) const OTHER: &str = "222222222222";
pub(crate) const ALICE: Principal<'_> = Principal::User { arn: "arn:aws:iam::111111111111:user/Alice" };
pub(crate) const ROOT: Principal<'_> = Principal::Root { arn: "arn:aws:iam::111111111111:root" };
pub(crate) const SESSION: Principal<'_> = Principal::RoleSession {
    role: "arn:aws:iam::111111111111:role/team/App",
    session: "arn:aws:sts::111111111111:assumed-role/App/s1",
};
pub(crate) const LINKED: Principal<'_> = Principal::ServiceLinkedRole {
    role: "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    session: "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForX/s1",
};
pub(crate) const BOB: Principal<'_> = Principal::FederatedUser {
    session: "arn:aws:sts::111111111111:federated-user/Bob",
    issuer: "arn:aws:iam::111111111111:user/Alice",
};
pub(crate) const LAMBDA: Principal<'_> = Principal::Service { name: "lambda.amazonaws.com" };

pub(crate) const ALLOW_ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
pub(crate) const DENY_ALL: &str = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
pub(crate) const ALLOW_EC2: &str = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;

/// `{"Effect": effect, "Principal": principal, ...}` over everything.
pub(crate) fn names(effect: &str, principal: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":"*","Resource":"*"}}"#)
}

pub(crate) fn aws(effect: &str, arn: &str) -> String {
    names(effect, &format!(r#"{{"AWS":"{arn}"}}"#))
}

/// What is asked and what is said about it. Text of each layer: the statements, comma-separated.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) who: Principal<'static>,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) owner: &'static str,
    pub(crate) trust: ResourceTrust,
    pub(crate) restrict_public: bool,
    pub(crate) management: bool,
    pub(crate) context: MapContext,
    pub(crate) identity: Vec<String>,
    pub(crate) resource_policy: Option<String>,
    pub(crate) boundary: Option<String>,
    pub(crate) session: Option<String>,
    pub(crate) endpoint: Option<String>,
    pub(crate) scps: Vec<Vec<String>>,
    pub(crate) rcps: Vec<Vec<String>>,
}

impl World {
    pub(crate) fn of(who: Principal<'static>) -> Self {
        Self {
            who,
            action: "s3:GetObject",
            resource: "arn:aws:s3:::bucket/key",
            owner: OWN,
            trust: ResourceTrust::OwnAccount,
            restrict_public: false,
            management: false,
            context: MapContext::default(),
            identity: Vec::new(),
            resource_policy: None,
            boundary: None,
            session: None,
            endpoint: None,
            scps: Vec::new(),
            rcps: Vec::new(),
        }
    }

    pub(crate) fn identity(mut self, statements: &str) -> Self {
        self.identity.push(statements.to_owned());
        self
    }

    pub(crate) fn resource(mut self, statements: impl Into<String>) -> Self {
        self.resource_policy = Some(statements.into());
        self
    }

    pub(crate) fn boundary(mut self, statements: &str) -> Self {
        self.boundary = Some(statements.to_owned());
        self
    }

    pub(crate) fn session(mut self, statements: &str) -> Self {
        self.session = Some(statements.to_owned());
        self
    }

    pub(crate) fn endpoint(mut self, statements: impl Into<String>) -> Self {
        self.endpoint = Some(statements.into());
        self
    }

    /// One level more of the organization, with one policy a statement.
    pub(crate) fn scp(mut self, policies: &[&str]) -> Self {
        self.scps.push(policies.iter().map(|s| (*s).to_owned()).collect());
        self
    }

    pub(crate) fn rcp(mut self, policies: &[&str]) -> Self {
        self.rcps.push(policies.iter().map(|s| (*s).to_owned()).collect());
        self
    }

    pub(crate) fn owned_by(mut self, account: &'static str) -> Self {
        self.owner = account;
        self
    }

    pub(crate) fn trust(mut self, trust: ResourceTrust) -> Self {
        self.trust = trust;
        self
    }

    pub(crate) fn key(mut self, key: &str, value: &str) -> Self {
        self.context.set(key, value);
        self
    }

    pub(crate) fn keys(mut self, key: &str, values: &[&str]) -> Self {
        self.context.set_many(key, values.iter().copied());
        self
    }

    /// Decides, and hands the decision to `look` (it borrows the policies).
    pub(crate) fn decide<T>(&self, look: impl FnOnce(&Decision<'_>, &Request<'_>) -> T) -> T {
        let all = |texts: &[String], kind| texts.iter().map(|text| policy(kind, text)).collect::<Vec<_>>();
        let one = |text: &Option<String>, kind| text.as_ref().map(|text| policy(kind, text));
        let identity = all(&self.identity, PolicyKind::Identity);
        let kind =
            if self.trust == ResourceTrust::RoleTrust { PolicyKind::Trust } else { PolicyKind::Resource };
        let resource = one(&self.resource_policy, kind);
        let boundary = one(&self.boundary, PolicyKind::Boundary);
        let session = one(&self.session, PolicyKind::Session);
        let endpoint = one(&self.endpoint, PolicyKind::VpcEndpoint);
        let levels = |levels: &[Vec<String>], kind| levels.iter().map(|l| all(l, kind)).collect::<Vec<_>>();
        let (scps, rcps) = (levels(&self.scps, PolicyKind::Scp), levels(&self.rcps, PolicyKind::Rcp));
        let layers = Layers {
            rcps: organization(&rcps, self.management),
            scps: organization(&scps, self.management),
            vpc_endpoint: endpoint.as_ref().map(|p| [p].into_iter().collect()),
            resource: Resource {
                policies: resource.iter().collect(),
                trust: self.trust,
                restrict_public: self.restrict_public,
                ..Resource::default()
            },
            boundary: boundary.as_ref().map(|p| [p].into_iter().collect()),
            session: session.as_ref().map(|p| [p].into_iter().collect()),
            identity: identity.iter().collect(),
        };
        let request = Request::new(self.who, self.action, self.resource, self.owner).with(&self.context);
        look(&decide(&request, &layers), &request)
    }

    pub(crate) fn verdict(&self) -> (Verdict, Layer) {
        self.decide(|decision, _| (decision.verdict, decision.layer))
    }

    #[track_caller]
    pub(crate) fn allowed_by(&self, layer: Layer) {
        assert_eq!(self.verdict(), (Verdict::Allowed, layer));
    }

    #[track_caller]
    pub(crate) fn silent(&self, layer: Layer) {
        assert_eq!(self.verdict(), (Verdict::ImplicitlyDenied, layer));
    }

    #[track_caller]
    pub(crate) fn denied_by(&self, layer: Layer) {
        assert_eq!(self.verdict(), (Verdict::ExplicitlyDenied, layer));
    }
}

fn organization<'p>(levels: &'p [Vec<Policy>], management_account: bool) -> Organization<'p> {
    Organization { management_account, levels: levels.iter().map(|level| level.iter().collect()).collect() }
}

pub(crate) fn policy(kind: PolicyKind, statements: &str) -> Policy {
    let text = document(statements);
    Policy::parse_stored(kind, &text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub(crate) fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}
