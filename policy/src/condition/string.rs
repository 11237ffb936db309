//! `StringEqualsIgnoreCase`. The other string operators are patterns.

use crate::context::Context;
use crate::pattern::{Pattern, Scratch};
use crate::variables::{Text, Unresolved};

pub(super) fn equal_ignoring_case(
    text: &Text,
    have: &str,
    context: &dyn Context,
) -> Result<bool, Unresolved> {
    match text {
        Text::Fixed(pattern) => Ok(exact(pattern).is_some_and(|want| equal(want, have))),
        Text::Template(template) => {
            let mut bytes = Scratch::new();
            template.resolve(context, &mut bytes)?;
            Ok(std::str::from_utf8(&bytes).is_ok_and(|want| equal(want, have)))
        }
    }
}

fn exact(pattern: &Pattern) -> Option<&str> {
    pattern.as_exact().and_then(|bytes| std::str::from_utf8(bytes).ok())
}

fn equal(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!a.is_ascii() && a.to_lowercase() == b.to_lowercase())
}
