//! Tags of users, roles and policies.
//! Source: IAM User Guide, "Tags for AWS Identity and Access Management resources": keys of users and roles ignore case, those of
//! policies do not.

use alcazar_core::Declares;
use alcazar_corridor::{Call, Failure, Operation, Refusal};
use alcazar_directory::Tags;
use wire_iam::{InvalidInputException, LimitExceededException, Tag};

use super::quota::{TAGS, exceeded};
use super::{Ask, Page};

/// Whether keys that differ in case alone are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Users and roles.
    IgnoreCase,
    /// Policies.
    Exact,
}

impl Keys {
    fn same(self, one: &str, other: &str) -> bool {
        match self {
            Self::IgnoreCase => one.to_lowercase() == other.to_lowercase(),
            Self::Exact => one == other,
        }
    }

    const fn duplicate(self) -> &'static str {
        match self {
            Self::IgnoreCase => "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            Self::Exact => "Duplicate tag keys found.",
        }
    }
}

/// As the decision takes them: `aws:RequestTag/...`.
pub(crate) fn pairs(tags: Option<&[Tag]>) -> Vec<(String, String)> {
    tags.unwrap_or_default().iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

/// Adds or replaces tags.
pub(crate) fn put<S>(tags: &mut Tags, new: &[Tag], keys: Keys) -> Result<(), Refusal<S>>
where
    S: Declares<InvalidInputException> + Declares<LimitExceededException>,
{
    for (index, tag) in new.iter().enumerate() {
        if tag.key.to_lowercase().starts_with("aws:") {
            let message = format!("Tag key {} begins with aws:, which is reserved for AWS.", tag.key);
            return Err(InvalidInputException::new(message).into());
        }
        if new.iter().take(index).any(|earlier| keys.same(&earlier.key, &tag.key)) {
            return Err(InvalidInputException::new(keys.duplicate()).into());
        }
        remove(tags, &tag.key, keys);
        tags.put(tag.key.clone(), tag.value.clone());
    }
    if tags.len() > TAGS {
        return Err(exceeded("TagsPerResource", TAGS).into());
    }
    Ok(())
}

/// Removes the tag of that key; none is no error.
pub(crate) fn remove(tags: &mut Tags, key: &str, keys: Keys) {
    let held: Vec<String> =
        tags.iter().filter(|(known, _)| keys.same(known, key)).map(|(known, _)| known.to_owned()).collect();
    for known in held {
        tags.remove(&known);
    }
}

/// A page of tags, by key.
pub(crate) fn page<O: Operation>(
    call: &Call<O>,
    of: &str,
    tags: &Tags,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Page<Tag>, Failure> {
    let ask = Ask::of(call, marker, max_items, of)?;
    let told = |(key, value): (&str, &str)| (key.to_owned(), Tag::new(key.to_owned(), value.to_owned()));
    ask.list(call, tags.iter().map(told))
}
