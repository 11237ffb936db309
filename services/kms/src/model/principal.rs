use alcazar_core::{AccountId, Arn, Declares};
use alcazar_corridor::{Failure, Refusal, View};
use alcazar_directory::{ACCOUNTS, ROLES, USERS, name_key};
use alcazar_store::Scope;
use wire_kms::InvalidArnException;

/// The unique id behind a principal's ARN; `None` for an account and for sessions, which have none of their own.
/// Principals of accounts elsewhere than in this installation do not exist for it.
pub(crate) async fn principal_id<S: Declares<InvalidArnException>>(
    text: &str,
    view: &View,
) -> Result<Option<String>, Refusal<S>> {
    let found = match text.parse::<Arn>() {
        Ok(arn) => look_up(&arn, view).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| {
        InvalidArnException::new(format!("ARN does not refer to a valid principal: {text}")).into()
    })
}

async fn look_up(arn: &Arn, view: &View) -> Result<Option<Option<String>>, Failure> {
    let Ok(account) = arn.account().parse::<AccountId>() else { return Ok(None) };
    if arn.partition() != view.region().partition().name
        || view.get(&ACCOUNTS, Scope::Installation, &account).await?.is_none()
    {
        return Ok(None);
    }
    let scope = Scope::Account(account);
    let (kind, path) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    let name = path.rsplit('/').next().unwrap_or_default();
    Ok(match (arn.service(), kind) {
        ("iam", "root") => Some(None),
        ("iam", "user") => {
            let user = view.get(&USERS, scope, name_key(name).as_str()).await?;
            user.filter(|user| user.arn == *arn).map(|user| Some(user.id.clone()))
        }
        ("iam", "role") => {
            let role = view.get(&ROLES, scope, name_key(name).as_str()).await?;
            role.filter(|role| role.arn == *arn).map(|role| Some(role.id.clone()))
        }
        ("sts", "assumed-role" | "federated-user") if !name.is_empty() => Some(None),
        _ => None,
    })
}
