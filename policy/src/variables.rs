//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'default'}`, and the three characters that would
//! otherwise be special: `${*}`, `${?}`, `${$}`.
//!
//! Only policies of Version 2012-10-17 have them. A variable whose key is absent from the request and that has no
//! default makes its statement not match (IAM user guide, "Policy elements: Variables and tags").

use crate::context::{Context, Values};
use crate::pattern::{Pattern, Scratch, glob_bytes, push_pattern};

/// A string of a policy that may hold variables.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    parts: Box<[Part]>,
}

#[derive(Debug, Clone)]
enum Part {
    /// Text, with wildcards already compiled where the place allows wildcards.
    Text(Box<[u8]>),
    Variable {
        key: Box<str>,
        default: Option<Box<str>>,
    },
}

/// How the text around the variables is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Yes,
    No,
}

/// A variable that the request does not resolve: the statement does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unresolved;

/// A pattern that holds variables or does not.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Fixed(Pattern),
    Template(Template),
}

impl Text {
    /// Compiles `text`; variables are honoured only if `variables` (Version 2012-10-17).
    pub(crate) fn compile(text: &str, variables: bool, wildcards: Wildcards) -> Self {
        if variables && text.contains("${") {
            let template = Template::parse(text, wildcards);
            return match &*template.parts {
                [Part::Text(only)] => Self::Fixed(Pattern::from_bytes(only)),
                _ => Self::Template(template),
            };
        }
        let mut bytes = Scratch::new();
        push(&mut bytes, text, wildcards);
        Self::Fixed(Pattern::from_bytes(&bytes))
    }

    /// Does `text` match, with variables taken from `context`?
    pub(crate) fn matches(&self, text: &str, context: &dyn Context) -> Result<bool, Unresolved> {
        match self {
            Self::Fixed(pattern) => Ok(pattern.matches(text)),
            Self::Template(template) => {
                let mut bytes = Scratch::new();
                template.resolve(context, &mut bytes)?;
                Ok(glob_bytes(&bytes, text.as_bytes()))
            }
        }
    }

    /// The keys of the variables, lower case.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let parts = match self {
            Self::Fixed(_) => &[][..],
            Self::Template(template) => &template.parts,
        };
        parts.iter().filter_map(|part| match part {
            Part::Variable { key, .. } => Some(&**key),
            Part::Text(_) => None,
        })
    }
}

impl Template {
    pub(crate) fn parse(text: &str, wildcards: Wildcards) -> Self {
        let mut parts = Vec::new();
        let mut fixed = Scratch::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            push(&mut fixed, before, wildcards);
            let Some((inner, tail)) = split_variable(after) else {
                // No end: the text is what it is.
                push(&mut fixed, "${", wildcards);
                rest = after;
                continue;
            };
            match inner {
                "*" | "?" | "$" => fixed.extend_from_slice(inner.as_bytes()),
                _ => {
                    if !fixed.is_empty() {
                        parts.push(Part::Text(fixed.as_slice().into()));
                        fixed.clear();
                    }
                    parts.push(variable(inner));
                }
            }
            rest = tail;
        }
        push(&mut fixed, rest, wildcards);
        if !fixed.is_empty() || parts.is_empty() {
            parts.push(Part::Text(fixed.as_slice().into()));
        }
        Self { parts: parts.into() }
    }

    /// Writes the compiled pattern: wildcards of the policy stay wildcards, those in a value are literal.
    pub(crate) fn resolve(&self, context: &dyn Context, out: &mut Scratch) -> Result<(), Unresolved> {
        for part in &self.parts {
            match part {
                Part::Text(bytes) => out.extend_from_slice(bytes),
                Part::Variable { key, default } => match (context.get(key), default) {
                    // A key with several values cannot stand for one string.
                    (Some(Values::One(value)), _) => out.extend_from_slice(value.text().as_bytes()),
                    (_, Some(default)) => out.extend_from_slice(default.as_bytes()),
                    (_, None) => return Err(Unresolved),
                },
            }
        }
        Ok(())
    }
}

/// Does any item match? One is enough, wherever it stands; without one, an unresolved variable voids the statement.
pub(crate) fn any<T>(items: &[T], test: impl Fn(&T) -> Result<bool, Unresolved>) -> Result<bool, Unresolved> {
    let mut unresolved = false;
    for item in items {
        match test(item) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(Unresolved) => unresolved = true,
        }
    }
    if unresolved { Err(Unresolved) } else { Ok(false) }
}

fn push(out: &mut Scratch, text: &str, wildcards: Wildcards) {
    match wildcards {
        Wildcards::Yes => push_pattern(out, text),
        Wildcards::No => out.extend_from_slice(text.as_bytes()),
    }
}

/// Splits what follows `${` at its closing brace; a brace inside a quoted default does not close.
fn split_variable(after: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, c) in after.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '}' if !quoted => return Some((after.get(..at)?, after.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

fn variable(inner: &str) -> Part {
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => (key, unquote(default.trim())),
        None => (inner, None),
    };
    Part::Variable { key: key.trim().to_ascii_lowercase().into(), default: default.map(Into::into) }
}

fn unquote(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'')
}

#[cfg(test)]
mod tests {
    use super::{Text, Unresolved, Wildcards};
    use crate::context::MapContext;

    fn matches(pattern: &str, text: &str, pairs: &[(&str, &str)]) -> Result<bool, Unresolved> {
        Text::compile(pattern, true, Wildcards::Yes).matches(text, &MapContext::from_pairs(pairs))
    }

    #[test]
    fn a_variable_takes_the_value_of_its_key_whatever_its_case() {
        let alice = [("aws:username", "Alice")];
        assert_eq!(matches("home/${AWS:UserName}/*", "home/Alice/x", &alice), Ok(true));
        assert_eq!(matches("home/${aws:username}/*", "home/Bob/x", &alice), Ok(false));
    }

    #[test]
    fn wildcards_in_a_value_are_literal() {
        let star = [("aws:username", "*")];
        assert_eq!(matches("home/${aws:username}", "home/Alice", &star), Ok(false));
        assert_eq!(matches("home/${aws:username}", "home/*", &star), Ok(true));
    }

    #[test]
    fn special_characters_can_be_written() {
        assert_eq!(matches("a${*}b${?}c${$}", "a*b?c$", &[]), Ok(true));
        assert_eq!(matches("a${*}", "axx", &[]), Ok(false));
    }

    #[test]
    fn a_default_serves_when_the_key_is_absent() {
        let pattern = "x/${aws:PrincipalTag/team, 'company-wide'}/*";
        assert_eq!(matches(pattern, "x/company-wide/f", &[]), Ok(true));
        assert_eq!(matches(pattern, "x/red/f", &[("aws:principaltag/team", "red")]), Ok(true));
        assert_eq!(matches("${a:b, 'x}y'}", "x}y", &[]), Ok(true));
    }

    #[test]
    fn without_key_or_default_it_is_unresolved() {
        assert_eq!(matches("x/${aws:none}/*", "x//f", &[]), Err(Unresolved));
    }

    #[test]
    fn an_unclosed_variable_is_text() {
        assert_eq!(matches("x${aws:username", "x${aws:username", &[]), Ok(true));
    }

    #[test]
    fn the_old_version_has_no_variables() {
        let text = Text::compile("${aws:username}", false, Wildcards::Yes);
        assert_eq!(text.matches("${aws:username}", &MapContext::default()), Ok(true));
    }
}
