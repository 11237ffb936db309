use alcazar_core::Declares;
use alcazar_corridor::Refusal;
use alcazar_directory::Tags;
use wire_kms::{Tag, TagException};

/// The most tags of a key. Source: KMS Developer Guide, "Tags in AWS KMS".
const TAG_LIMIT: usize = 50;

/// The pairs of a request's tags.
pub(crate) fn tag_pairs(tags: &[Tag]) -> impl Iterator<Item = (String, String)> {
    tags.iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone()))
}

/// The key's tags with the request's put over them, if they may be.
pub(crate) fn checked_tags<S: Declares<TagException>>(
    mut held: Tags,
    put: &[Tag],
) -> Result<Tags, Refusal<S>> {
    for (index, tag) in put.iter().enumerate() {
        if tag.tag_key.to_ascii_lowercase().starts_with("aws:") {
            return Err(TagException::new("Tags beginning with aws: are reserved").into());
        }
        if put.iter().skip(index + 1).any(|other| other.tag_key == tag.tag_key) {
            return Err(TagException::new("Duplicate tag keys").into());
        }
        held.put(tag.tag_key.clone(), tag.tag_value.clone());
    }
    if held.len() > TAG_LIMIT {
        return Err(TagException::new("Too many tags").into());
    }
    Ok(held)
}
