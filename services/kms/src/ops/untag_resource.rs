//! UntagResource: removes tags from a key; those that are not there are no error.
//! Source: KMS API reference, `UntagResource`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::model::{Found, Reference, change, guard_own, not_pending_deletion};

pub(crate) struct UntagResource;

impl Operation for UntagResource {
    type Shape = wire::UntagResource;
    type Target = Found;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let found = Reference::read_key(&input.key_id, view).find(view).await?;
        let guard = guard_own(&found, view);
        Ok(Located::new(found)
            .need(wire::actions::UNTAG_RESOURCE, guard, NoKeys)
            .untagging(input.tag_keys.iter().cloned()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            change(tx, call.target(), |_, key| {
                not_pending_deletion(key)?;
                for name in &call.input().tag_keys {
                    key.tags.remove(name);
                }
                Ok(())
            })
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "kms:CreateKey",
                r#"{"Tags": [{"TagKey": "team", "TagValue": "red"}]}"#,
                &[("key", "/KeyMetadata/KeyId")],
            )],
            input: r#"{"KeyId": "${key}", "TagKeys": ["team"]}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::key;

    #[tokio::test]
    async fn the_tag_goes_and_others_stay() {
        let world = World::of(&[crate::SERVICE]).await;
        let key =
            key(&world, r#"{"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]}"#)
                .await;
        let answer = world.call("kms:UntagResource", &key.with(r#""TagKeys": ["a", "c"]"#)).await;
        insta::assert_snapshot!(world.told(&answer).await, @"");
        let listed = world.call("kms:ListResourceTags", &key.with("")).await.ok().json();
        assert_eq!(listed["Tags"].to_string(), r#"[{"TagKey":"b","TagValue":"2"}]"#);
    }
}
