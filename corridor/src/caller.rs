use std::borrow::Cow;
use std::sync::Arc;

use alcazar_core::{AccountId, Arn};
use alcazar_directory::{Role, User};

use crate::Session;

/// Who calls, proven by a signature (or by the frame itself, for services). Only the corridor makes one.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(crate) principal: Principal,
    pub(crate) account: AccountId,
    pub(crate) arn: Arn,
    pub(crate) credential: Option<Credential>,
}

/// The kinds of principal: a closed list.
#[derive(Debug, Clone)]
pub enum Principal {
    /// An account's root user.
    Root,
    /// An IAM user.
    User(Arc<User>),
    /// A session of a role.
    Role {
        /// The role as it is now.
        role: Arc<Role>,
        /// The session.
        session: Arc<Session>,
    },
    /// A user federated by GetFederationToken: the user or root who called it, narrowed.
    Federated {
        /// The user that federated it; `None` for root.
        user: Option<Arc<User>>,
        /// The session.
        session: Arc<Session>,
    },
    /// An AWS service acting for itself: `kms.amazonaws.com`. Made by the frame alone.
    Service(&'static str),
}

/// What the call was signed with.
#[derive(Debug, Clone)]
pub struct Credential {
    /// `AKIA...` or `ASIA...`.
    pub access_key_id: String,
    /// The session that the token carried; `None` for long-term keys.
    pub session: Option<Arc<Session>>,
}

impl Caller {
    pub(crate) fn service(name: &'static str, account: AccountId, partition: &str) -> Self {
        let arn = Arn::new(partition, "iam", "", account.as_str(), &format!("service/{name}"));
        Self { principal: Principal::Service(name), account, arn, credential: None }
    }

    /// What kind of principal it is.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The account it belongs to.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The ARN by which policies and records know it: for a role session, the session's.
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// What the call was signed with; `None` for services and built-in roles.
    pub fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }

    /// The session, for temporary credentials.
    pub fn session(&self) -> Option<&Arc<Session>> {
        match &self.principal {
            // A built-in role's session is signed with nothing.
            Principal::Role { session, .. } | Principal::Federated { session, .. } => Some(session),
            _ => self.credential.as_ref().and_then(|credential| credential.session.as_ref()),
        }
    }

    /// Whether it is the account's root user.
    pub fn is_root(&self) -> bool {
        matches!(self.principal, Principal::Root)
    }

    /// The unique id: the account's for root, `AIDA...` for a user, `AROA...:session` for a role session. The value of `aws:userid`.
    pub fn user_id(&self) -> Cow<'_, str> {
        match &self.principal {
            Principal::Root => self.account.as_str().into(),
            Principal::User(user) => user.id.as_str().into(),
            Principal::Role { role, session } => format!("{}:{}", role.id, session.name).into(),
            Principal::Federated { session, .. } => format!("{}:{}", self.account, session.name).into(),
            Principal::Service(name) => (*name).into(),
        }
    }

    /// The ARN of the principal behind a session: the role's, or the caller's own. The value of `aws:PrincipalArn`.
    pub fn principal_arn(&self) -> &Arn {
        match &self.principal {
            Principal::Role { role, .. } => &role.arn,
            _ => &self.arn,
        }
    }
}
