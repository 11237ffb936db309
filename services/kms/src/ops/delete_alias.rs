//! DeleteAlias: the name goes, the key stays.
//!
//! Needs the right on the alias and on its key.
//! Source: KMS API reference, `DeleteAlias`.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Input, Located, Operation, Output, Refusal, View};
use wire_kms as wire;

use crate::example;
use crate::model::{ALIASES, Found, Reference, alias_guard, change, guard_own, missing_alias};

pub(crate) struct DeleteAlias;

impl Operation for DeleteAlias {
    type Shape = wire::DeleteAlias;
    /// The alias's key; `None` when there is no such alias.
    type Target = Option<Found>;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let guard = alias_guard(&input.alias_name, view);
        match view.get(&ALIASES, view.here(), input.alias_name.as_str()).await? {
            None => Ok(Located::new(None).need(wire::actions::DELETE_ALIAS, guard, NoKeys)),
            Some(alias) => {
                let key = Reference::of_key(alias.key_id.clone(), view.account(), view).find(view).await?;
                let key_guard = guard_own(&key, view);
                Ok(Located::new(Some(key)).need(wire::actions::DELETE_ALIAS, guard, NoKeys).need(
                    wire::actions::DELETE_ALIAS,
                    key_guard,
                    NoKeys,
                ))
            }
        }
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let Some(found) = call.target().clone() else {
            return Err(missing_alias(&call.input().alias_name, &call).into());
        };
        call.commit(|tx, call| {
            let name = &call.input().alias_name;
            tx.remove(&ALIASES, call.here(), name.as_str())?;
            if found.found().is_some() {
                change(tx, &found, |_, key| {
                    key.aliases.retain(|held| held != name);
                    Ok(())
                })?;
            }
            Ok(())
        })
        .await
    }

    fn example() -> Example {
        Example { world: example::ALIAS, input: r#"{"AliasName": "alias/one"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    use crate::test::{alias, key, refusal};

    #[tokio::test]
    async fn the_name_goes_and_the_key_stays() {
        let world = World::of(&[crate::SERVICE]).await;
        let key = key(&world, "{}").await;
        let _ = world.call("kms:CreateAlias", &alias("alias/one", &key)).await.ok();
        let answer = world.call("kms:DeleteAlias", r#"{"AliasName": "alias/one"}"#).await;
        insta::assert_snapshot!(world.told(&answer).await, @"");
        let _ = world.call("kms:DescribeKey", &key.with("")).await.ok();
        let gone = "400 NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/one is not found.";
        assert_eq!(refusal(&world, "kms:DeleteAlias", r#"{"AliasName": "alias/one"}"#).await, gone);
        assert_eq!(refusal(&world, "kms:DescribeKey", r#"{"KeyId": "alias/one"}"#).await, gone);
    }
}
