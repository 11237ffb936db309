//! What all generated code has in common, written once: the macros that `wire/` uses, and the few traits behind them.
//!
//! The generator writes what differs (fields, tables, names); the macros say how a structure is read and written.

use std::collections::BTreeMap;

use crate::{KeyValue, Timestamp};

/// A field of a generated condition-key struct. Empty lists count as absent.
pub trait KeyField {
    /// What the decision sees.
    fn key_value(&self) -> Option<KeyValue<'_>>;
}

macro_rules! key_field {
    ($($type:ty, $self:ident => $value:expr;)*) => {$(
        impl KeyField for $type {
            fn key_value(&$self) -> Option<KeyValue<'_>> {
                $value
            }
        }
    )*};
}

key_field! {
    String, self => Some(KeyValue::Text(self));
    bool, self => Some(KeyValue::Boolean(*self));
    i64, self => Some(KeyValue::Number(*self));
    Timestamp, self => Some(KeyValue::Time(*self));
    Vec<String>, self => (!self.is_empty()).then_some(KeyValue::Texts(self));
}

impl<T: KeyField> KeyField for Option<T> {
    fn key_value(&self) -> Option<KeyValue<'_>> {
        self.as_ref().and_then(KeyField::key_value)
    }
}

/// Tells the keys of a template, `kms:EncryptionContext:${Name}`: one for each name, in lower case.
pub fn visit_template<T: KeyField>(
    prefix: &str,
    values: &BTreeMap<String, T>,
    visitor: &mut dyn FnMut(&str, KeyValue<'_>),
) {
    for (name, value) in values {
        if let Some(value) = value.key_value() {
            visitor(&format!("{prefix}{}", name.to_ascii_lowercase()), value);
        }
    }
}

/// The value of a template's key. Names that differ in (ASCII) case alone are one key to IAM: the first of them counts.
pub fn get_template<'a, T: KeyField>(
    prefix: &str,
    values: &'a BTreeMap<String, T>,
    key: &str,
) -> Option<KeyValue<'a>> {
    let name = key.strip_prefix(prefix)?;
    values.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.key_value())
}

/// Reading (`in` only) and writing of a structure: `structure! { in Tag: TAG; 0 => tag_key, 1 => tag_value, }`.
#[macro_export]
macro_rules! structure {
    (in $name:ident: $table:ident; $($index:literal => $field:ident,)*) => {
        impl $crate::FromValue for $name {
            fn from_value(value: $crate::Value) -> Result<Self, $crate::value::Mismatch> {
                #[allow(unused_mut, unused_variables, reason = "a structure may have no members")]
                let mut fields = value.into_fields()?;
                Ok(Self { $($field: fields.take($index)?,)* })
            }
        }

        $crate::structure! { out $name: $table; $($index => $field,)* }
    };
    (out $name:ident: $table:ident; $($index:literal => $field:ident,)*) => {
        impl $crate::Structured for $name {
            fn schema(&self) -> &'static $crate::schema::Structure {
                &$table
            }

            #[allow(unused_variables, reason = "a structure may have no members")]
            fn write_member(&self, index: usize, sink: &mut dyn $crate::Sink) {
                let Some(at) = $table.members.get(index) else { return };
                match index {
                    $($index => $crate::sink::Write::write(&self.$field, at, sink),)*
                    _ => {}
                }
            }
        }

        impl $crate::sink::Write for $name {
            fn write(&self, at: &'static $crate::schema::Member, sink: &mut dyn $crate::Sink) {
                sink.structure(at, self);
            }
        }
    };
}

/// A closed enumeration with its wire values: `enumeration! { KeySpec; Rsa2048 = "RSA_2048", }`. It is stored as the text
/// it has on the wire.
#[macro_export]
macro_rules! enumeration {
    ($name:ident; $($variant:ident = $value:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($variant,)*
        }

        impl $name {
            /// All of them, in the model's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// Their texts, in the same order.
            pub const VALUES: &'static [&'static str] = &[$($value,)*];

            /// As it stands on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)*
                }
            }

            /// From the text on the wire; `None` when the model knows no such value.
            pub fn from_wire(text: &str) -> Option<Self> {
                match text {
                    $($value => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::FromValue for $name {
            fn from_value(value: $crate::Value) -> Result<Self, $crate::value::Mismatch> {
                let $crate::Value::Text(text) = value else { return Err($crate::value::Mismatch) };
                Self::from_wire(&text).ok_or($crate::value::Mismatch)
            }
        }

        impl $crate::value::IntoValue for $name {
            fn into_value(self) -> Option<$crate::Value> {
                Some($crate::Value::Text(self.as_str().to_owned()))
            }
        }

        impl $crate::sink::Write for $name {
            fn write(&self, at: &'static $crate::schema::Member, sink: &mut dyn $crate::Sink) {
                sink.text(at, self.as_str());
            }
        }

        impl $crate::wire::serde::Serialize for $name {
            fn serialize<S: $crate::wire::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::wire::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::wire::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as $crate::wire::serde::Deserialize>::deserialize(deserializer)?;
                Self::from_wire(&text).ok_or_else(|| $crate::wire::unknown_value(&text))
            }
        }
    };
}

/// A declared error as a type: `declared_error! { DisabledException: DISABLED_EXCEPTION; }`, then its members beside the
/// message, `0 => reason: String,`; they are optional.
#[macro_export]
macro_rules! declared_error {
    ($name:ident: $table:ident; $($index:literal => $field:ident: $type:ty,)*) => {
        #[derive(Debug, Clone, Default)]
        pub struct $name {
            pub message: String,
            $(pub $field: Option<$type>,)*
        }

        impl $name {
            /// With what the caller is to read.
            pub fn new(message: impl Into<String>) -> Self {
                Self { message: message.into(), ..Self::default() }
            }
        }

        impl From<$name> for $crate::Fault {
            fn from(error: $name) -> Self {
                #[allow(unused_mut, reason = "an error may have no members")]
                let mut members = $crate::value::Fields::new();
                $(if let Some(value) = $crate::value::IntoValue::into_value(error.$field) {
                    members.put($index, value);
                })*
                Self::declared(&$table, error.message).with_members(members)
            }
        }

        impl $crate::ServiceError for $name {}
    };
}

/// What an operation's model declares: `declares! { Encrypt: DisabledException, NotFoundException, }`.
#[macro_export]
macro_rules! declares {
    ($operation:ident: $($error:path,)*) => {
        $(impl $crate::Declares<$error> for $operation {})*
    };
}

/// Condition keys by their fields; those of the second group are templates, told by what stands before the name:
/// `condition_keys! { EncryptKeys; "kms:requestalias" => request_alias, ; "kms:encryptioncontext:" => context, }`.
#[macro_export]
macro_rules! condition_keys {
    ($name:ident; $($key:literal => $field:ident,)* ; $($prefix:literal => $map:ident,)*) => {
        impl $crate::ConditionKeys for $name {
            fn visit(&self, visitor: &mut dyn FnMut(&str, $crate::KeyValue<'_>)) {
                $(if let Some(value) = $crate::wire::KeyField::key_value(&self.$field) {
                    visitor($key, value);
                })*
                $($crate::wire::visit_template($prefix, &self.$map, visitor);)*
            }

            fn get(&self, key: &str) -> Option<$crate::KeyValue<'_>> {
                match key {
                    $($key => $crate::wire::KeyField::key_value(&self.$field),)*
                    _ => None$(.or_else(|| $crate::wire::get_template($prefix, &self.$map, key)))*,
                }
            }
        }
    };
}

#[doc(hidden)]
pub use serde;

#[doc(hidden)]
pub fn unknown_value<E: serde::de::Error>(text: &str) -> E {
    E::custom(format_args!("{text} is no value of this enumeration"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{ErrorShape, Kind, Member, Shape, Structure, UNIT};
    use crate::value::{Fields, Mismatch};
    use crate::{ConditionKeys, Fault, FromValue, Value};

    enumeration! { Spec; Rsa2048 = "RSA_2048", SymmetricDefault = "SYMMETRIC_DEFAULT", }

    static SPEC: Shape = Shape::new("Spec", Kind::String).one_of(Spec::VALUES);
    static REQUEST: Structure =
        Structure::new("Request", &[Member::new("Spec", &SPEC), Member::new("Other", &SPEC).required()]);

    #[derive(Debug, Clone, PartialEq)]
    struct Request {
        spec: Option<Spec>,
        other: Spec,
    }

    structure! { in Request: REQUEST; 0 => spec, 1 => other, }

    static BAD_SPEC: ErrorShape =
        ErrorShape { name: "BadSpec", code: "BadSpec", status: 400, sender: true, members: &UNIT };

    declared_error! { BadSpec: BAD_SPEC; 0 => spec: Spec, }

    struct Keys {
        spec: String,
        names: Vec<String>,
        context: BTreeMap<String, String>,
    }

    condition_keys! { Keys; "t:spec" => spec, "t:names" => names, ; "t:context:" => context, }

    #[test]
    fn a_structure_is_read_by_index_and_closed_enumerations_refuse_the_rest() {
        let mut fields = Fields::new();
        fields.put(1, Value::Text("RSA_2048".into()));
        let read = Request::from_value(Value::Structure(fields));
        assert_eq!(read, Ok(Request { spec: None, other: Spec::Rsa2048 }));
        assert_eq!(Spec::from_value(Value::Text("RSA_1024".into())), Err(Mismatch));
        assert_eq!(Request::from_value(Value::Text(String::new())), Err(Mismatch));
    }

    #[test]
    fn a_declared_error_keeps_its_message_and_members() {
        let fault = Fault::from(BadSpec { spec: Some(Spec::Rsa2048), ..BadSpec::new("no such spec") });
        assert_eq!(fault.message(), "no such spec");
        assert_eq!(fault.members().get(0), Some(&Value::Text("RSA_2048".into())));
    }

    #[test]
    fn keys_are_told_in_lower_case_and_empty_lists_are_absent() {
        let context =
            BTreeMap::from([("App".to_owned(), "x".to_owned()), ("\u{c4}B".to_owned(), "y".to_owned())]);
        let keys = Keys { spec: "RSA_2048".into(), names: Vec::new(), context };
        let mut told = Vec::new();
        keys.visit(&mut |key, value| told.push(format!("{key} {value:?}")));
        let expected =
            ["t:spec Text(\"RSA_2048\")", "t:context:app Text(\"x\")", "t:context:\u{c4}b Text(\"y\")"];
        assert_eq!(told, expected);
        assert_eq!(keys.get("t:names"), None);
        assert_eq!(keys.get("t:context:app"), Some(KeyValue::Text("x")));
        assert_eq!(keys.get("t:context:\u{c4}b"), Some(KeyValue::Text("y")));
        assert_eq!(keys.get("t:context:"), None);
    }
}
