//! `Bool`: `true` and `false`, in any case; anything else matches neither.

use crate::context::{Context, Value};
use crate::pattern::Scratch;
use crate::variables::{Text, Unresolved};

pub(super) fn parse(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

pub(super) fn matches(text: &Text, value: &Value<'_>, context: &dyn Context) -> Result<bool, Unresolved> {
    let want = match text {
        Text::Fixed(pattern) => pattern.as_exact().and_then(read),
        Text::Template(template) => {
            let mut bytes = Scratch::new();
            template.resolve(context, &mut bytes)?;
            read(&bytes)
        }
    };
    let have = match value {
        Value::Bool(value) => Some(*value),
        other => parse(&other.text()),
    };
    Ok(want.is_some() && want == have)
}

fn read(bytes: &[u8]) -> Option<bool> {
    std::str::from_utf8(bytes).ok().and_then(parse)
}
