//! The names of the operators and their modifiers.

use super::number::Comparison;

/// A condition operator, without its modifiers. Named as AWS names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the language's own")]
pub enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    Null,
}

/// How several values of the request are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Qualifier {
    /// No set operator: for keys of one value.
    None,
    /// Every value of the request must match some value of the policy; true of no values.
    ForAllValues,
    /// Some value of the request must match; false of no values.
    ForAnyValue,
}

/// An operator string taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) operator: Operator,
    pub(crate) qualifier: Qualifier,
    pub(crate) if_exists: bool,
}

const NAMES: &[(&str, Operator)] = &[
    ("StringEquals", Operator::StringEquals),
    ("StringNotEquals", Operator::StringNotEquals),
    ("StringEqualsIgnoreCase", Operator::StringEqualsIgnoreCase),
    ("StringNotEqualsIgnoreCase", Operator::StringNotEqualsIgnoreCase),
    ("StringLike", Operator::StringLike),
    ("StringNotLike", Operator::StringNotLike),
    ("NumericEquals", Operator::NumericEquals),
    ("NumericNotEquals", Operator::NumericNotEquals),
    ("NumericLessThan", Operator::NumericLessThan),
    ("NumericLessThanEquals", Operator::NumericLessThanEquals),
    ("NumericGreaterThan", Operator::NumericGreaterThan),
    ("NumericGreaterThanEquals", Operator::NumericGreaterThanEquals),
    ("DateEquals", Operator::DateEquals),
    ("DateNotEquals", Operator::DateNotEquals),
    ("DateLessThan", Operator::DateLessThan),
    ("DateLessThanEquals", Operator::DateLessThanEquals),
    ("DateGreaterThan", Operator::DateGreaterThan),
    ("DateGreaterThanEquals", Operator::DateGreaterThanEquals),
    ("Bool", Operator::Bool),
    ("BinaryEquals", Operator::BinaryEquals),
    ("IpAddress", Operator::IpAddress),
    ("NotIpAddress", Operator::NotIpAddress),
    ("ArnEquals", Operator::ArnEquals),
    ("ArnNotEquals", Operator::ArnNotEquals),
    ("ArnLike", Operator::ArnLike),
    ("ArnNotLike", Operator::ArnNotLike),
    ("Null", Operator::Null),
];

impl Parsed {
    /// Reads `ForAnyValue:StringLikeIfExists` and the like; `None` if it names no operator.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (qualifier, rest) = match text.split_once(':') {
            None => (Qualifier::None, text),
            Some(("ForAllValues", rest)) => (Qualifier::ForAllValues, rest),
            Some(("ForAnyValue", rest)) => (Qualifier::ForAnyValue, rest),
            Some(_) => return None,
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let operator = NAMES.iter().find(|(known, _)| *known == name)?.1;
        // "You can add IfExists to the end of any condition operator name except the Null condition."
        let allowed = operator != Operator::Null || !if_exists;
        allowed.then_some(Self { operator, qualifier, if_exists })
    }
}

impl Operator {
    /// Does it hold where its positive form does not?
    #[must_use]
    pub fn is_negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
                | Self::ArnNotEquals
                | Self::ArnNotLike
        )
    }

    /// The name as written in a policy.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }

    pub(super) fn is_numeric(self) -> bool {
        self.name().starts_with("Numeric")
    }

    /// The comparison of a numeric or date operator; a negated one is made of its positive form.
    pub(super) fn comparison(self) -> Comparison {
        match self {
            Self::NumericLessThan | Self::DateLessThan => Comparison::Less,
            Self::NumericLessThanEquals | Self::DateLessThanEquals => Comparison::LessOrEqual,
            Self::NumericGreaterThan | Self::DateGreaterThan => Comparison::Greater,
            Self::NumericGreaterThanEquals | Self::DateGreaterThanEquals => Comparison::GreaterOrEqual,
            _ => Comparison::Equal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, Operator, Parsed, Qualifier};

    #[test]
    fn every_name_is_read_with_every_modifier() {
        for (name, operator) in NAMES {
            assert_eq!(operator.name(), *name);
            let parsed = Parsed::read(&format!("ForAnyValue:{name}"));
            assert_eq!(parsed.map(|p| (p.operator, p.qualifier)), Some((*operator, Qualifier::ForAnyValue)));
            let if_exists = Parsed::read(&format!("{name}IfExists"));
            assert_eq!(if_exists.is_some(), *operator != Operator::Null);
        }
    }

    #[test]
    fn other_names_are_refused() {
        for name in ["", "stringequals", "StringEqual", "ForSomeValues:Bool", "ForAllValues:", "NullIfExists"]
        {
            assert_eq!(Parsed::read(name), None, "{name}");
        }
    }
}
