//! ListResourceTags: the tags of a key, in the order they were put.
//! Source: KMS API reference, `ListResourceTags`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms::{self as wire, Tag};

use crate::example;
use crate::model::{Found, Reference, guard_own, limit, list};

pub(crate) struct ListResourceTags;

impl Operation for ListResourceTags {
    type Shape = wire::ListResourceTags;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(Located::new(found).need(wire::actions::LIST_RESOURCE_TAGS, guard, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let key = call.target().key()?;
        let tags = key.tags.iter().map(|(name, value)| Tag::new(name.to_owned(), value.to_owned()));
        let (marker, limit) = (call.input().marker.as_deref(), limit(call.input().limit, 50, 50));
        let page = list(&call, tags.collect(), &key.id, marker, limit)?;
        let truncated = Some(page.next.is_some());
        let answer =
            wire::ListResourceTagsResponse { tags: Some(page.items), next_marker: page.next, truncated };
        call.answer(answer).await
    }

    fn example() -> Example {
        Example { world: example::KEY, input: r#"{"KeyId": "${key}"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn tags_come_in_pages() {
        let world = World::of(&[crate::SERVICE]).await;
        let key =
            key(&world, r#"{"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]}"#)
                .await;
        let first = world.call("kms:ListResourceTags", &key.with(r#""Limit": 1"#)).await.ok();
        assert_eq!((first.text("/Tags/0/TagKey"), first.text("/Truncated")), ("a".into(), "true".into()));
        let marker = first.text("/NextMarker");
        let answer = world.call("kms:ListResourceTags", &key.with(&format!(r#""Marker": "{marker}""#))).await;
        insta::assert_snapshot!(world.told(&answer).await.replace(&marker, "<marker>"), @"");
    }
}
