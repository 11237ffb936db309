//! A statement: who, what, on what, when.

use crate::condition::Condition;
use crate::context::Context;
use crate::document::{text_of, unknown};
use crate::error::{PolicyError, PolicyErrorKind as Kind};
use crate::json::Node;
use crate::pattern::Pattern;
use crate::principal::{Principals, Reach, Subject};
use crate::resource;
use crate::variables::{Text, Unresolved, any};

/// What a statement does where it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Permits.
    Allow,
    /// Forbids, whatever else permits.
    Deny,
}

/// A compiled statement.
#[derive(Debug, Clone)]
pub struct Statement {
    sid: Option<Box<str>>,
    effect: Effect,
    pub(crate) principals: Principals,
    pub(crate) actions: Option<Listed<Pattern>>,
    pub(crate) resources: Option<Listed<Text>>,
    conditions: Box<[Condition]>,
    /// Patterns as written, for the rules of validation.
    pub(crate) written_actions: Box<[Box<str>]>,
    pub(crate) written_resources: Box<[Box<str>]>,
}

/// The patterns of `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone)]
pub(crate) struct Listed<T> {
    pub(crate) negated: bool,
    patterns: Box<[T]>,
}

/// What is asked of a statement.
pub(crate) struct Ask<'r> {
    pub(crate) subject: Subject<'r>,
    pub(crate) action: &'r str,
    pub(crate) resource: &'r str,
    pub(crate) context: &'r dyn Context,
}

impl Statement {
    /// The `Sid` element.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// `Allow` or `Deny`.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The conditions, all of which must hold.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// `Action` patterns as written; those of `NotAction` if [`Statement::is_not_action`].
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.written_actions.iter().map(|text| &**text)
    }

    /// Are the actions those of a `NotAction` element?
    #[must_use]
    pub fn is_not_action(&self) -> bool {
        self.actions.as_ref().is_some_and(|listed| listed.negated)
    }

    /// `Resource` patterns as written; those of `NotResource` if [`Statement::is_not_resource`].
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.written_resources.iter().map(|text| &**text)
    }

    /// Are the resources those of a `NotResource` element?
    #[must_use]
    pub fn is_not_resource(&self) -> bool {
        self.resources.as_ref().is_some_and(|listed| listed.negated)
    }

    /// Every condition key and variable that the statement reads.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().flat_map(Condition::keys).chain(self.variable_keys())
    }

    fn variable_keys(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().flat_map(|listed| listed.patterns.iter().flat_map(Text::keys))
    }

    /// Does the statement apply, and how does it name the caller? Keys that were asked for in vain go to `missing`.
    pub(crate) fn applies<'p>(&'p self, ask: &Ask<'_>, missing: &mut dyn FnMut(&'p str)) -> Option<Reach> {
        if !self.matches_action(ask.action) {
            return None;
        }
        let reach = self.principals.reach(&ask.subject)?;
        match self.holds(ask, missing) {
            Ok(true) => Some(self.widened(reach)),
            Ok(false) => None,
            Err(Unresolved) => {
                // The statement is void; say which variable made it so.
                self.keys()
                    .filter(|key| ask.context.get(&key.to_ascii_lowercase()).is_none())
                    .for_each(missing);
                None
            }
        }
    }

    fn matches_action(&self, action: &str) -> bool {
        self.actions.as_ref().is_some_and(|listed| {
            listed.patterns.iter().any(|pattern| pattern.matches_ignoring_case(action)) != listed.negated
        })
    }

    fn holds<'p>(&'p self, ask: &Ask<'_>, missing: &mut dyn FnMut(&'p str)) -> Result<bool, Unresolved> {
        if !self.matches_resource(ask)? {
            return Ok(false);
        }
        for condition in &self.conditions {
            let outcome = condition.evaluate(ask.context)?;
            if outcome.missing {
                missing(condition.key());
            }
            if !outcome.holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A statement without resources (a trust policy) is about the resource that it is attached to.
    fn matches_resource(&self, ask: &Ask<'_>) -> Result<bool, Unresolved> {
        let Some(listed) = &self.resources else { return Ok(true) };
        any(&listed.patterns, |pattern| pattern.matches(ask.resource, ask.context))
            .map(|hit| hit != listed.negated)
    }

    /// "Identity-based policy types, such as permissions boundaries or session policies, do not limit permissions
    /// granted using the aws:PrincipalArn condition key with a wildcard in the Principal element" (IAM user guide,
    /// "Principal").
    fn widened(&self, reach: Reach) -> Reach {
        let names_arn = || self.conditions.iter().any(|c| c.key().eq_ignore_ascii_case("aws:PrincipalArn"));
        if reach == Reach::Everyone && self.principals.is_everyone() && names_arn() {
            Reach::Direct
        } else {
            reach
        }
    }

    /// Reads one statement; `variables` if the version has them; `path` for messages.
    pub(crate) fn read(node: Node, variables: bool, path: &str) -> Result<Self, PolicyError> {
        let Node::Object(members) = node else {
            return Err(PolicyError::syntax(Kind::Value, format!("a statement is {}", node.kind())).at(path));
        };
        let mut reader = Reader { path, variables, ..Reader::default() };
        for (name, node) in members {
            reader.member(&name, node)?;
        }
        reader.finish()
    }
}

/// Collects the members of a statement.
#[derive(Default)]
struct Reader<'a> {
    path: &'a str,
    variables: bool,
    sid: Option<Box<str>>,
    effect: Option<Effect>,
    principals: Option<Principals>,
    actions: Option<(bool, Vec<String>)>,
    resources: Option<(bool, Vec<String>)>,
    conditions: Vec<Condition>,
}

impl Reader<'_> {
    fn member(&mut self, name: &str, node: Node) -> Result<(), PolicyError> {
        let path = format!("{}.{name}", self.path);
        match name {
            "Sid" => self.sid = Some(text_of(&path, node)?.into()),
            "Effect" => self.effect = Some(effect(&path, node)?),
            "Principal" | "NotPrincipal" => {
                let principals = Principals::read(node, name == "NotPrincipal", &path)?;
                once(&mut self.principals, principals, &path)?;
            }
            "Action" | "NotAction" => {
                once(&mut self.actions, (name == "NotAction", strings(&path, node)?), &path)?;
            }
            "Resource" | "NotResource" => {
                once(&mut self.resources, (name == "NotResource", strings(&path, node)?), &path)?;
            }
            "Condition" => self.conditions = crate::condition::read(node, self.variables, &path)?,
            _ => return Err(unknown(&path)),
        }
        Ok(())
    }

    fn finish(self) -> Result<Statement, PolicyError> {
        let effect = self.effect.ok_or_else(|| {
            PolicyError::syntax(Kind::MissingElement, "the statement has no Effect").at(self.path)
        })?;
        let boxed = |list: &Option<(bool, Vec<String>)>| -> Box<[Box<str>]> {
            list.iter().flat_map(|(_, texts)| texts).map(|text| text.as_str().into()).collect()
        };
        let (written_actions, written_resources) = (boxed(&self.actions), boxed(&self.resources));
        let variables = self.variables;
        Ok(Statement {
            sid: self.sid,
            effect,
            principals: self.principals.unwrap_or(Principals::Unspecified),
            actions: self.actions.map(|(negated, texts)| Listed {
                negated,
                patterns: texts.iter().map(|text| Pattern::lower_cased(text)).collect(),
            }),
            resources: self.resources.map(|(negated, texts)| Listed {
                negated,
                patterns: texts.iter().map(|text| resource::compile(text, variables)).collect(),
            }),
            conditions: self.conditions.into(),
            written_actions,
            written_resources,
        })
    }
}

/// `Action` and `NotAction` exclude each other, and so on.
fn once<T>(slot: &mut Option<T>, value: T, path: &str) -> Result<(), PolicyError> {
    if slot.replace(value).is_some() {
        return Err(PolicyError::syntax(Kind::UnknownElement, "excluded by another element").at(path));
    }
    Ok(())
}

fn effect(path: &str, node: Node) -> Result<Effect, PolicyError> {
    match text_of(path, node)?.as_str() {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => {
            Err(PolicyError::syntax(Kind::Value, format!("effect \"{other}\" is neither Allow nor Deny"))
                .at(path))
        }
    }
}

/// One string or a list of them.
pub(crate) fn strings(path: &str, node: Node) -> Result<Vec<String>, PolicyError> {
    match node {
        Node::List(items) => {
            items.into_iter().enumerate().map(|(at, item)| text_of(&format!("{path}[{at}]"), item)).collect()
        }
        one => Ok(vec![text_of(path, one)?]),
    }
}
