//! A decoded input, before it gets its type: what a codec makes of a request by the schema, what the validator walks,
//! and what a generated structure takes its members from.

use std::collections::BTreeMap;

use crate::{Document, SecretBytes, SecretText, Timestamp};

/// A value of the Smithy data model.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A boolean.
    Boolean(bool),
    /// Byte, short, integer, long.
    Integer(i64),
    /// Float, double.
    Float(f64),
    /// String, enumerations included.
    Text(String),
    /// Blob.
    Blob(Vec<u8>),
    /// Timestamp.
    Timestamp(Timestamp),
    /// Document.
    Document(Document),
    /// List or set.
    List(Vec<Value>),
    /// Map, in the order of the wire; keys are unique.
    Map(Vec<(String, Value)>),
    /// Structure or union.
    Structure(Fields),
}

/// The members of a structure that were present, by their index in its schema.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(Vec<(u16, Value)>);

/// A value did not have the type that its member declares. The validator sees to it that no input gets that far;
/// it is an error, not a panic, all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch;

impl Fields {
    /// No member present.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a member; answers false, and changes nothing, when it is there already.
    pub fn put(&mut self, index: usize, value: Value) -> bool {
        let fresh = self.get(index).is_none();
        if fresh {
            self.0.push((index as u16, value));
        }
        fresh
    }

    /// A member, if present.
    pub fn get(&self, index: usize) -> Option<&Value> {
        self.0.iter().find(|(at, _)| usize::from(*at) == index).map(|(_, value)| value)
    }

    /// The members present, in the order of the wire.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Value)> {
        self.0.iter().map(|(index, value)| (usize::from(*index), value))
    }

    /// Whether no member is present.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a member out, in its type; an absent one is `T`'s own absence (`None`, or a mismatch).
    ///
    /// # Errors
    /// When the value is not of that type, or is absent and `T` cannot be.
    pub fn take<T: FromValue>(&mut self, index: usize) -> Result<T, Mismatch> {
        match self.0.iter().position(|(at, _)| usize::from(*at) == index) {
            Some(at) => T::from_value(self.0.swap_remove(at).1),
            None => T::absent(),
        }
    }
}

impl Value {
    /// The members of a structure.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn into_fields(self) -> Result<Fields, Mismatch> {
        match self {
            Self::Structure(fields) => Ok(fields),
            _ => Err(Mismatch),
        }
    }
}

/// A type that can be made of a [`Value`]. Generated for structures and enumerations.
pub trait FromValue: Sized {
    /// Converts; moves what it can.
    ///
    /// # Errors
    /// When the value is of another type.
    fn from_value(value: Value) -> Result<Self, Mismatch>;

    /// What stands for a member that is not there.
    ///
    /// # Errors
    /// Unless the type has an absence of its own (`Option`).
    fn absent() -> Result<Self, Mismatch> {
        Err(Mismatch)
    }
}

macro_rules! from_value {
    ($($type:ty, $pattern:pat => $result:expr;)*) => {$(
        impl FromValue for $type {
            fn from_value(value: Value) -> Result<Self, Mismatch> {
                match value {
                    $pattern => $result,
                    _ => Err(Mismatch),
                }
            }
        }
    )*};
}

from_value! {
    bool, Value::Boolean(b) => Ok(b);
    i32, Value::Integer(i) => i32::try_from(i).map_err(|_| Mismatch);
    i64, Value::Integer(i) => Ok(i);
    f32, Value::Float(f) => Ok(f as f32);
    f64, Value::Float(f) => Ok(f);
    String, Value::Text(text) => Ok(text);
    SecretText, Value::Text(text) => Ok(SecretText::new(text));
    Vec<u8>, Value::Blob(bytes) => Ok(bytes);
    SecretBytes, Value::Blob(bytes) => Ok(SecretBytes::new(bytes));
    Timestamp, Value::Timestamp(t) => Ok(t);
    Document, Value::Document(d) => Ok(d);
}

/// A type that can become a [`Value`]: what the members of an error are carried in.
pub trait IntoValue {
    /// Converts; `None` for what is absent.
    fn into_value(self) -> Option<Value>;
}

macro_rules! into_value {
    ($($type:ty, $value:ident => $result:expr;)*) => {$(
        impl IntoValue for $type {
            fn into_value(self) -> Option<Value> {
                let $value = self;
                Some($result)
            }
        }
    )*};
}

into_value! {
    bool, b => Value::Boolean(b);
    i32, i => Value::Integer(i64::from(i));
    i64, i => Value::Integer(i);
    f32, f => Value::Float(f64::from(f));
    f64, f => Value::Float(f);
    String, text => Value::Text(text);
    Vec<u8>, bytes => Value::Blob(bytes);
    Timestamp, t => Value::Timestamp(t);
    Document, d => Value::Document(d);
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Option<Value> {
        self.and_then(T::into_value)
    }
}

impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self) -> Option<Value> {
        Some(Value::List(self.into_iter().filter_map(T::into_value).collect()))
    }
}

/// An operation that takes nothing, whatever it is sent.
impl FromValue for () {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        value.into_fields().map(|_| ())
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        T::from_value(value).map(Some)
    }

    fn absent() -> Result<Self, Mismatch> {
        Ok(None)
    }
}

impl<T: FromValue> FromValue for Box<T> {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        T::from_value(value).map(Box::new)
    }
}

/// Lists. A newtype-free `Vec<T>` would meet `Vec<u8>`; the marker keeps the two apart: `u8` is no `FromValue`.
impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::List(items) => items.into_iter().map(T::from_value).collect(),
            _ => Err(Mismatch),
        }
    }
}

impl<T: FromValue> FromValue for BTreeMap<String, T> {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        match value {
            Value::Map(entries) => entries.into_iter().map(|(k, v)| Ok((k, T::from_value(v)?))).collect(),
            _ => Err(Mismatch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_taken_by_index_and_absence_is_the_types_own() {
        let mut fields = Fields::new();
        assert!(fields.put(1, Value::Text("a".into())));
        assert!(!fields.put(1, Value::Text("b".into())), "a second value for one member is refused");
        assert_eq!(fields.take::<String>(1), Ok("a".to_owned()));
        assert_eq!(fields.take::<Option<String>>(1), Ok(None));
        assert_eq!(fields.take::<String>(1), Err(Mismatch));
    }
}
