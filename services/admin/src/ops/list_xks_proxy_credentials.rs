//! ListXksProxyCredentials: the credentials of the external key store proxy's gate that the account's users have, by id, without their secrets.

use alcazar_core::NoKeys;
use alcazar_corridor::{Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View};
use alcazar_store::Scope;
use wire_alcazar as wire;

use crate::model::XKS_CREDENTIALS;

pub(crate) struct ListXksProxyCredentials;

impl Operation for ListXksProxyCredentials {
    type Shape = wire::ListXksProxyCredentials;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let any = Guard::any(view.account());
        Ok(Located::new(()).need(wire::actions::LIST_XKS_PROXY_CREDENTIALS, any, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let limit = call.input().max_results.unwrap_or(100).clamp(1, 100) as usize;
        let (range, token) =
            (XKS_CREDENTIALS.range(Scope::Account(call.account())), call.input().next_token.as_deref());
        let page = call.page(&XKS_CREDENTIALS, range, "", token, limit).await?;
        let page = page.ok_or_else(|| wire::ValidationException::new("The NextToken is invalid."))?;
        let credentials = Some(page.items.iter().map(|credential| credential.told()).collect());
        call.answer(wire::ListXksProxyCredentialsResponse { credentials, next_token: page.next }).await
    }

    fn example() -> Example {
        Example { world: &[], input: "{}" }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn credentials_are_told_until_they_are_deleted() {
        let world = World::of(&[crate::SERVICE]).await;
        let input = r#"{"UserArn": "arn:aws:iam::111122223333:root"}"#;
        let made = world.call("alcazar:CreateXksProxyCredential", input).await.ok();
        let id = made.text("/Credential/AccessKeyId");
        let told = world.call("alcazar:ListXksProxyCredentials", "{}").await.ok();
        assert_eq!(told.text("/Credentials/0/AccessKeyId"), id);
        assert!(!told.body.contains(&made.text("/RawSecretAccessKey")));
        let delete = format!(r#"{{"AccessKeyId": "{id}"}}"#);
        let _ = world.call("alcazar:DeleteXksProxyCredential", &delete).await.ok();
        let told = world.call("alcazar:ListXksProxyCredentials", "{}").await.ok().json();
        assert_eq!(told["Credentials"], serde_json::json!([]));
    }
}
