//! What `wire/` generates for each operation, so that the corridor can carry any of them and an operation can only say
//! what its model lets it say.

use crate::schema;
use crate::sink::Structured;
use crate::value::FromValue;
use crate::{Fault, Timestamp};

/// An operation as its model describes it: a zero-sized type, `wire_kms::Encrypt`.
pub trait Shape: Send + Sync + 'static {
    /// The request. It is made of a [`Value::Structure`](crate::Value::Structure), and writes itself to the record.
    type Input: Structured + FromValue + Clone + Send + Sync + 'static;
    /// The answer.
    type Output: Structured + Send + Sync + 'static;
    /// The condition keys that the request itself supplies; [`NoKeys`] where there are none.
    type Keys: ConditionKeys;
    /// Its tables.
    const OPERATION: &'static schema::Operation;
    /// The IAM actions it may need, the main one first: `kms:ReEncryptFrom`. Empty: it is never decided on by an
    /// action (STS's GetCallerIdentity).
    const ACTIONS: &'static [&'static str];
    /// How CloudTrail classes its events.
    const CLASS: EventClass = EventClass::Management;
}

/// CloudTrail's two classes of API events. Event history shows management events alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventClass {
    /// About resources.
    Management,
    /// About what a resource holds: objects, items, messages.
    Data,
}

/// An error that a service's model declares, as its own type.
pub trait ServiceError: Into<Fault> {}

/// The operation's model declares that error. Generated; what an operation does not declare it cannot answer.
pub trait Declares<E: ServiceError> {}

/// Condition keys with their values. Names are in lower case, as policies are compiled.
pub trait ConditionKeys: Send + Sync + 'static {
    /// Tells every key that has a value.
    fn visit(&self, visitor: &mut dyn FnMut(&str, KeyValue<'_>));

    /// The value of one key; `None` when the request does not supply it.
    fn get(&self, key: &str) -> Option<KeyValue<'_>>;
}

/// The value of a condition key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KeyValue<'a> {
    /// One text: String, ARN, IPAddress.
    Text(&'a str),
    /// Several: the `ArrayOf` types.
    Texts(&'a [String]),
    /// Bool.
    Boolean(bool),
    /// Numeric.
    Number(i64),
    /// Date.
    Time(Timestamp),
}

/// The keys of a request that supplies none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoKeys;

impl ConditionKeys for NoKeys {
    fn visit(&self, _visitor: &mut dyn FnMut(&str, KeyValue<'_>)) {}

    fn get(&self, _key: &str) -> Option<KeyValue<'_>> {
        None
    }
}
