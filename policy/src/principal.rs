//! Who asks, and whom a policy names.

use crate::error::{PolicyError, PolicyErrorKind as Kind};
use crate::json::Node;
use crate::statement::strings;

/// The caller of a request. A closed list: everyone who can call is one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'r> {
    /// The root user of an account: `arn:aws:iam::111122223333:root`.
    Root {
        /// The ARN of the account.
        arn: &'r str,
    },
    /// An IAM user.
    User {
        /// The ARN of the user, path included.
        arn: &'r str,
    },
    /// A role as such, which the policy simulator asks about; a request always comes from a session.
    Role {
        /// The ARN of the role, path included.
        arn: &'r str,
    },
    /// A session of a role.
    RoleSession {
        /// The ARN of the role, path included.
        role: &'r str,
        /// `arn:aws:sts::111122223333:assumed-role/name/session`.
        session: &'r str,
    },
    /// A session of a service-linked role, which SCPs and RCPs do not bind.
    ServiceLinkedRole {
        /// The ARN of the role.
        role: &'r str,
        /// The ARN of the session.
        session: &'r str,
    },
    /// A session made with GetFederationToken.
    FederatedUser {
        /// `arn:aws:sts::111122223333:federated-user/name`.
        session: &'r str,
        /// The ARN of the user (or root user) who asked for the token.
        issuer: &'r str,
    },
    /// A service on its own behalf.
    Service {
        /// `lambda.amazonaws.com`.
        name: &'r str,
    },
    /// Somebody with a token of a web identity provider, who asks to assume a role.
    WebIdentity {
        /// As a trust policy names it: `accounts.google.com` or the ARN of the OIDC provider.
        provider: &'r str,
    },
    /// Somebody with an assertion of a SAML provider, who asks to assume a role.
    Saml {
        /// The ARN of the SAML provider.
        provider: &'r str,
    },
    /// Nobody that we know.
    Anonymous,
}

impl<'r> Principal<'r> {
    /// The name that a denial shows: the ARN, of the session where there is one.
    #[must_use]
    pub fn name(&self) -> &'r str {
        match *self {
            Self::Root { arn } | Self::User { arn } | Self::Role { arn } => arn,
            Self::RoleSession { session, .. }
            | Self::ServiceLinkedRole { session, .. }
            | Self::FederatedUser { session, .. } => session,
            Self::Service { name } => name,
            Self::WebIdentity { provider } | Self::Saml { provider } => provider,
            Self::Anonymous => "anonymous",
        }
    }

    /// The account that the caller belongs to; none for services, outsiders and strangers.
    #[must_use]
    pub fn account(&self) -> Option<&'r str> {
        match self {
            Self::Service { .. } | Self::WebIdentity { .. } | Self::Saml { .. } | Self::Anonymous => None,
            known => account_of(known.name()),
        }
    }

    pub(crate) fn is_root(&self) -> bool {
        matches!(self, Self::Root { .. })
    }
}

/// The fifth part of an ARN.
fn account_of(arn: &str) -> Option<&str> {
    // Byte by byte: a searcher for each colon cost a quarter of a decision.
    let mut colons = arn.bytes().enumerate().filter(|(_, byte)| *byte == b':').map(|(at, _)| at).skip(3);
    let (before, after) = (colons.next()?, colons.next()?);
    arn.get(before + 1..after).filter(|account| !account.is_empty())
}

/// The caller as statements see it.
pub(crate) struct Subject<'r> {
    pub(crate) principal: Principal<'r>,
    pub(crate) account: Option<&'r str>,
    pub(crate) unique_id: &'r str,
    pub(crate) canonical_user: &'r str,
}

/// How a statement of a resource policy names the caller, which decides what can still limit the permission.
///
/// Source: IAM user guide, "Policy evaluation for requests within a single account", on the impact of resource-based
/// policies by type of principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The account: delegates to it; its own policies must allow too.
    Account,
    /// The role of the session, or the user behind a federated user: boundary and session policy limit.
    Behind,
    /// Everybody (`*`): only a session policy limits. "For IAM users and role principals within your account, no other
    /// permissions are required"; and not even a session policy limits if the statement tests `aws:PrincipalArn`, which
    /// makes it [`Reach::Direct`].
    Everyone,
    /// The caller itself: nothing but explicit denials, SCPs and RCPs limit.
    Direct,
}

/// The `Principal` or `NotPrincipal` element.
#[derive(Debug, Clone)]
pub(crate) enum Principals {
    /// Neither is there: an identity policy, whose principal is whom it is attached to.
    Unspecified,
    Only(Named),
    Not(Named),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Named {
    pub(crate) everyone: bool,
    aws: Vec<Aws>,
    services: Vec<Box<str>>,
    federated: Vec<Box<str>>,
    canonical: Vec<Box<str>>,
}

#[derive(Debug, Clone)]
enum Aws {
    Account(Box<str>),
    Arn(Box<str>),
    /// `AIDA...` or `AROA...`: a user or role whatever its name, and what a deleted one leaves behind.
    UniqueId(Box<str>),
}

impl Principals {
    pub(crate) fn reach(&self, subject: &Subject<'_>) -> Option<Reach> {
        match self {
            Self::Unspecified => Some(Reach::Direct),
            Self::Only(named) => named.reach(subject),
            Self::Not(named) => named.reach(subject).is_none().then_some(Reach::Everyone),
        }
    }

    /// Is it `Principal: "*"`?
    pub(crate) fn is_everyone(&self) -> bool {
        matches!(self, Self::Only(named) if named.everyone)
    }

    /// Names users and roles by the unique ids that are known of them.
    pub(crate) fn bind<'i>(&mut self, id_of: &impl Fn(&str) -> Option<&'i str>) {
        let (Self::Only(named) | Self::Not(named)) = self else { return };
        for aws in &mut named.aws {
            if let Aws::Arn(arn) = aws
                && let Some(id) = id_of(arn)
            {
                *aws = Aws::UniqueId(id.into());
            }
        }
    }

    pub(crate) fn read(node: Node, negated: bool, path: &str) -> Result<Self, PolicyError> {
        let named = Named::read(node, path)?;
        Ok(if negated { Self::Not(named) } else { Self::Only(named) })
    }
}

impl Named {
    fn reach(&self, subject: &Subject<'_>) -> Option<Reach> {
        let by_kind = match subject.principal {
            Principal::Anonymous => None,
            Principal::Service { name } => has(&self.services, name).then_some(Reach::Direct),
            Principal::WebIdentity { provider } | Principal::Saml { provider } => {
                has(&self.federated, provider).then_some(Reach::Direct)
            }
            _ => self
                .aws
                .iter()
                .filter_map(|aws| aws.reach(subject))
                .max()
                .or_else(|| self.by_canonical(subject)),
        };
        by_kind.max(self.everyone.then_some(Reach::Everyone))
    }

    fn by_canonical(&self, subject: &Subject<'_>) -> Option<Reach> {
        let named = !subject.canonical_user.is_empty() && has(&self.canonical, subject.canonical_user);
        named.then(|| if subject.principal.is_root() { Reach::Direct } else { Reach::Account })
    }

    fn read(node: Node, path: &str) -> Result<Self, PolicyError> {
        let mut named = Self::default();
        match node {
            Node::Text(text) if text == "*" => named.everyone = true,
            Node::Object(members) => {
                for (kind, node) in members {
                    named.member(&kind, node, &format!("{path}.{kind}"))?;
                }
            }
            other => {
                let detail = format!("{} that is neither \"*\" nor an object", other.kind());
                return Err(invalid(detail, path));
            }
        }
        Ok(named)
    }

    fn member(&mut self, kind: &str, node: Node, path: &str) -> Result<(), PolicyError> {
        let texts = principal_strings(path, node)?;
        let boxed = texts.iter().map(|text| text.as_str().into());
        match kind {
            "AWS" => {
                for text in &texts {
                    if text == "*" { self.everyone = true } else { self.aws.push(Aws::read(text, path)?) }
                }
            }
            "Service" => self.services.extend(boxed),
            "Federated" => self.federated.extend(boxed),
            "CanonicalUser" => self.canonical.extend(boxed),
            _ => return Err(invalid(format!("\"{kind}\" is no kind of principal"), path)),
        }
        Ok(())
    }
}

/// An account id may be written as a number.
fn principal_strings(path: &str, node: Node) -> Result<Vec<String>, PolicyError> {
    let text = |node| match node {
        Node::Number(number) => Node::Text(number),
        other => other,
    };
    strings(
        path,
        match node {
            Node::List(items) => Node::List(items.into_iter().map(text).collect()),
            one => text(one),
        },
    )
}

impl Aws {
    fn read(text: &str, path: &str) -> Result<Self, PolicyError> {
        if is_account(text) {
            return Ok(Self::Account(text.into()));
        }
        if let Some(account) = account_of(text).filter(|_| text.starts_with("arn:")) {
            let is_root = text.ends_with(":root") && text.contains(":iam:");
            return Ok(if is_root { Self::Account(account.into()) } else { Self::Arn(text.into()) });
        }
        let is_id = text.len() >= 16 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if is_id {
            return Ok(Self::UniqueId(text.into()));
        }
        Err(invalid(format!("\"{text}\" is no account, ARN or unique id"), path))
    }

    fn reach(&self, subject: &Subject<'_>) -> Option<Reach> {
        match self {
            Self::Account(account) => (subject.account == Some(account))
                .then(|| if subject.principal.is_root() { Reach::Direct } else { Reach::Account }),
            Self::Arn(arn) => by_arn(arn, &subject.principal),
            Self::UniqueId(id) => {
                let named = !subject.unique_id.is_empty() && **id == *subject.unique_id;
                let is_user = matches!(subject.principal, Principal::User { .. });
                named.then_some(if is_user { Reach::Direct } else { Reach::Behind })
            }
        }
    }
}

fn by_arn(arn: &str, principal: &Principal<'_>) -> Option<Reach> {
    let (itself, behind) = match *principal {
        Principal::User { arn } => (arn, ""),
        Principal::Role { arn } => ("", arn),
        Principal::RoleSession { role, session } | Principal::ServiceLinkedRole { role, session } => {
            (session, role)
        }
        Principal::FederatedUser { session, issuer } => (session, issuer),
        _ => return None,
    };
    if arn == itself {
        Some(Reach::Direct)
    } else if arn == behind {
        Some(Reach::Behind)
    } else {
        None
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn has(list: &[Box<str>], name: &str) -> bool {
    list.iter().any(|listed| **listed == *name || &**listed == "*")
}

fn invalid(detail: String, path: &str) -> PolicyError {
    PolicyError::new(Kind::Principal, "Invalid principal in policy", detail).at(path)
}
