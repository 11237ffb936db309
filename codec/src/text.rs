//! Values as plain text: form parameters, XML, headers, labels and query strings share these rules.

use std::borrow::Cow;

use alcazar_core::schema::{Kind, Member};
use alcazar_core::time::TimestampFormat;
use alcazar_core::{Timestamp, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Malformed;

/// How timestamps stand in JSON and CBOR unless the model says otherwise.
pub(crate) const JSON_DEFAULT: TimestampFormat = TimestampFormat::EpochSeconds;
/// In XML, form parameters, labels and query strings.
pub(crate) const TEXT_DEFAULT: TimestampFormat = TimestampFormat::DateTime;
/// In headers.
pub(crate) const HEADER_DEFAULT: TimestampFormat = TimestampFormat::HttpDate;

/// The format of this member's timestamps: its own, else its shape's, else the place's.
pub(crate) fn timestamp_format(member: &Member, default: TimestampFormat) -> TimestampFormat {
    member.timestamp_format.or(member.shape.timestamp_format).unwrap_or(default)
}

/// Reads a timestamp in its format; also in RFC 3339 and in seconds, which AWS's services take in the same places.
pub(crate) fn timestamp(text: &str, format: TimestampFormat) -> Result<Timestamp, Malformed> {
    [format, TimestampFormat::DateTime, TimestampFormat::EpochSeconds]
        .into_iter()
        .find_map(|format| Timestamp::parse(text, format).ok())
        .ok_or_else(|| Malformed::token("STRING_VALUE", &Kind::Timestamp))
}

/// Reads base64 (RFC 4648, section 4, padded). The message does not tell the text: it may be secret.
pub(crate) fn base64(text: &str) -> Result<Vec<u8>, Malformed> {
    // What it refuses is read again by the slower one, which decides, and knows why.
    base64_simd::STANDARD.decode_to_vec(text).or_else(|_| STANDARD.decode(text)).map_err(|error| {
        let length = text.len();
        Malformed::mismatch(match error {
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => Cow::Owned(format!(
                "STRING_VALUE can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: {length}"
            )),
            _ => Cow::Borrowed("STRING_VALUE can not be converted to a Blob: Invalid Base64 character"),
        })
    })
}

/// Writes base64.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

/// Reads a scalar from text. Lists, maps, structures and documents have no such form.
pub(crate) fn scalar(
    text: Cow<'_, str>,
    member: &'static Member,
    default: TimestampFormat,
) -> Result<Value, Malformed> {
    let kind = &member.shape.kind;
    let refused = || Malformed::token("STRING_VALUE", kind);
    Ok(match kind {
        Kind::String => Value::Text(text.into_owned()),
        Kind::Boolean if text.eq_ignore_ascii_case("true") => Value::Boolean(true),
        Kind::Boolean if text.eq_ignore_ascii_case("false") => Value::Boolean(false),
        Kind::Integer | Kind::Long => {
            let whole = text.trim().parse().ok().and_then(|whole| in_range(whole, kind));
            Value::Integer(whole.ok_or_else(refused)?)
        }
        Kind::Float | Kind::Double => {
            let number = || text.trim().parse().ok().filter(|f: &f64| f.is_finite());
            Value::Float(special_float(&text).or_else(number).ok_or_else(refused)?)
        }
        Kind::Blob => Value::Blob(base64(text.trim())?),
        Kind::Timestamp => Value::Timestamp(timestamp(text.trim(), timestamp_format(member, default))?),
        _ => return Err(refused()),
    })
}

/// The three floats that have names.
pub(crate) fn special_float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A float as text: the shortest that reads back as the same value of its width.
pub(crate) fn float_text(value: f64, kind: &Kind) -> Cow<'static, str> {
    if value.is_nan() {
        return Cow::Borrowed("NaN");
    }
    if value.is_infinite() {
        return Cow::Borrowed(if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
    Cow::Owned(if matches!(kind, Kind::Float) { format!("{:?}", value as f32) } else { format!("{value:?}") })
}

/// The number, if its kind holds it.
pub(crate) fn in_range(whole: i64, kind: &Kind) -> Option<i64> {
    match kind {
        Kind::Integer => i32::try_from(whole).ok().map(i64::from),
        _ => Some(whole),
    }
}

/// With its first letter in upper case.
pub(crate) fn upper_first(name: &str) -> Cow<'_, str> {
    change_first(name, u8::is_ascii_lowercase, u8::to_ascii_uppercase)
}

/// With its first letter in lower case.
pub(crate) fn lower_first(name: &str) -> Cow<'_, str> {
    change_first(name, u8::is_ascii_uppercase, u8::to_ascii_lowercase)
}

fn change_first(name: &str, applies: fn(&u8) -> bool, change: fn(&u8) -> u8) -> Cow<'_, str> {
    match name.as_bytes() {
        [first, ..] if applies(first) => {
            let mut changed = String::with_capacity(name.len());
            changed.push(char::from(change(first)));
            changed.push_str(name.get(1..).unwrap_or_default());
            Cow::Owned(changed)
        }
        _ => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn base64_is_read_as_strictly_as_the_slower_reader_does(text in "[A-D+/=w-z0-3]{0,70}", bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
            prop_assert_eq!(base64(&text).ok(), STANDARD.decode(&text).ok());
            prop_assert_eq!(base64(&to_base64(&bytes)).ok(), Some(bytes));
        }
    }
}
