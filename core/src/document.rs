//! Free-form values: what JSON can say. Smithy's `document` type.

use std::collections::BTreeMap;

/// A value without a schema.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number that is whole and fits.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Document>),
    /// A map.
    Map(BTreeMap<String, Document>),
}
