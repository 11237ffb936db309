use super::{Member, Pattern, Structure};
use crate::time::TimestampFormat;

/// A named type of a model with its constraints.
#[derive(Debug)]
pub struct Shape {
    /// Its name in the model: `KeyIdType`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Smallest length, size or value.
    pub min: Option<i64>,
    /// Greatest length, size or value.
    pub max: Option<i64>,
    /// What a string must match, whole.
    pub pattern: Option<&'static Pattern>,
    /// The values of an enumeration, in the model's order; empty for anything else.
    pub enumeration: &'static [&'static str],
    /// Never in a record or a log.
    pub sensitive: bool,
    /// A blob that is the body itself, not held in memory.
    pub streaming: bool,
    /// A list or map without a wrapping element (query, XML).
    pub flattened: bool,
    /// How a timestamp stands, where the shape says so itself.
    pub timestamp_format: Option<TimestampFormat>,
}

/// The kinds of the Smithy data model.
#[derive(Debug)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// Byte, short and integer: 32 bits.
    Integer,
    /// 64 bits.
    Long,
    /// 32-bit float.
    Float,
    /// 64-bit float.
    Double,
    /// Text.
    String,
    /// Bytes.
    Blob,
    /// A moment.
    Timestamp,
    /// Free-form.
    Document,
    /// A list of that element.
    List(Member),
    /// A map of that key and that value.
    Map(Member, Member),
    /// A structure, or a union (then exactly one member is present).
    Structure(&'static Structure),
}

impl Shape {
    /// A shape without constraints.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            min: None,
            max: None,
            pattern: None,
            enumeration: &[],
            sensitive: false,
            streaming: false,
            flattened: false,
            timestamp_format: None,
        }
    }

    /// With a least length, size or value.
    #[must_use]
    pub const fn min(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }

    /// With a greatest length, size or value.
    #[must_use]
    pub const fn max(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }

    /// With a pattern.
    #[must_use]
    pub const fn pattern(mut self, pattern: &'static Pattern) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// An enumeration of these values.
    #[must_use]
    pub const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.enumeration = values;
        self
    }

    /// Kept out of records and logs.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// The body itself.
    #[must_use]
    pub const fn streaming(mut self) -> Self {
        self.streaming = true;
        self
    }

    /// Without a wrapping element.
    #[must_use]
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }

    /// With a timestamp format of its own.
    #[must_use]
    pub const fn timestamps(mut self, format: TimestampFormat) -> Self {
        self.timestamp_format = Some(format);
        self
    }
}
