use std::borrow::Cow;

use memchr::memchr2;

use super::escape::unescape;
use crate::Malformed;
use crate::limits::Budget;

/// A pull parser (RFC 8259). UTF-8 is checked once for the whole body, so that every slice between two ASCII characters
/// is text. Nothing recurses but through [`Parser::begin`], which counts the depth.
pub(crate) struct Parser<'a> {
    text: &'a str,
    at: usize,
    budget: Budget,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(body: &'a [u8], budget: Budget) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(body).map_err(|_| Malformed::syntax())?;
        Ok(Self { text, at: 0, budget })
    }

    /// Whether there is nothing but white space.
    pub(crate) fn is_blank(&mut self) -> bool {
        self.space().is_none()
    }

    /// What the next value is; consumes white space alone.
    pub(crate) fn peek(&mut self) -> Result<Token, Malformed> {
        match self.space() {
            Some(b'{') => Ok(Token::Object),
            Some(b'[') => Ok(Token::Array),
            Some(b'"') => Ok(Token::String),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number),
            Some(b't') => Ok(Token::True),
            Some(b'f') => Ok(Token::False),
            Some(b'n') => Ok(Token::Null),
            _ => Err(Malformed::syntax()),
        }
    }

    /// Steps into an object or array.
    pub(crate) fn begin(&mut self) -> Result<(), Malformed> {
        self.budget.enter()?;
        self.at += 1;
        Ok(())
    }

    /// The next key of the object, or its end.
    pub(crate) fn next_key(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>, Malformed> {
        if !self.more(b'}', first)? {
            return Ok(None);
        }
        if self.space() != Some(b'"') {
            return Err(Malformed::syntax());
        }
        let key = self.string()?;
        if self.space() != Some(b':') {
            return Err(Malformed::syntax());
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Whether the array has another element, or ended.
    pub(crate) fn next_element(&mut self, first: &mut bool) -> Result<bool, Malformed> {
        self.more(b']', first)
    }

    fn more(&mut self, end: u8, first: &mut bool) -> Result<bool, Malformed> {
        let next = self.space().ok_or(Malformed::syntax())?;
        if next == end {
            self.at += 1;
            self.budget.leave();
            return Ok(false);
        }
        if !std::mem::replace(first, false) {
            if next != b',' {
                return Err(Malformed::syntax());
            }
            self.at += 1;
        }
        self.budget.spend()?;
        Ok(true)
    }

    /// A string; borrowed where it has no escapes.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        let start = self.at + 1;
        let rest = self.text.as_bytes().get(start..).ok_or(Malformed::syntax())?;
        let plain = memchr2(b'"', b'\\', rest).ok_or(Malformed::syntax())?;
        let (clean, tail) = rest.split_at_checked(plain).ok_or(Malformed::syntax())?;
        // Control characters must be escaped (RFC 8259, section 7). Looking at all of them, without leaving early, lets
        // the compiler use vectors.
        if clean.iter().fold(false, |found, byte| found | (*byte < 0x20)) {
            return Err(Malformed::syntax());
        }
        if tail.first() == Some(&b'"') {
            self.at = start + plain + 1;
            return self.text.get(start..start + plain).map(Cow::Borrowed).ok_or(Malformed::syntax());
        }
        let (text, length) =
            unescape(self.text.get(start..).unwrap_or_default()).ok_or(Malformed::syntax())?;
        self.at = start + length;
        Ok(Cow::Owned(text))
    }

    /// The text of a number whose grammar was checked.
    pub(crate) fn number(&mut self) -> Result<&'a str, Malformed> {
        let bytes = self.text.as_bytes();
        let digits = |from: usize| {
            bytes.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count()
        };
        let start = self.at;
        let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
        let whole = digits(at);
        if whole == 0 || (whole > 1 && bytes.get(at) == Some(&b'0')) {
            return Err(Malformed::syntax());
        }
        at += whole;
        if bytes.get(at) == Some(&b'.') {
            let fraction = digits(at + 1);
            if fraction == 0 {
                return Err(Malformed::syntax());
            }
            at += 1 + fraction;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(at);
            if exponent == 0 {
                return Err(Malformed::syntax());
            }
            at += exponent;
        }
        self.at = at;
        self.text.get(start..at).ok_or(Malformed::syntax())
    }

    /// Consumes `true`, `false` or `null`.
    pub(crate) fn literal(&mut self, token: Token) -> Result<(), Malformed> {
        let word = match token {
            Token::True => "true",
            Token::False => "false",
            _ => "null",
        };
        if !self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            return Err(Malformed::syntax());
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads over a value of any kind, its grammar checked.
    pub(crate) fn skip(&mut self) -> Result<(), Malformed> {
        match self.peek()? {
            Token::String => self.string().map(drop),
            Token::Number => self.number().map(drop),
            token @ (Token::True | Token::False | Token::Null) => self.literal(token),
            Token::Array => {
                self.begin()?;
                let mut first = true;
                while self.next_element(&mut first)? {
                    self.skip()?;
                }
                Ok(())
            }
            Token::Object => {
                self.begin()?;
                let mut first = true;
                while self.next_key(&mut first)?.is_some() {
                    self.skip()?;
                }
                Ok(())
            }
        }
    }

    /// Nothing may follow but white space.
    pub(crate) fn end(&mut self) -> Result<(), Malformed> {
        if self.space().is_none() { Ok(()) } else { Err(Malformed::syntax()) }
    }

    fn space(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }
}
