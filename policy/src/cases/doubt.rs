//! Known departures of recorded decisions from the AWS documentation.

use super::Case;
use crate::{Decision, Principal};

/// A rule of the AWS documentation that the engine behind the recorded decisions is known not to follow.
///
/// A disagreement is put down to one by the marks of its case, which is a hint for the reader and no verdict: what
/// settles a case is written in `tests/data/DOUBTS.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// The root user needs no identity policy.
    RootUser,
    /// `0.0.0.0/0` is every IPv4 address.
    WholeInternet,
    /// `NotIpAddress` holds for an address of the other family.
    OtherFamily,
    /// An IPv6 address is the same in every spelling.
    Ipv6Spelling,
    /// A date may be a Unix time.
    EpochDate,
    /// `1e1` is the number ten.
    Exponent,
    /// Policies of 2008-10-17 have no variables.
    OldVersion,
    /// `${*}`, `${?}` and `${$}` stand for themselves wherever variables may stand.
    Character,
    /// A key without values is null.
    EmptyIsNull,
    /// `NotPrincipal: "*"` excepts everybody.
    NobodyElse,
}

impl Doubt {
    /// A short name, as in `DOUBTS.md`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RootUser => "root-user",
            Self::WholeInternet => "whole-internet",
            Self::OtherFamily => "other-family",
            Self::Ipv6Spelling => "ipv6-spelling",
            Self::EpochDate => "epoch-date",
            Self::Exponent => "exponent",
            Self::OldVersion => "old-version",
            Self::Character => "character",
            Self::EmptyIsNull => "empty-is-null",
            Self::NobodyElse => "nobody-else",
        }
    }

    /// The rule that was followed instead.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::RootUser => "the root user has full access without an identity policy",
            Self::WholeInternet => "a network of prefix 0 holds every address of its family",
            Self::OtherFamily => "NotIpAddress holds for all addresses except the specified ones",
            Self::Ipv6Spelling => "addresses are compared, not their spelling",
            Self::EpochDate => "a date may be given in Unix time",
            Self::Exponent => "numbers are those of RFC 7159",
            Self::OldVersion => "before 2012-10-17 a variable is literal text",
            Self::Character => "special characters can be written wherever variables can",
            Self::EmptyIsNull => "a key without values is null",
            Self::NobodyElse => "\"*\" is everybody",
        }
    }

    /// The doubt whose marks a case bears.
    pub(super) fn of(case: &Case, decision: &Decision<'_>) -> Option<Self> {
        if decision.is_allowed() && matches!(case.request().principal, Principal::Root { .. }) {
            return Some(Self::RootUser);
        }
        let has = |mark: &str| case.texts().any(|text| text.contains(mark));
        let any = |marks: &[&str]| marks.iter().any(|mark| has(mark));
        let of_words = |operator: &str, word: fn(&str) -> bool| {
            case.texts().any(|text| text.contains(operator) && text.split('"').any(word))
        };
        let marks = [
            (Self::NobodyElse, has("\"NotPrincipal\":\"*\"")),
            (Self::OldVersion, has("2008-10-17") && has("${")),
            (Self::Character, any(&["${*}", "${?}", "${$}"])),
            (Self::WholeInternet, any(&["/0\""])),
            (Self::EpochDate, of_words("\"Date", is_epoch) || of_words(":Date", is_epoch)),
            (Self::Exponent, of_words("Numeric", is_exponent)),
            (Self::OtherFamily, has("NotIpAddress")),
            (Self::Ipv6Spelling, of_words("IpAddress", |word| word.contains("::"))),
            (Self::EmptyIsNull, has("\"Null\"")),
        ];
        marks.into_iter().find_map(|(doubt, marked)| marked.then_some(doubt))
    }
}

fn is_epoch(word: &str) -> bool {
    word.len() >= 9 && word.bytes().all(|b| b.is_ascii_digit())
}

fn is_exponent(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.contains('e')
        && word.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && word.parse::<f64>().is_ok()
}
