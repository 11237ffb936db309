//! CreateAccount: a further account of this installation, with an access key of its root user.
//!
//! The secret is told once, here. Account ids are drawn at random and never used again.

use alcazar_core::id::{UniqueIdPrefix, unique_id};
use alcazar_core::{AccountId, NoKeys, SecretText};
use alcazar_corridor::{
    Call, Committed, Example, Input, Located, Operation, Output, Refusal, View, access_key_context,
    access_key_secret,
};
use alcazar_directory::{ACCESS_KEYS, ACCOUNTS, AccessKey, Account, KeyOwner};
use alcazar_store::Scope;
use wire_alcazar as wire;

use crate::model::{guard_any, installation, told};

pub(crate) struct CreateAccount;

impl Operation for CreateAccount {
    type Shape = wire::CreateAccount;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::CREATE_ACCOUNT, guard_any(view).await?, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let owner = installation(call.view()).await?.management_account;
        let id = AccountId::from_number(u64::from_be_bytes(call.random()) % 1_000_000_000_000);
        let access_key_id = unique_id(UniqueIdPrefix::AccessKey, call.random());
        let secret = access_key_secret(call.random());
        let account = Account {
            id,
            partition: call.region().partition().name.to_owned(),
            name: call.input().name.clone(),
            created_at: call.now(),
            alias: None,
            root_access_keys: vec![access_key_id.clone()],
        };
        let key = AccessKey {
            id: access_key_id.clone(),
            account: id,
            owner: KeyOwner::Root,
            secret: call.seal(&access_key_context(&access_key_id), secret.expose().as_bytes())?,
            active: true,
            created_at: call.now(),
            gate: None,
        };
        let partition = call.region().partition().name;
        call.commit(|tx, _| {
            if tx.get(&ACCOUNTS, Scope::Installation, &id)?.is_some() {
                return Err(
                    wire::InternalServiceException::new("The drawn account id is taken. Try again.").into()
                );
            }
            tx.put(&ACCOUNTS, Scope::Installation, &id, &account)?;
            tx.put(&ACCESS_KEYS, Scope::Installation, access_key_id.as_str(), &key)?;
            Ok(wire::CreateAccountResponse {
                account: Some(told(&account, owner, partition)),
                access_key_id: Some(access_key_id.clone()),
                secret_access_key: Some(SecretText::new(secret.expose().to_owned())),
            })
        })
        .await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"Name": "second"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_core::SecretText;
    use alcazar_testkit::{Credentials, World};

    #[tokio::test]
    async fn the_new_root_user_can_call_and_the_secret_is_not_in_the_record() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("alcazar:CreateAccount", r#"{"Name": "second"}"#).await.ok();
        let secret = answer.text("/SecretAccessKey");
        assert_eq!(secret.len(), 40);
        assert!(!world.records(1).await.contains(&secret));
        let second = Credentials {
            access_key_id: answer.text("/AccessKeyId"),
            secret: SecretText::new(secret),
            token: None,
        };
        let denied = world.call_as(&second, "alcazar:GetClock", "{}").await;
        assert_eq!((denied.status, denied.text("/__type")), (400, "AccessDeniedException".to_owned()));
    }
}
