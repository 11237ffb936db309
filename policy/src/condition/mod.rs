//! The `Condition` element: operators, their modifiers, and what holds when a key is missing.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context keys
//! or values".

mod arn;
mod binary;
mod boolean;
pub(crate) mod date;
mod ip;
mod number;
mod operator;
mod string;

pub use operator::{Operator, Qualifier};

use crate::context::{Context, Value, Values};
use crate::error::{PolicyError, PolicyErrorKind as Kind};
use crate::json::Node;
use crate::variables::{Text, Unresolved, Wildcards, any};

/// One key tested by one operator. A statement's conditions must all hold.
#[derive(Debug, Clone)]
pub struct Condition {
    operator: Operator,
    qualifier: Qualifier,
    if_exists: bool,
    /// As written in the policy.
    key: Box<str>,
    /// Lower case, for asking: keys do not regard case.
    asked: Box<str>,
    test: Test,
}

/// The values of the policy, read once. With a value that cannot be read (`NumericEquals: "abc"`) nothing compares.
#[derive(Debug, Clone)]
enum Test {
    Text(Box<[Text]>),
    IgnoreCase(Box<[Text]>),
    Arn(Box<[arn::ArnPattern]>),
    Number(number::Comparison, Box<[Option<f64>]>),
    Date(number::Comparison, Box<[Option<i64>]>),
    Bool(Box<[Text]>),
    Binary(Box<[Option<Box<[u8]>>]>),
    Ip(Box<[Option<ip::Network>]>),
    /// True if `true` is among the values; whether `false` is.
    Null {
        absent: bool,
        present: bool,
    },
}

/// What came of a condition whose key the request does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) holds: bool,
    /// The key was asked for and was not there.
    pub(crate) missing: bool,
}

impl Condition {
    /// Compiles one key of one operator; `key` is as written.
    pub(crate) fn compile(parsed: &operator::Parsed, key: &str, values: &[String], variables: bool) -> Self {
        Self {
            operator: parsed.operator,
            qualifier: parsed.qualifier,
            if_exists: parsed.if_exists,
            key: key.into(),
            asked: key.to_ascii_lowercase().into(),
            test: Test::compile(parsed.operator, values, variables),
        }
    }

    /// The operator, without its modifiers.
    #[must_use]
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// `ForAllValues:`, `ForAnyValue:` or neither.
    #[must_use]
    pub fn qualifier(&self) -> Qualifier {
        self.qualifier
    }

    /// Does the operator end in `IfExists`?
    #[must_use]
    pub fn if_exists(&self) -> bool {
        self.if_exists
    }

    /// The condition key as written in the policy.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Are all values fixed: without wildcards and variables, and no address range wider than /8 (IPv6: /32)?
    pub(crate) fn has_fixed_values(&self) -> bool {
        let fixed = |text: &Text| matches!(text, Text::Fixed(pattern) if pattern.as_exact().is_some());
        match &self.test {
            Test::Text(texts) | Test::IgnoreCase(texts) | Test::Bool(texts) => texts.iter().all(fixed),
            Test::Arn(arns) => arns.iter().all(arn::ArnPattern::is_bound),
            Test::Ip(networks) => networks.iter().flatten().all(|network| !network.is_wide()),
            _ => true,
        }
    }

    /// Every key that the condition reads, variables of its values included, in lower case but for the first.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let texts: &[Text] = match &self.test {
            Test::Text(texts) | Test::IgnoreCase(texts) | Test::Bool(texts) => texts,
            _ => &[],
        };
        let arns: &[arn::ArnPattern] = if let Test::Arn(arns) = &self.test { arns } else { &[] };
        std::iter::once(&*self.key)
            .chain(texts.iter().flat_map(Text::keys))
            .chain(arns.iter().flat_map(arn::ArnPattern::keys))
    }

    pub(crate) fn evaluate(&self, context: &dyn Context) -> Result<Outcome, Unresolved> {
        let found = context.get(&self.asked);
        if let Test::Null { absent, present } = self.test {
            let there = found.as_ref().is_some_and(|values| !is_empty(values));
            let holds = if there { present } else { absent };
            return Ok(Outcome { holds, missing: found.is_none() });
        }
        let Some(values) = found else {
            return Ok(Outcome { holds: self.holds_without_key(), missing: true });
        };
        Ok(Outcome { holds: self.compare(&values, context)?, missing: false })
    }

    /// A missing key: `ForAllValues` holds, `ForAnyValue` does not (not even with `IfExists`: there is no value of
    /// which it could be true); else `IfExists` and negated operators hold.
    fn holds_without_key(&self) -> bool {
        match self.qualifier {
            Qualifier::ForAllValues => true,
            Qualifier::ForAnyValue => false,
            Qualifier::None => self.if_exists || self.operator.is_negated(),
        }
    }

    fn compare(&self, values: &Values<'_>, context: &dyn Context) -> Result<bool, Unresolved> {
        match values {
            Values::One(value) => self.holds_for(value, context),
            Values::Many(values) => {
                let all = self.qualifier == Qualifier::ForAllValues;
                for value in values {
                    // `ForAllValues` ends at the first value that fails, the others at the first that holds.
                    if self.holds_for(&Value::Text(value), context)? != all {
                        return Ok(!all);
                    }
                }
                Ok(all)
            }
        }
    }

    /// A positive operator holds for a value that matches some value of the policy; a negated one for a value that is
    /// comparable with all of them and matches none.
    fn holds_for(&self, value: &Value<'_>, context: &dyn Context) -> Result<bool, Unresolved> {
        if self.operator.is_negated() {
            Ok(self.test.is_comparable(value) && !self.test.any_matches(value, context)?)
        } else {
            self.test.any_matches(value, context)
        }
    }
}

fn is_empty(values: &Values<'_>) -> bool {
    matches!(values, Values::Many(values) if values.is_empty())
}

impl Test {
    fn compile(operator: Operator, values: &[String], variables: bool) -> Self {
        use Operator as O;
        let texts = |wildcards| values.iter().map(|v| Text::compile(v, variables, wildcards)).collect();
        let numbers = || values.iter().map(|v| number::parse(v)).collect();
        let dates = || values.iter().map(|v| date::parse(v)).collect();
        match operator {
            O::StringEquals | O::StringNotEquals => Self::Text(texts(Wildcards::No)),
            O::StringLike | O::StringNotLike => Self::Text(texts(Wildcards::Yes)),
            O::StringEqualsIgnoreCase | O::StringNotEqualsIgnoreCase => {
                Self::IgnoreCase(texts(Wildcards::No))
            }
            O::ArnEquals | O::ArnLike | O::ArnNotEquals | O::ArnNotLike => {
                Self::Arn(values.iter().map(|v| arn::ArnPattern::compile(v, variables)).collect())
            }
            O::Bool => Self::Bool(texts(Wildcards::No)),
            O::BinaryEquals => Self::Binary(values.iter().map(|v| binary::decode(v)).collect()),
            O::IpAddress | O::NotIpAddress => {
                Self::Ip(values.iter().map(|v| ip::Network::parse(v)).collect())
            }
            O::Null => {
                let has = |want| values.iter().any(|v| boolean::parse(v) == Some(want));
                Self::Null { absent: has(true), present: has(false) }
            }
            numeric if numeric.is_numeric() => Self::Number(numeric.comparison(), numbers()),
            date => Self::Date(date.comparison(), dates()),
        }
    }

    /// Can both sides be read as the operator's type? The documentation does not say what a negated operator makes of
    /// `"abc"` as a number; here no comparison with it holds, in either form.
    fn is_comparable(&self, value: &Value<'_>) -> bool {
        match self {
            Self::Number(_, wanted) => number::of(value).is_some() && wanted.iter().all(Option::is_some),
            Self::Date(_, wanted) => date::of(value).is_some() && wanted.iter().all(Option::is_some),
            Self::Ip(networks) => ip::of(value).is_some() && networks.iter().all(Option::is_some),
            Self::Arn(arns) => arn::is_arn(&value.text()) && arns.iter().all(arn::ArnPattern::is_readable),
            _ => true,
        }
    }

    fn any_matches(&self, value: &Value<'_>, context: &dyn Context) -> Result<bool, Unresolved> {
        match self {
            Self::Text(texts) => any(texts, |text| text.matches(&value.text(), context)),
            Self::IgnoreCase(texts) => {
                any(texts, |text| string::equal_ignoring_case(text, &value.text(), context))
            }
            Self::Arn(arns) => any(arns, |arn| arn.matches(&value.text(), context)),
            Self::Bool(texts) => any(texts, |text| boolean::matches(text, value, context)),
            Self::Number(comparison, wanted) => {
                let have = number::of(value);
                Ok(have.is_some_and(|have| wanted.iter().flatten().any(|w| comparison.holds(&have, w))))
            }
            Self::Date(comparison, wanted) => {
                let have = date::of(value);
                Ok(have.is_some_and(|have| wanted.iter().flatten().any(|w| comparison.holds(&have, w))))
            }
            Self::Binary(wanted) => {
                let have = binary::decode(&value.text());
                Ok(have.is_some_and(|have| wanted.iter().flatten().any(|w| *w == have)))
            }
            Self::Ip(networks) => {
                let have = ip::of(value);
                Ok(have.is_some_and(|have| networks.iter().flatten().any(|n| n.contains(have))))
            }
            Self::Null { .. } => Ok(false),
        }
    }
}

/// Reads a `Condition` element.
pub(crate) fn read(node: Node, variables: bool, path: &str) -> Result<Vec<Condition>, PolicyError> {
    let mut conditions = Vec::new();
    for (operator, keys) in object(node, path)? {
        let path = format!("{path}.{operator}");
        let parsed = operator::Parsed::read(&operator).ok_or_else(|| {
            PolicyError::new(Kind::Value, format!("Invalid Condition type : {operator}."), "no such operator")
                .at(&path)
        })?;
        for (key, values) in object(keys, &path)? {
            let values = values_of(values, &format!("{path}.{key}"))?;
            conditions.push(Condition::compile(&parsed, &key, &values, variables));
        }
    }
    Ok(conditions)
}

fn object(node: Node, path: &str) -> Result<Vec<(String, Node)>, PolicyError> {
    match node {
        Node::Object(members) => Ok(members),
        other => {
            Err(PolicyError::syntax(Kind::Value, format!("{} where an object must be", other.kind()))
                .at(path))
        }
    }
}

/// One value or a list: "quotation marks are optional for numeric and Boolean values".
fn values_of(node: Node, path: &str) -> Result<Vec<String>, PolicyError> {
    match node {
        Node::List(items) => items.into_iter().map(|item| value_of(item, path)).collect(),
        one => Ok(vec![value_of(one, path)?]),
    }
}

fn value_of(node: Node, path: &str) -> Result<String, PolicyError> {
    match node {
        Node::Text(text) | Node::Number(text) => Ok(text),
        Node::Bool(value) => Ok(value.to_string()),
        other => {
            Err(PolicyError::syntax(Kind::Value, format!("{} where a value must be", other.kind())).at(path))
        }
    }
}
