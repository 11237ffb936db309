use alcazar_core::{Arn, Declares};
use alcazar_corridor::{Named, Refusal, View};
use wire_kms::InvalidArnException;

/// The unique id behind a principal's ARN; `None` for an account and for sessions, which have none of their own.
/// Principals of accounts elsewhere than in this installation do not exist for it.
pub(crate) async fn principal_id<S: Declares<InvalidArnException>>(
    text: &str,
    view: &View,
) -> Result<Option<String>, Refusal<S>> {
    let found = match text.parse::<Arn>() {
        Ok(arn) => view.named(&arn).await?,
        Err(_) => Named::Nobody,
    };
    match found {
        Named::Nobody | Named::Elsewhere => {
            Err(InvalidArnException::new(format!("ARN does not refer to a valid principal: {text}")).into())
        }
        found => Ok(found.unique_id().map(str::to_owned)),
    }
}
