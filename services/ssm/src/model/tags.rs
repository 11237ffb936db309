use alcazar_core::Declares;
use alcazar_corridor::{Failure, Refusal};
use alcazar_directory::Tags;
use wire_ssm::{InvalidResourceId, InvalidResourceType, ResourceTypeForTagging, Tag, TooManyTagsError};

/// The most tags of a parameter. Source: Systems Manager API reference, `AddTagsToResource`.
const LIMIT: usize = 50;

/// The pairs of a request's tags.
pub(crate) fn tag_pairs(tags: &[Tag]) -> impl Iterator<Item = (String, String)> {
    tags.iter().map(|tag| (tag.key.clone(), tag.value.clone()))
}

/// The parameter's tags as they are answered.
pub(crate) fn tag_list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::new(key.to_owned(), value.to_owned())).collect()
}

/// Tags with the request's put over them; `None` when there are then too many.
pub(crate) fn with_tags(mut held: Tags, put: &[Tag]) -> Result<Option<Tags>, Failure> {
    for tag in put {
        if tag.key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(Failure::validation("Tag keys that begin with aws: are reserved."));
        }
        held.put(tag.key.clone(), tag.value.clone());
    }
    Ok((held.len() <= LIMIT).then_some(held))
}

/// The same, for an operation that declares the error.
pub(crate) fn checked_tags<S: Declares<TooManyTagsError>>(
    held: Tags,
    put: &[Tag],
) -> Result<Tags, Refusal<S>> {
    let message =
        "The Targets parameter includes too many tags. Remove one or more tags and try the command again.";
    with_tags(held, put)?.ok_or_else(|| TooManyTagsError::new(message).into())
}

/// Parameters are the only resources that are built.
pub(crate) fn only_parameters<S: Declares<InvalidResourceType>>(
    kind: ResourceTypeForTagging,
) -> Result<(), Refusal<S>> {
    match kind {
        ResourceTypeForTagging::Parameter => Ok(()),
        _ => Err(InvalidResourceType::new("The resource type isn't valid. For example, if you are attempting to tag an EC2 instance, the instance must be a registered managed node.").into()),
    }
}

/// That there is no such resource.
pub(crate) fn no_resource() -> InvalidResourceId {
    InvalidResourceId::new(
        "The resource ID isn't valid. Verify that you entered the correct ID and try again.",
    )
}
