//! What a value may be.
//! Source: Systems Manager API reference, `PutParameter`, AllowedPattern, DataType and Value.

use alcazar_core::{Declares, SecretText};
use alcazar_corridor::{Failure, Refusal};
use regex::RegexBuilder;
use wire_ssm::{
    InvalidAllowedPatternException, ParameterPatternMismatchException, ParameterTier, ParameterType,
};

/// The data type of values that are nothing else.
pub(crate) const TEXT: &str = "text";

/// The bytes of a value, by tier: 4 KB and 8 KB.
const STANDARD: usize = 4096;
const ADVANCED: usize = 8192;

/// How much memory a pattern may take when it is compiled.
const COMPILED: usize = 10 << 20;

/// A value there is.
pub(crate) fn not_empty(value: &SecretText) -> Result<(), Failure> {
    match value.expose().is_empty() {
        false => Ok(()),
        true => Err(Failure::validation(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
        )),
    }
}

/// Whether it needs the advanced tier.
pub(crate) fn is_large(value: &SecretText) -> bool {
    value.expose().len() > STANDARD
}

/// A value that the tier has room for.
pub(crate) fn fits(value: &SecretText, tier: ParameterTier) -> Result<(), Failure> {
    let length = value.expose().len();
    match tier {
        ParameterTier::Advanced if length > ADVANCED => Err(Failure::validation(
            "Advanced-tier parameters support a maximum parameter value of 8192 characters.",
        )),
        ParameterTier::Standard if length > STANDARD => Err(Failure::validation(
            "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
        )),
        _ => Ok(()),
    }
}

/// A value that the pattern matches, the whole of it.
pub(crate) fn matches<S>(value: &SecretText, pattern: Option<&str>) -> Result<(), Refusal<S>>
where
    S: Declares<InvalidAllowedPatternException> + Declares<ParameterPatternMismatchException>,
{
    let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) else { return Ok(()) };
    let compiled = RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(COMPILED).build();
    // AWS takes Java's patterns; those that look ahead, behind or back are none here.
    let compiled = compiled.map_err(|_| {
        InvalidAllowedPatternException::new("The request does not meet the regular expression requirement.")
    })?;
    if compiled.is_match(value.expose()) {
        return Ok(());
    }
    let message = format!("Parameter value, cannot be validated against allowedPattern: {pattern}");
    Err(ParameterPatternMismatchException::new(message).into())
}

/// The data type of a request, `text` by default. AWS looks an image up later, without the caller; here its id is looked at, and at once, since
/// there are no images.
pub(crate) fn checked_data_type(
    named: Option<&str>,
    kind: ParameterType,
    value: &SecretText,
) -> Result<String, Failure> {
    let named = named.filter(|named| !named.is_empty()).unwrap_or(TEXT);
    match named {
        TEXT | "aws:ssm:integration" => {}
        "aws:ec2:image" if kind != ParameterType::String => {
            return Err(Failure::validation(
                "The data type aws:ec2:image is only supported for String parameters.",
            ));
        }
        "aws:ec2:image" if !is_image(value.expose()) => {
            return Err(Failure::validation(
                "The parameter value is not a valid AMI ID: it must have the format ami-12345abcdeEXAMPLE.",
            ));
        }
        "aws:ec2:image" => {}
        other => {
            return Err(Failure::validation(format!(
                "The following data type is not supported: {other} (Data type names are all lowercase.)"
            )));
        }
    }
    Ok(named.to_owned())
}

fn is_image(value: &str) -> bool {
    let id = value.strip_prefix("ami-").unwrap_or_default();
    (8..=17).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use wire_ssm::PutParameter;

    use super::*;

    fn outcome(value: &str, pattern: &str) -> &'static str {
        match matches::<PutParameter>(&SecretText::new(value.to_owned()), Some(pattern)) {
            Ok(()) => "matches",
            Err(refused) if format!("{refused:?}").contains("cannot be validated") => "does not match",
            Err(_) => "no pattern",
        }
    }

    #[test]
    fn a_pattern_matches_the_whole_value() {
        for (value, pattern, expected) in [
            ("v", "", "matches"),
            ("1234", r"\d{1,4}", "matches"),
            ("12345", r"\d{1,4}", "does not match"),
            ("ab", "a|ab", "matches"),
            ("abc", "a|ab", "does not match"),
            ("anything", "^.{1,4096}$", "matches"),
            ("two\nlines", ".+", "does not match"),
            ("v", "(", "no pattern"),
            ("v", "(?=v)v", "no pattern"),
            ("v", "((a{1,999}){1,999}){1,999}", "no pattern"),
        ] {
            assert_eq!(outcome(value, pattern), expected, "{pattern}");
        }
    }
}
