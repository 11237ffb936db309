use alcazar_core::Declares;
use alcazar_corridor::Refusal;
use alcazar_directory::Tags;
use wire_secretsmanager::{InvalidParameterException, Tag};

/// The most tags of a secret. Source: Secrets Manager User Guide, "Tag secrets".
const LIMIT: usize = 50;

/// The pairs of a request's tags.
pub(crate) fn tag_pairs(tags: &[Tag]) -> impl Iterator<Item = (String, String)> {
    tags.iter().map(|tag| (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default()))
}

/// A secret's tags as they are answered.
pub(crate) fn tag_list(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&str, &str)| Tag { key: Some(key.to_owned()), value: Some(value.to_owned()) };
    tags.iter().map(tag).collect()
}

/// The secret's tags with the request's put over them, if they may be.
pub(crate) fn checked_tags<S: Declares<InvalidParameterException>>(
    mut held: Tags,
    put: &[Tag],
) -> Result<Tags, Refusal<S>> {
    let refused = |message: &str| Err(InvalidParameterException::new(message).into());
    for (index, tag) in put.iter().enumerate() {
        let Some(key) = &tag.key else { return refused("You must provide a value for the key of each tag.") };
        if key.to_ascii_lowercase().starts_with("aws:") {
            return refused("Tag keys that begin with aws: are reserved.");
        }
        if put.iter().skip(index + 1).any(|other| other.key == tag.key) {
            return refused("Duplicate tag keys are not allowed.");
        }
        held.put(key.clone(), tag.value.clone().unwrap_or_default());
    }
    if held.len() > LIMIT {
        return refused("A secret can have at most 50 tags.");
    }
    Ok(held)
}
