//! Account ids: twelve decimal digits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of an account: exactly twelve decimal digits, leading zeros kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AccountId([u8; 12]);

/// The text was not twelve decimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnAccountId;

impl AccountId {
    /// The account of a number below 10^12, padded with zeros; larger numbers are taken modulo 10^12.
    pub fn from_number(number: u64) -> Self {
        let mut digits = [b'0'; 12];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Self(digits)
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        // Only ASCII digits are ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for AccountId {
    type Err = NotAnAccountId;

    fn from_str(text: &str) -> Result<Self, NotAnAccountId> {
        let digits: [u8; 12] = text.as_bytes().try_into().map_err(|_| NotAnAccountId)?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Self(digits)) } else { Err(NotAnAccountId) }
    }
}

impl TryFrom<String> for AccountId {
    type Error = NotAnAccountId;

    fn try_from(text: String) -> Result<Self, NotAnAccountId> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> String {
        id.as_str().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for NotAnAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an account id has twelve digits")
    }
}

impl std::error::Error for NotAnAccountId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_are_kept() {
        assert_eq!(AccountId::from_number(42).as_str(), "000000000042");
    }

    #[test]
    fn anything_but_twelve_digits_is_refused() {
        for text in ["", "12345678901", "1234567890123", "12345678901x", "١٢٣٤٥٦"] {
            assert_eq!(text.parse::<AccountId>(), Err(NotAnAccountId), "{text}");
        }
    }
}
