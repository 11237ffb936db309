//! One user, who gives itself another password: between that and the label's move, the current value does not log in.
//! Source: Secrets Manager User Guide, "Rotation strategies", single user; AWS's published templates, for what each step does.

use super::Failed;
use super::credentials::Credentials;
use super::desk::Desk;

/// The current value with another password, unless it is there already.
pub(super) async fn create(desk: &Desk<'_>) -> Result<(), Failed> {
    let mut value = desk.current().await?;
    if desk.pending().await?.is_some() {
        return Ok(());
    }
    value.set("password", desk.password().await?.expose());
    desk.put(&value).await
}

/// Has the user change its password, unless an earlier attempt has: logged in with the current password, or with the previous one, for an
/// attempt before may have died between the database's change and the label's move.
pub(super) async fn set(desk: &Desk<'_>) -> Result<(), Failed> {
    let pending = desk.made().await?;
    if desk.login(&pending).await?.is_some() {
        return Ok(());
    }
    let current = desk.current().await?;
    same_place(&current, &pending)?;
    let mut connection = desk.login(&current).await?;
    if connection.is_none()
        && let Some(previous) = desk.previous().await?
    {
        same_place(&previous, &pending)?;
        connection = desk.login(&previous).await?;
    }
    let Some(mut connection) = connection else {
        let message = "Unable to log into database with previous, current, or pending secret.";
        return Err(Failed(message.to_owned()));
    };
    let set = connection.set_password(pending.user()?, &pending.password()?).await;
    set.map_err(|error| Failed(error.to_string()))
}

/// A password is given to the user and the server that it was meant for, and to no other.
fn same_place(one: &Credentials, pending: &Credentials) -> Result<(), Failed> {
    if one.user()? != pending.user()? {
        return Err(Failed("Attempting to modify another user than the current one.".to_owned()));
    }
    if one.host()? != pending.host()? {
        return Err(Failed("Attempting to modify a user at another host than the current one.".to_owned()));
    }
    Ok(())
}
