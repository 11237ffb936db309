//! GetSessionToken: temporary credentials of the same user, 12 hours unless asked (15 minutes to 36 hours); an hour for root.
//!
//! Needs no permission: the credentials can do less than those that asked for them.
//! Source: STS API reference, `GetSessionToken`; IAM User Guide, "Compare AWS STS credentials".

use alcazar_corridor::{
    Call, Committed, Example, Input, Located, Operation, Output, Principal, Refusal, SessionPrincipal, View,
};
use wire_sts as wire;

use crate::model::{issue, refuse_mfa, session};

pub(crate) struct GetSessionToken;

const TWELVE_HOURS: i32 = 43_200;
const ONE_HOUR: i32 = 3_600;

impl Operation for GetSessionToken {
    type Shape = wire::GetSessionToken;
    type Target = ();

    async fn locate(_: &Input<Self>, _: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        Ok(Located::open("the credentials can do no more than those that sign the call", ()))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        refuse_mfa(input.serial_number.as_deref(), input.token_code.as_deref())?;
        let asked = input.duration_seconds.unwrap_or(TWELVE_HOURS);
        let (principal, seconds) = match call.caller().principal() {
            Principal::User(user) => {
                (SessionPrincipal::User { name: user.name.clone(), id: user.id.clone() }, asked)
            }
            // Only long-term keys come this far: of a user, or of root, whose sessions end after an hour.
            _ => (SessionPrincipal::Root, asked.min(ONE_HOUR)),
        };
        let session = session(&call, call.account(), principal, "", seconds);
        let credentials = issue(&call, &session)?;
        call.answer(wire::GetSessionTokenResponse { credentials: Some(credentials), ..Default::default() })
            .await
    }

    fn example() -> Example {
        Example { world: &[], input: "{}" }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use alcazar_testkit::{Credentials, World};

    #[tokio::test]
    async fn roots_session_is_root_for_an_hour_and_may_not_make_another() {
        let world = World::of(&[crate::SERVICE]).await;
        let answer = world.call("sts:GetSessionToken", "{}").await.ok();
        let session = Credentials::of(&answer);
        let who = world.call_as(&session, "sts:GetCallerIdentity", "{}").await.ok();
        assert_eq!(who.text("/Arn"), "arn:aws:iam::111122223333:root");
        let again = world.call_as(&session, "sts:GetSessionToken", "{}").await;
        assert_eq!((again.status, again.text("/Code")), (403, "AccessDenied".to_owned()));
        world.pass(Duration::from_secs(3_600)).await;
        let late = world.call_as(&session, "sts:GetCallerIdentity", "{}").await;
        assert_eq!((late.status, late.text("/Code")), (403, "ExpiredToken".to_owned()));
    }

    #[tokio::test]
    async fn a_token_with_another_key_or_altered_is_refused() {
        let world = World::of(&[crate::SERVICE]).await;
        let mut session = Credentials::of(&world.call("sts:GetSessionToken", "{}").await.ok());
        let other = Credentials::of(&world.call("sts:GetSessionToken", "{}").await.ok());
        let token = session.token.replace(other.token.clone().unwrap()).unwrap();
        let mixed = world.call_as(&session, "sts:GetCallerIdentity", "{}").await;
        assert_eq!((mixed.status, mixed.text("/Code")), (403, "InvalidClientTokenId".to_owned()));
        let other = if token.ends_with('A') { "B" } else { "A" };
        session.token = Some(format!("{}{other}{}", &token[..40], &token[41..]));
        assert_ne!(session.token.as_deref(), Some(token.as_str()));
        let altered = world.call_as(&session, "sts:GetCallerIdentity", "{}").await;
        assert_eq!((altered.status, altered.text("/Code")), (403, "InvalidClientTokenId".to_owned()));
    }
}
