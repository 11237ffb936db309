//! CloudTrail's `userIdentity` in its forms.

use alcazar_core::AccountId;
use alcazar_directory::User;

use super::json::Object;
use crate::{Caller, Circumstances, Principal, Session};

/// Writes the identity. In another account's record the caller is told by account and unique id alone.
pub(super) fn write(out: &mut Vec<u8>, caller: &Caller, recipient: AccountId, circumstances: &Circumstances) {
    let mut identity = Object::inside(out);
    if let Principal::Service(name) = caller.principal() {
        identity.text("type", "AWSService");
        identity.text("invokedBy", name);
        return identity.end();
    }
    if recipient != caller.account() {
        identity.text("type", "AWSAccount");
        identity.text("principalId", &caller.user_id());
        identity.text("accountId", caller.account().as_str());
        return identity.end();
    }
    identity.text("type", kind(caller.principal()));
    identity.text("principalId", &caller.user_id());
    identity.text("arn", caller.arn().as_str());
    identity.text("accountId", caller.account().as_str());
    if let Some(credential) = caller.credential() {
        identity.text("accessKeyId", &credential.access_key_id);
    }
    if let Principal::User(user) = caller.principal() {
        identity.text("userName", &user.name);
    }
    if let Some(session) = caller.session() {
        identity.raw("sessionContext", |out| session_context(out, caller, session));
    }
    if let Some(service) = circumstances.via.last() {
        identity.text("invokedBy", service);
    }
    identity.end();
}

fn kind(principal: &Principal) -> &'static str {
    match principal {
        Principal::Root => "Root",
        Principal::User(_) => "IAMUser",
        Principal::Role { .. } => "AssumedRole",
        Principal::Federated { .. } => "FederatedUser",
        Principal::Service(_) => "AWSService",
    }
}

fn session_context(out: &mut Vec<u8>, caller: &Caller, session: &Session) {
    let mut context = Object::inside(out);
    match caller.principal() {
        Principal::Role { role, .. } => context.raw("sessionIssuer", |out| {
            let mut issuer = Object::inside(out);
            issuer.text("type", "Role");
            issuer.text("principalId", &role.id);
            issuer.text("arn", role.arn.as_str());
            issuer.text("accountId", caller.account().as_str());
            issuer.text("userName", &role.name);
            issuer.end();
        }),
        Principal::Federated { user, .. } => {
            context.raw("sessionIssuer", |out| federator(out, caller, user.as_deref()));
        }
        Principal::Root | Principal::User(_) | Principal::Service(_) => {}
    }
    context.raw("attributes", |out| {
        let mut attributes = Object::inside(out);
        attributes.text("creationDate", &session.issued_at.date_time_seconds());
        attributes.text("mfaAuthenticated", if session.mfa_at.is_some() { "true" } else { "false" });
        attributes.end();
    });
    if let Some(identity) = &session.source_identity {
        context.text("sourceIdentity", identity);
    }
    context.end();
}

fn federator(out: &mut Vec<u8>, caller: &Caller, user: Option<&User>) {
    let mut issuer = Object::inside(out);
    let account = caller.account();
    match user {
        Some(user) => {
            issuer.text("type", "IAMUser");
            issuer.text("principalId", &user.id);
            issuer.text("arn", user.arn.as_str());
            issuer.text("accountId", account.as_str());
            issuer.text("userName", &user.name);
        }
        None => {
            issuer.text("type", "Root");
            issuer.text("principalId", account.as_str());
            issuer.parts("arn", &["arn:", caller.arn().partition(), ":iam::", account.as_str(), ":root"]);
            issuer.text("accountId", account.as_str());
        }
    }
    issuer.end();
}
