//! Two users who take turns, `name` and `name_clone`: a superuser gives another password to the one that is not in use, so the current and the
//! previous value both log in all the while.
//! Source: Secrets Manager User Guide, "Rotation strategies", alternating users; AWS's published templates, for what each step does.

use super::Failed;
use super::desk::Desk;

const CLONE: &str = "_clone";

/// The current value for the other user, with another password, unless it is there already.
pub(super) async fn create(desk: &Desk<'_>) -> Result<(), Failed> {
    let mut value = desk.current().await?;
    // Without a superuser's secret the next step would fail: it is told before a version is made.
    value.master()?;
    if desk.pending().await?.is_some() {
        return Ok(());
    }
    let other = other(value.user()?);
    if other.len() > desk.kind.longest {
        let longest = desk.kind.longest;
        return Err(Failed(format!("The user's name with {CLONE} is longer than {longest} characters.")));
    }
    value.set("username", &other);
    value.set("password", desk.password().await?.expose());
    desk.put(&value).await
}

/// Has the superuser make the other user, or give it the password, unless an earlier attempt has.
pub(super) async fn set(desk: &Desk<'_>) -> Result<(), Failed> {
    let pending = desk.made().await?;
    if desk.login(&pending).await?.is_some() {
        return Ok(());
    }
    let current = desk.current().await?;
    if desk.login(&current).await?.is_none() {
        return Err(Failed("Unable to log into database using current credentials.".to_owned()));
    }
    if other(current.user()?) != pending.user()? {
        return Err(Failed("Attempting to modify another user than the current one's other.".to_owned()));
    }
    if current.host()? != pending.host()? {
        return Err(Failed("Attempting to modify a user at another host than the current one.".to_owned()));
    }
    let master = desk.master(current.master()?).await?;
    // The superuser's password goes to its own server alone, and to no other that the rotated secret names.
    if master.host()? != current.host()? {
        let message = "The current database host is not the same host as that of the superuser's secret.";
        return Err(Failed(message.to_owned()));
    }
    let Some(mut connection) = desk.login(&master).await? else {
        return Err(Failed("Unable to log into database using the superuser's credentials.".to_owned()));
    };
    let made = connection.clone_user(current.user()?, pending.user()?, &pending.password()?).await;
    made.map_err(|error| Failed(error.to_string()))
}

fn other(user: &str) -> String {
    user.strip_suffix(CLONE).map_or_else(|| format!("{user}{CLONE}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    #[test]
    fn users_take_turns() {
        assert_eq!(super::other("app"), "app_clone");
        assert_eq!(super::other("app_clone"), "app");
    }
}
