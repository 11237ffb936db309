//! CreateXksProxyCredential: a credential with which another KMS may use keys of this installation through the external key store proxy's gate.
//!
//! Whoever signs with it acts as the user that it was made for, and may do with a key what that user's policies and the key's allow. It signs at
//! the gate alone. The secret is told once, here. A user has as many as are wanted, so that one can follow the other without a gap. Each account makes
//! them for its own users; whoever does could as well make an access key of the user.
//! Source of the lengths and letters: External Key Store Proxy API Specification, Appendix A.

use alcazar_core::id::{UniqueIdPrefix, unique_id};
use alcazar_core::{Arn, NoKeys, SecretText};
use alcazar_corridor::{
    Call, Committed, Example, Guard, Input, Located, Operation, Output, Refusal, View, access_key_context,
};
use alcazar_directory::{ACCESS_KEYS, AccessKey, KeyOwner, USERS, name_key};
use alcazar_store::Scope;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wire_alcazar as wire;

use crate::model::{CREDENTIAL_LIMIT, GATE, XKS_CREDENTIALS, XksCredential};

pub(crate) struct CreateXksProxyCredential;

impl Operation for CreateXksProxyCredential {
    type Shape = wire::CreateXksProxyCredential;
    type Target = ();

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        let account = view.account();
        let any = Guard::any(account);
        let located = Located::new(()).need(wire::actions::CREATE_XKS_PROXY_CREDENTIAL, any.clone(), NoKeys);
        let user = input.user_arn.parse::<Arn>().map_or(any, |arn| Guard::new(arn, account));
        Ok(located.need_of(wire::actions::IAM_CREATE_ACCESS_KEY, user, NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let text = call.input().user_arn.as_str();
        let owner = owner(text, call.view()).await?;
        let of_account = Scope::Account(call.account());
        let range = XKS_CREDENTIALS.range(of_account);
        // Two that are made at once may be one too many: the limit is there against thousands.
        let there = call.view().page(&XKS_CREDENTIALS, range, None, CREDENTIAL_LIMIT).await?;
        if there.len() >= CREDENTIAL_LIMIT {
            let message = format!("There are {CREDENTIAL_LIMIT} credentials already.");
            return Err(wire::LimitExceededException::new(message).into());
        }
        // In the letters of Base32, and unlike the id of any key of the API.
        let id = unique_id(UniqueIdPrefix::AccessKey, call.random());
        let id = format!("XKSP{}", id.get(4..).unwrap_or_default());
        let secret = SecretText::new(STANDARD.encode(call.random::<33>()));
        let key = AccessKey {
            id: id.clone(),
            account: call.account(),
            owner,
            secret: call.seal(&access_key_context(&id), secret.expose().as_bytes())?,
            active: true,
            created_at: call.now(),
            gate: Some(GATE.to_owned()),
        };
        let credential =
            XksCredential { access_key_id: id.clone(), user_arn: text.to_owned(), created_at: call.now() };
        call.commit(|tx, _| {
            tx.put(&ACCESS_KEYS, Scope::Installation, id.as_str(), &key)?;
            tx.put(&XKS_CREDENTIALS, of_account, id.as_str(), &credential)?;
            Ok(wire::CreateXksProxyCredentialResponse {
                credential: Some(credential.told()),
                raw_secret_access_key: Some(secret.clone()),
            })
        })
        .await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"UserArn": "arn:aws:iam::111122223333:root"}"# }
    }
}

/// Whose the credential is to be: a user's of the caller's account, or its root user's.
async fn owner(text: &str, view: &View) -> Result<KeyOwner, Refusal<wire::CreateXksProxyCredential>> {
    let no_arn = || wire::ValidationException::new("UserArn is no ARN of an IAM user or root user.");
    let missing = || wire::UserNotFoundException::new(format!("There is no user {text}."));
    let arn: Arn = text.parse().map_err(|_| no_arn())?;
    let is_root = arn.resource() == "root";
    let name = arn.resource().strip_prefix("user/").and_then(|path| path.rsplit('/').next());
    if arn.service() != "iam" || (name.is_none() && !is_root) {
        return Err(no_arn().into());
    }
    if arn.account() != view.account().as_str() {
        return Err(missing().into());
    }
    if is_root {
        return Ok(KeyOwner::Root);
    }
    let name = name_key(name.unwrap_or_default());
    let user = view.get(&USERS, Scope::Account(view.account()), name.as_str()).await?;
    let user = user.filter(|user| user.arn == arn).ok_or_else(missing)?;
    Ok(KeyOwner::User { name: user.name.clone(), id: user.id.clone() })
}

#[cfg(test)]
mod tests {
    use alcazar_core::SecretText;
    use alcazar_testkit::{Credentials, World};

    #[tokio::test]
    async fn the_credential_fits_kms_and_signs_nothing_but_the_gate() {
        let world = World::of(&[crate::SERVICE]).await;
        let input = r#"{"UserArn": "arn:aws:iam::111122223333:root"}"#;
        let answer = world.call("alcazar:CreateXksProxyCredential", input).await.ok();
        let (id, secret) = (answer.text("/Credential/AccessKeyId"), answer.text("/RawSecretAccessKey"));
        assert!((20..=30).contains(&id.len()), "{id}");
        assert!(id.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7')), "{id}");
        assert!((43..=64).contains(&secret.len()), "{secret}");
        assert!(!world.records(1).await.contains(&secret));
        let who = Credentials { access_key_id: id, secret: SecretText::new(secret), token: None };
        let refused = world.call_as(&who, "alcazar:GetClock", "{}").await;
        assert_eq!(
            (refused.status, refused.text("/__type")),
            (400, "UnrecognizedClientException".to_owned())
        );
    }

    #[tokio::test]
    async fn it_is_somebodys() {
        let world = World::of(&[crate::SERVICE]).await;
        for (arn, code) in [
            ("arn:aws:iam::111122223333:user/nobody", "UserNotFoundException"),
            ("arn:aws:iam::444455556666:root", "UserNotFoundException"),
            ("arn:aws:iam::111122223333:role/one", "ValidationException"),
            ("arn:aws:sts::111122223333:root", "ValidationException"),
            ("no arn at all, but long", "ValidationException"),
        ] {
            let input = format!(r#"{{"UserArn": "{arn}"}}"#);
            let answer = world.call("alcazar:CreateXksProxyCredential", &input).await;
            assert_eq!((answer.status, answer.text("/__type").as_str()), (400, code), "{arn}");
        }
    }

    #[tokio::test]
    async fn each_account_makes_its_own() {
        let world = World::of(&[crate::SERVICE]).await;
        let other = world.account("444455556666").await;
        let input = r#"{"UserArn": "arn:aws:iam::444455556666:root"}"#;
        let _ = world.call_as(&other, "alcazar:CreateXksProxyCredential", input).await.ok();
        let told = world.call("alcazar:ListXksProxyCredentials", "{}").await.ok().json();
        assert_eq!(told["Credentials"], serde_json::json!([]));
        let told = world.call_as(&other, "alcazar:ListXksProxyCredentials", "{}").await.ok().json();
        assert_eq!(told["Credentials"].as_array().map(Vec::len), Some(1));
    }
}
