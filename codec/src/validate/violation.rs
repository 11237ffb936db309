use std::fmt;

use alcazar_core::schema::Shape;

/// A constraint that a value breaks.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Where: `keySpec`, `tags.1.member.tagKey`. Names begin in lower case; elements count from one.
    pub path: String,
    /// What stood there.
    pub value: Echo,
    /// What it breaks.
    pub constraint: Constraint,
}

/// A refused value as the message shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Echo {
    /// There was none: `Value null at`.
    Null,
    /// It may not be shown (`Value at`): it is sensitive, or has no plain form.
    Hidden,
    /// `Value 'x' at`, cut when long.
    Shown(String),
}

/// What a value must satisfy.
#[derive(Debug, Clone, Copy)]
pub enum Constraint {
    /// A required member.
    NotNull,
    /// One of an enumeration's values.
    Enumeration(&'static [&'static str]),
    /// A pattern, as published.
    Pattern(&'static str),
    /// Greatest length.
    MaxLength(i64),
    /// Least length.
    MinLength(i64),
    /// Greatest value.
    MaxValue(i64),
    /// Least value.
    MinValue(i64),
    /// Exactly one member of a union.
    OneMember,
    /// All constraints of a list's elements.
    Elements(&'static Shape),
    /// All constraints of a map's keys.
    Keys(&'static Shape),
    /// All constraints of a map's values.
    Values(&'static Shape),
}

impl Constraint {
    /// The constraints of a scalar shape, in the order in which AWS's messages list them.
    pub(crate) fn of(shape: &'static Shape) -> Vec<Self> {
        use alcazar_core::schema::Kind;
        let mut all = Vec::new();
        if !shape.enumeration.is_empty() {
            all.push(Self::Enumeration(shape.enumeration));
        }
        let length = matches!(shape.kind, Kind::String | Kind::Blob | Kind::List(_) | Kind::Map(..));
        all.extend(shape.max.map(|max| if length { Self::MaxLength(max) } else { Self::MaxValue(max) }));
        all.extend(shape.min.map(|min| if length { Self::MinLength(min) } else { Self::MinValue(min) }));
        all.extend(shape.pattern.map(|pattern| Self::Pattern(pattern.published)));
        all
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Echo::Null => f.write_str("Value null at ")?,
            Echo::Hidden => f.write_str("Value at ")?,
            Echo::Shown(value) => write!(f, "Value '{value}' at ")?,
        }
        write!(f, "'{}' failed to satisfy constraint: {}", self.path, self.constraint)
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNull => f.write_str("Member must not be null"),
            Self::Enumeration(values) => {
                write!(f, "Member must satisfy enum value set: [{}]", values.join(", "))
            }
            Self::Pattern(pattern) => {
                write!(f, "Member must satisfy regular expression pattern: {pattern}")
            }
            Self::MaxLength(max) => write!(f, "Member must have length less than or equal to {max}"),
            Self::MinLength(min) => write!(f, "Member must have length greater than or equal to {min}"),
            Self::MaxValue(max) => write!(f, "Member must have value less than or equal to {max}"),
            Self::MinValue(min) => write!(f, "Member must have value greater than or equal to {min}"),
            Self::OneMember => f.write_str("Member must have exactly one member set"),
            Self::Elements(shape) => write_all(f, "Member must satisfy constraint", shape),
            Self::Keys(shape) => write_all(f, "Map keys must satisfy constraint", shape),
            Self::Values(shape) => write_all(f, "Map value must satisfy constraint", shape),
        }
    }
}

fn write_all(f: &mut fmt::Formatter<'_>, words: &str, shape: &'static Shape) -> fmt::Result {
    let all: Vec<String> = Constraint::of(shape).iter().map(ToString::to_string).collect();
    write!(f, "{words}: [{}]", all.join(", "))
}
