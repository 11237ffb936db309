//! ARN operators: "each of the six colon-delimited components of the ARN is checked separately and each can include"
//! wildcards (IAM user guide, "ARN condition operators"), so that `*` never crosses a colon but in the last part.

use crate::context::Context;
use crate::pattern::{Pattern, Scratch, glob_bytes};
use crate::variables::{Text, Unresolved, Wildcards};

const PARTS: usize = 6;

#[derive(Debug, Clone)]
pub(super) enum ArnPattern {
    /// Taken apart once.
    Fixed(Box<[Pattern; PARTS]>),
    Template(Text),
    /// Has fewer than six parts, `*` alone too: matches nothing.
    Never,
}

impl ArnPattern {
    pub(super) fn compile(text: &str, variables: bool) -> Self {
        match Text::compile(text, variables, Wildcards::Yes) {
            Text::Fixed(_) => Self::fixed(text, variables).unwrap_or(Self::Never),
            template @ Text::Template(_) => Self::Template(template),
        }
    }

    /// Each part is compiled for itself, so that `${*}` and the like keep their meaning.
    fn fixed(text: &str, variables: bool) -> Option<Self> {
        let mut parts =
            split(text)?.into_iter().map(|part| match Text::compile(part, variables, Wildcards::Yes) {
                Text::Fixed(pattern) => Some(pattern),
                Text::Template(_) => None,
            });
        let mut next = || parts.next().flatten();
        Some(Self::Fixed(Box::new([next()?, next()?, next()?, next()?, next()?, next()?])))
    }

    /// Is the account, or else the resource, fixed? (An ARN with a fixed account binds, whatever follows.)
    pub(super) fn is_bound(&self) -> bool {
        match self {
            Self::Fixed(parts) => {
                let [.., account, resource] = &**parts;
                let named = |part: &Pattern| part.as_exact().is_some_and(|text| !text.is_empty());
                named(account) || named(resource)
            }
            Self::Never => true,
            Self::Template(_) => false,
        }
    }

    pub(super) fn matches(&self, have: &str, context: &dyn Context) -> Result<bool, Unresolved> {
        Ok(match self {
            Self::Never => false,
            Self::Fixed(patterns) => {
                split(have).is_some_and(|parts| patterns.iter().zip(parts).all(|(p, part)| p.matches(part)))
            }
            Self::Template(Text::Template(template)) => {
                let mut bytes = Scratch::new();
                template.resolve(context, &mut bytes)?;
                let mut patterns = bytes.splitn(PARTS, |b| *b == b':');
                split(have).is_some_and(|parts| {
                    parts.iter().all(|part| patterns.next().is_some_and(|p| glob_bytes(p, part.as_bytes())))
                })
            }
            Self::Template(Text::Fixed(_)) => false,
        })
    }

    /// Has it six parts? (One with variables may have.)
    pub(super) fn is_readable(&self) -> bool {
        !matches!(self, Self::Never)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        if let Self::Template(text) = self { Some(text.keys()) } else { None }.into_iter().flatten()
    }
}

pub(super) fn is_arn(text: &str) -> bool {
    split(text).is_some()
}

/// The six parts of an ARN; colons in the last belong to it.
fn split(text: &str) -> Option<[&str; PARTS]> {
    let mut parts = text.splitn(PARTS, ':');
    let mut next = || parts.next();
    Some([next()?, next()?, next()?, next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use super::ArnPattern;
    use crate::context::MapContext;

    fn hit(pattern: &str, arn: &str) -> bool {
        let context =
            MapContext::from_pairs(&[("aws:username", "A*"), ("aws:sourceaccount", "111122223333")]);
        ArnPattern::compile(pattern, true).matches(arn, &context) == Ok(true)
    }

    #[test]
    fn a_star_stays_within_its_part() {
        // The example of the AWS page.
        let pattern = "arn:aws:someservice:*:111122223333:finance/*";
        let tricky = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
        assert!(!hit(pattern, tricky));
        assert!(hit(pattern, "arn:aws:someservice:us-east-2:111122223333:finance/document.txt"));
        assert!(hit("arn:aws:sns:*:*:topic:*", "arn:aws:sns:us-east-1:1:topic:a:b"));
    }

    #[test]
    fn variables_are_taken_literally() {
        assert!(hit("arn:aws:iam::${aws:SourceAccount}:user/*", "arn:aws:iam::111122223333:user/x"));
        assert!(hit("arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/A*"));
        assert!(!hit("arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/Alice"));
    }

    #[test]
    fn what_is_no_arn_matches_nothing() {
        assert!(!hit("*", "notanarn") && !hit("*", "arn:aws:s3:::b"));
        assert!(hit("*:*:*:*:*:*", "arn:aws:s3:::b"));
        assert!(!hit("arn:aws:s3", "arn:aws:s3:::b"));
    }
}
