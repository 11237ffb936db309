//! Numeric operators: whole and decimal numbers.

use crate::context::Value;

/// How the request's value (left) must stand to the policy's (right).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(super) fn holds<T: PartialOrd>(self, have: &T, want: &T) -> bool {
        match self {
            Self::Equal => have == want,
            Self::Less => have < want,
            Self::LessOrEqual => have <= want,
            Self::Greater => have > want,
            Self::GreaterOrEqual => have >= want,
        }
    }
}

/// Reads a finite decimal number; `None` for anything else.
pub(super) fn parse(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        // `f64` would also read `inf` and `nan`.
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

#[expect(clippy::cast_precision_loss, reason = "condition values are far below 2^53")]
pub(super) fn of(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number as f64),
        Value::Time(millis) => Some((*millis / 1000) as f64),
        other => parse(&other.text()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_finite_decimal_numbers_are_read() {
        assert_eq!(parse("10.0"), Some(10.0));
        assert_eq!(parse("1e1"), Some(10.0));
        assert_eq!(parse("-5"), Some(-5.0));
        for bad in ["", "abc", "inf", "nan", "-inf", "1e999", "10 ", "0x10", "1_0"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
