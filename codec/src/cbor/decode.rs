use std::borrow::Cow;

use crate::Malformed;
use crate::limits::Budget;

/// A pull decoder. Every length is held against what is left before anything is allocated, and every level against the
/// depth that is left.
pub(crate) struct Decoder<'a> {
    rest: &'a [u8],
    budget: Budget,
}

/// The next data item without what it holds. Tags were read over; [`Item::Epoch`] alone keeps its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Item {
    Unsigned(u64),
    /// -1 minus the number.
    Negative(u64),
    /// Bytes; none: in chunks until a break.
    Bytes(Option<u64>),
    /// Text; the same.
    Text(Option<u64>),
    /// So many items; none: until a break.
    Array(Option<u64>),
    /// So many pairs; the same.
    Map(Option<u64>),
    Float(f64),
    Boolean(bool),
    /// Null and undefined.
    Null,
    /// Tag 1: seconds since the epoch follow.
    Epoch,
    Break,
}

/// What is left of an array or map.
pub(crate) struct Remaining(Option<u64>);

impl<'a> Decoder<'a> {
    pub(crate) fn new(body: &'a [u8], budget: Budget) -> Self {
        Self { rest: body, budget }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The head of the next item.
    pub(crate) fn item(&mut self) -> Result<Item, Malformed> {
        loop {
            self.budget.spend()?;
            let first = self.byte()?;
            let (major, info) = (first >> 5, first & 31);
            if major == 7 {
                return self.simple(info);
            }
            let argument = match info {
                0..=23 => Some(u64::from(info)),
                24..=27 => Some(self.unsigned(1 << (info - 24))?),
                31 if (2..=5).contains(&major) => None,
                _ => return Err(Malformed::syntax()),
            };
            return Ok(match (major, argument) {
                (0, Some(number)) => Item::Unsigned(number),
                (1, Some(number)) => Item::Negative(number),
                (2, length) => Item::Bytes(length),
                (3, length) => Item::Text(length),
                (4, length) => Item::Array(length),
                (5, length) => Item::Map(length),
                (6, Some(1)) => Item::Epoch,
                // Other tags mean nothing here; their content is read as it stands.
                (6, Some(_)) => continue,
                _ => return Err(Malformed::syntax()),
            });
        }
    }

    fn simple(&mut self, info: u8) -> Result<Item, Malformed> {
        Ok(match info {
            20 => Item::Boolean(false),
            21 => Item::Boolean(true),
            22 | 23 => Item::Null,
            25 => Item::Float(half(self.unsigned(2)? as u16)),
            26 => Item::Float(f64::from(f32::from_bits(self.unsigned(4)? as u32))),
            27 => Item::Float(f64::from_bits(self.unsigned(8)?)),
            31 => Item::Break,
            _ => return Err(Malformed::syntax()),
        })
    }

    /// Steps into an array or map.
    pub(crate) fn begin(&mut self, length: Option<u64>) -> Result<Remaining, Malformed> {
        // Each item takes a byte at least.
        if length.is_some_and(|length| length > self.rest.len() as u64) {
            return Err(Malformed::syntax());
        }
        self.budget.enter()?;
        Ok(Remaining(length))
    }

    /// The next item of an array or the next key of a map; none at its end.
    pub(crate) fn next(&mut self, remaining: &mut Remaining) -> Result<Option<Item>, Malformed> {
        let item = match &mut remaining.0 {
            Some(0) => None,
            Some(left) => {
                *left -= 1;
                Some(self.item()?)
            }
            None => Some(self.item()?).filter(|item| *item != Item::Break),
        };
        if item.is_none() {
            self.budget.leave();
        }
        Ok(item)
    }

    /// The bytes of a string whose head was read.
    pub(crate) fn bytes(&mut self, length: Option<u64>) -> Result<Cow<'a, [u8]>, Malformed> {
        if let Some(length) = length {
            return self.take(length).map(Cow::Borrowed);
        }
        let mut whole = Vec::new();
        loop {
            match self.item()? {
                Item::Bytes(Some(length)) => whole.extend_from_slice(self.take(length)?),
                Item::Break => return Ok(Cow::Owned(whole)),
                _ => return Err(Malformed::syntax()),
            }
        }
    }

    /// The text of a string whose head was read; each chunk must be UTF-8 (RFC 8949, section 3.2.3).
    pub(crate) fn text(&mut self, length: Option<u64>) -> Result<Cow<'a, str>, Malformed> {
        let utf8 = |bytes| std::str::from_utf8(bytes).map_err(|_| Malformed::syntax());
        if let Some(length) = length {
            return self.take(length).and_then(utf8).map(Cow::Borrowed);
        }
        let mut whole = String::new();
        loop {
            match self.item()? {
                Item::Text(Some(length)) => whole.push_str(self.take(length).and_then(utf8)?),
                Item::Break => return Ok(Cow::Owned(whole)),
                _ => return Err(Malformed::syntax()),
            }
        }
    }

    /// Reads over what an item holds.
    pub(crate) fn skip(&mut self, item: Item) -> Result<(), Malformed> {
        match item {
            Item::Bytes(length) => self.bytes(length).map(drop),
            Item::Text(length) => self.text(length).map(drop),
            Item::Epoch => {
                let inner = self.item()?;
                self.budget.enter()?;
                self.skip(inner)?;
                self.budget.leave();
                Ok(())
            }
            Item::Break => Err(Malformed::syntax()),
            Item::Array(length) => {
                let mut remaining = self.begin(length)?;
                while let Some(inner) = self.next(&mut remaining)? {
                    self.skip(inner)?;
                }
                Ok(())
            }
            Item::Map(length) => {
                let mut remaining = self.begin(length)?;
                while let Some(key) = self.next(&mut remaining)? {
                    self.skip(key)?;
                    let value = self.item()?;
                    self.skip(value)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(Malformed::syntax())?;
        self.rest = rest;
        Ok(*first)
    }

    fn unsigned(&mut self, length: u64) -> Result<u64, Malformed> {
        Ok(self.take(length)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed::syntax())?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed::syntax())?;
        self.rest = rest;
        Ok(taken)
    }
}

/// A float of sixteen bits (IEEE 754 binary16; RFC 8949, appendix D).
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = ((bits >> 10) & 31, f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * 2.0_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * 2.0_f64.powi(i32::from(exponent) - 25),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}
