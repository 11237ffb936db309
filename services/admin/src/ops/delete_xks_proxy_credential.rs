//! DeleteXksProxyCredential: a credential of the external key store proxy's gate, of a user of the caller's account, signs no longer.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use alcazar_directory::ACCESS_KEYS;
use alcazar_store::Scope;
use wire_alcazar as wire;

use crate::model::XKS_CREDENTIALS;

pub(crate) struct DeleteXksProxyCredential;

impl Operation for DeleteXksProxyCredential {
    type Shape = wire::DeleteXksProxyCredential;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = Guard::any(view.account());
        Ok(Located::new(()).need(wire::actions::DELETE_XKS_PROXY_CREDENTIAL, any, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        call.commit(|tx, call| {
            let (id, of_account) = (call.input().access_key_id.as_str(), Scope::Account(call.account()));
            if tx.get(&XKS_CREDENTIALS, of_account, id)?.is_none() {
                let message = format!("There is no credential {id}.");
                return Err(wire::CredentialNotFoundException::new(message).into());
            }
            tx.remove(&XKS_CREDENTIALS, of_account, id)?;
            tx.remove(&ACCESS_KEYS, Scope::Installation, id)?;
            Ok(wire::DeleteXksProxyCredentialResponse::default())
        })
        .await
    }

    fn example() -> Example {
        Example {
            world: &[(
                "alcazar:CreateXksProxyCredential",
                r#"{"UserArn": "arn:aws:iam::111122223333:root"}"#,
                &[("id", "/Credential/AccessKeyId")],
            )],
            input: r#"{"AccessKeyId": "${id}"}"#,
        }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn a_key_of_the_api_is_no_such_credential() {
        let world = World::of(&[crate::SERVICE]).await;
        let input = r#"{"AccessKeyId": "AKIAROOTROOTROOTROOT"}"#;
        let answer = world.call("alcazar:DeleteXksProxyCredential", input).await;
        assert_eq!((answer.status, answer.text("/__type")), (400, "CredentialNotFoundException".to_owned()));
    }
}
