//! A policy document: read once, evaluated many times.

use crate::error::{PolicyError, PolicyErrorKind as Kind};
use crate::json::{self, Node};
use crate::statement::Statement;
use crate::validate;

/// Where a policy stands, and so which rules its text must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyKind {
    /// Attached to a user, group or role.
    Identity,
    /// Attached to a resource: bucket policy, key policy, queue policy.
    Resource,
    /// Says who may assume a role.
    Trust,
    /// Service control policy: bounds the principals of accounts.
    Scp,
    /// Resource control policy: bounds the resources of accounts.
    Rcp,
    /// Passed when a session is made.
    Session,
    /// Permissions boundary of a user or role.
    Boundary,
    /// Attached to a VPC endpoint.
    VpcEndpoint,
}

impl PolicyKind {
    /// May (and must) its statements name principals?
    #[must_use]
    pub fn names_principals(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::Rcp | Self::VpcEndpoint)
    }
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `2008-10-17`, also where the document names none: no policy variables.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// No policy of AWS is longer (a KMS key policy may have 32 KiB, a bucket policy 20 KiB).
const MAX_BYTES: usize = 64 * 1024;

/// A compiled policy document.
#[derive(Debug, Clone)]
pub struct Policy {
    kind: PolicyKind,
    text: Box<str>,
    version: Option<Version>,
    id: Option<Box<str>>,
    arn: Option<Box<str>>,
    statements: Box<[Statement]>,
}

impl Policy {
    /// Reads a policy that somebody wants to put in force.
    ///
    /// # Errors
    /// [`PolicyError`] if the text is not JSON, departs from the grammar of the language, or breaks a rule of its kind
    /// (IAM user guide, "Grammar of the IAM JSON policy language" and the quotas page).
    pub fn parse(kind: PolicyKind, text: &str) -> Result<Self, PolicyError> {
        let policy = Self::parse_stored(kind, text)?;
        validate::check(&policy)?;
        Ok(policy)
    }

    /// Reads a policy that was accepted elsewhere or before: the grammar must hold (and principals stand only where
    /// they may), the rules for writing need not.
    ///
    /// # Errors
    /// [`PolicyError`] if the text is not JSON or departs from the grammar.
    pub fn parse_stored(kind: PolicyKind, text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_BYTES {
            let detail = format!("{} bytes, at most {MAX_BYTES} are read", text.len());
            return Err(PolicyError::new(Kind::Size, "Policy document is too long.", detail));
        }
        let Node::Object(members) = read(text)? else {
            return Err(PolicyError::syntax(Kind::Value, "the document is not an object"));
        };
        let mut policy =
            Self { kind, text: text.into(), version: None, id: None, arn: None, statements: Box::default() };
        let mut statements = None;
        for (name, node) in members {
            match name.as_str() {
                "Version" => policy.version = Some(version(&node)?),
                "Id" => policy.id = Some(text_of("Id", node)?.into()),
                "Statement" => statements = Some(node),
                _ => return Err(unknown(&name)),
            }
        }
        let statements = statements
            .ok_or_else(|| PolicyError::syntax(Kind::MissingElement, "the document has no Statement"))?;
        policy.statements = policy.read_statements(statements)?;
        validate::structure(&policy)?;
        Ok(policy)
    }

    /// Gives the policy the ARN by which denials name it.
    #[must_use]
    pub fn with_arn(mut self, arn: &str) -> Self {
        self.arn = Some(arn.into());
        self
    }

    /// Binds the users and roles that the policy names by their ARNs to the unique ids that `id_of` tells: then it names those who have
    /// these ids, and nobody who comes to bear such an ARN later.
    /// Source: IAM user guide, "AWS JSON policy elements: Principal", on ARNs that become unique ids when the policy is saved.
    #[must_use]
    pub fn bound<'i>(mut self, id_of: impl Fn(&str) -> Option<&'i str>) -> Self {
        for statement in &mut self.statements {
            statement.principals.bind(&id_of);
        }
        self
    }

    fn read_statements(&self, node: Node) -> Result<Box<[Statement]>, PolicyError> {
        let variables = self.version() == Version::V2012;
        match node {
            Node::List(items) => items
                .into_iter()
                .enumerate()
                .map(|(at, item)| Statement::read(item, variables, &format!("Statement[{at}]")))
                .collect(),
            one @ Node::Object(_) => Ok(Box::new([Statement::read(one, variables, "Statement")?])),
            other => {
                let detail = format!("Statement is {}, not a list", other.kind());
                Err(PolicyError::syntax(Kind::Value, detail).at("Statement"))
            }
        }
    }

    /// The text as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the policy stands.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// The version of the language; [`Version::V2008`] if the document names none.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version.unwrap_or(Version::V2008)
    }

    /// The `Id` element.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The ARN given with [`Policy::with_arn`].
    #[must_use]
    pub fn arn(&self) -> Option<&str> {
        self.arn.as_deref()
    }

    /// The statements in their order.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Length in characters as AWS counts it against quotas: without white space.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.chars().filter(|c| !c.is_whitespace()).count()
    }

    /// Every condition key and variable that the policy reads, each once, sorted, in the spelling of its first use
    /// (GetContextKeysForCustomPolicy).
    #[must_use]
    pub fn context_keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self.statements.iter().flat_map(Statement::keys).collect();
        keys.sort_by_key(|key| key.to_ascii_lowercase());
        keys.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
        keys
    }
}

fn read(text: &str) -> Result<Node, PolicyError> {
    json::parse(text).map_err(|error| {
        let place = (error.line, error.column);
        let error = if error.message.starts_with(json::DUPLICATE) {
            PolicyError::syntax(Kind::DuplicateKey, error.message)
        } else {
            PolicyError::new(Kind::Json, "This policy contains invalid Json", error.message)
        };
        error.at_position(place.0, place.1)
    })
}

fn version(node: &Node) -> Result<Version, PolicyError> {
    match node {
        Node::Text(text) if text == "2012-10-17" => Ok(Version::V2012),
        Node::Text(text) if text == "2008-10-17" => Ok(Version::V2008),
        _ => {
            Err(PolicyError::syntax(Kind::Value, "Version is neither 2012-10-17 nor 2008-10-17")
                .at("Version"))
        }
    }
}

/// The string that `node` must be.
pub(crate) fn text_of(path: &str, node: Node) -> Result<String, PolicyError> {
    match node {
        Node::Text(text) => Ok(text),
        other => {
            Err(PolicyError::syntax(Kind::Value, format!("{} where a string must be", other.kind())).at(path))
        }
    }
}

pub(crate) fn unknown(path: &str) -> PolicyError {
    PolicyError::syntax(Kind::UnknownElement, "the language has no such element").at(path)
}
