//! GetAccessKeyInfo: the account of an access key, whether it is active or not, existing here.
//!
//! Source: STS API reference, `GetAccessKeyInfo`.

use alcazar_core::{Common, NoKeys};
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, View,
};
use alcazar_directory::ACCESS_KEYS;
use alcazar_store::Scope;
use wire_sts as wire;

use crate::model::account_of_temporary_key;

pub(crate) struct GetAccessKeyInfo;

impl Operation for GetAccessKeyInfo {
    type Shape = wire::GetAccessKeyInfo;
    type Target = ();

    async fn locate(_: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::new(()).need(wire::actions::GET_ACCESS_KEY_INFO, Guard::any(view.account()), NoKeys))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let id = call.input().access_key_id.as_str();
        let row = call.view().get(&ACCESS_KEYS, Scope::Installation, id).await?;
        let account = row.map(|key| key.account).or_else(|| account_of_temporary_key(id));
        let account = account
            .ok_or_else(|| Failure::common(Common::Validation, format!("Invalid Access Key ID: {id}")))?;
        call.answer(wire::GetAccessKeyInfoResponse { account: Some(account.to_string()) }).await
    }

    fn example() -> Example {
        Example { world: &[], input: r#"{"AccessKeyId": "AKIAROOTROOTROOTROOT"}"# }
    }
}

#[cfg(test)]
mod tests {
    use alcazar_testkit::World;

    #[tokio::test]
    async fn the_account_of_a_key_is_told_and_of_no_key_is_not() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer =
            world.call("sts:GetAccessKeyInfo", r#"{"AccessKeyId": "AKIAROOTROOTROOTROOT"}"#).await.ok();
        assert_eq!(answer.text("/Account"), "111122223333");
        let answer = world.call("sts:GetAccessKeyInfo", r#"{"AccessKeyId": "AKIANONONONONONONONO"}"#).await;
        assert_eq!((answer.status, answer.text("/Code")), (400, "ValidationError".to_owned()));
    }
}
