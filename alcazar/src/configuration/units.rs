use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

/// A length of time as an option tells it: `500ms`, `30s`, `5m`, `2h`, or a bare number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(Duration);

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        span.0
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        let millis: u64 = match unit {
            "ms" => 1,
            "" | "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(format!("{text:?} is no time; write 500ms, 30s, 5m or 2h")),
        };
        let number = digits.parse::<u64>().ok().filter(|number| *number > 0);
        let whole = number.and_then(|number| number.checked_mul(millis));
        whole
            .map(|whole| Self(Duration::from_millis(whole)))
            .ok_or_else(|| format!("{text:?} is no time; write 500ms, 30s, 5m or 2h"))
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_or_are_seconds() {
        let millis = |text: &str| text.parse::<Span>().map(|span| Duration::from(span).as_millis());
        assert_eq!(millis("250ms"), Ok(250));
        assert_eq!(millis("3"), Ok(3_000));
        assert_eq!(millis("2h"), Ok(7_200_000));
        for wrong in ["", "s", "0", "-1s", "1 s", "1d", "99999999999999999999s", "9999999999999999999h"] {
            assert!(millis(wrong).is_err(), "{wrong}");
        }
    }
}
