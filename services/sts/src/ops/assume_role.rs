//! AssumeRole: temporary credentials of a role, an hour unless asked (15 minutes to the role's maximum; an hour at most in a chain).
//!
//! The role's trust policy must let the caller in; within one account that is enough if it names the caller itself, and an identity
//! policy must allow it too if it names the account. Across accounts both sides must. Tags and source identity need their own
//! rights. A role that does not exist looks like one that trusts nobody. Source: STS API reference, `AssumeRole`.

use std::collections::BTreeMap;
use std::sync::Arc;

use alcazar_core::{AccountId, Arn, Common};
use alcazar_corridor::{
    Call, Committed, Example, Failure, Guard, Input, Located, Operation, Output, Refusal, Session,
    SessionPrincipal, View,
};
use alcazar_directory::{ROLES, Role, Tags, name_key};
use alcazar_policy::{PolicyKind, ResourceTrust};
use alcazar_store::Scope;
use wire_sts as wire;
use wire_sts::shapes::AssumedRoleUser;

use crate::model::{Narrowing, checked_tags, issue, refuse_mfa, session};

pub(crate) struct AssumeRole;

const ONE_HOUR: i32 = 3_600;

impl Operation for AssumeRole {
    type Shape = wire::AssumeRole;
    type Target = Option<Arc<Role>>;

    async fn locate(input: &Input<Self>, view: &View) -> Result<Located<Self>, Refusal<Self::Shape>> {
        if view.caller().is_root() {
            return Err(denied("Roles may not be assumed by root accounts.").into());
        }
        let (arn, account) = parsed(&input.role_arn)?;
        let role = find(view, &arn, account).await?;
        let guard = || guard(&arn, account, role.as_deref());
        let source_identity = source_identity(input, view);
        let transitive = transitive(input, view);
        let keys = || wire::AssumeRoleKeys {
            // No session here began with SAML, a web identity or an identity context.
            provider_claim: BTreeMap::new(),
            saml: BTreeMap::new(),
            request_context: BTreeMap::new(),
            request_context_providers: Vec::new(),
            external_id: input.external_id.clone(),
            role_session_name: input.role_session_name.clone(),
            source_identity: source_identity.map(str::to_owned),
            transitive_tag_keys: transitive.clone(),
        };
        let mut located = Located::new(role.clone()).need(wire::actions::ASSUME_ROLE, guard(), keys());
        if input.tags.is_some() || !transitive.is_empty() {
            located = located.need(wire::actions::TAG_SESSION, guard(), keys());
        }
        if source_identity.is_some() {
            located = located.need(wire::actions::SET_SOURCE_IDENTITY, guard(), keys());
        }
        let tags = input.tags.iter().flatten().map(|tag| (tag.key.clone(), tag.value.clone()));
        Ok(located.tagging(tags))
    }

    async fn run(call: Call<Self>) -> Result<Committed<Output<Self>>, Refusal<Self::Shape>> {
        let input = call.input();
        refuse_mfa(input.serial_number.as_deref(), input.token_code.as_deref())?;
        let Some(role) = call.target().clone() else {
            return Err(denied("The role does not exist.").into());
        };
        let account: AccountId =
            role.arn.account().parse().map_err(|_| Failure::internal("a role without account"))?;
        let chained =
            call.caller().session().is_some_and(|s| matches!(s.principal, SessionPrincipal::Role { .. }));
        let seconds = duration(input.duration_seconds, &role, chained)?;
        let tags = checked_tags(input.tags.as_deref())?;
        let (policy, arns) = (input.policy.as_deref(), input.policy_arns.as_deref());
        let narrowing = Narrowing::checked(call.view(), account, policy, arns, &tags).await?;
        let packed_policy_size = narrowing.packed_size;
        let principal = SessionPrincipal::Role { name: role.name.clone(), id: role.id.clone() };
        let mut session = session(&call, account, principal, &input.role_session_name, seconds);
        narrowing.apply(&mut session);
        session.chained = chained;
        inherit(&mut session, input, call.caller().session().map(Arc::as_ref), tags)?;
        let output = wire::AssumeRoleResponse {
            credentials: Some(issue(&call, &session)?),
            assumed_role_user: Some(assumed(&call, &role, account)),
            packed_policy_size,
            source_identity: session.source_identity.clone(),
            ..Default::default()
        };
        call.answer(output).await
    }

    fn example() -> Example {
        // Root may assume no role, and the example calls as root: what it shows is the refusal.
        Example {
            world: &[],
            input: r#"{"RoleArn": "arn:aws:iam::111122223333:role/reader", "RoleSessionName": "session"}"#,
        }
    }
}

fn denied(message: &'static str) -> Failure {
    Failure::common(Common::AccessDenied, message)
}

/// The role's ARN and account.
fn parsed(text: &str) -> Result<(Arn, AccountId), Failure> {
    let invalid = || Failure::validation(format!("{text} is invalid"));
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    let is_role = arn.service() == "iam" && arn.region().is_empty() && arn.resource().starts_with("role/");
    let account = arn.account().parse().map_err(|_| invalid())?;
    if is_role { Ok((arn, account)) } else { Err(invalid()) }
}

/// The role of exactly that ARN: another path is another role.
async fn find(view: &View, arn: &Arn, account: AccountId) -> Result<Option<Arc<Role>>, Failure> {
    let role = view.get(&ROLES, Scope::Account(account), name_key(arn.name()).as_str()).await?;
    Ok(role.filter(|role| role.arn == *arn))
}

fn guard(arn: &Arn, account: AccountId, role: Option<&Role>) -> Guard {
    let guard = Guard::new(arn.clone(), account).kind("AWS::IAM::Role");
    match role {
        Some(role) => guard
            .tags(role.tags.clone())
            .trusting_nobody(ResourceTrust::RoleTrust, role.trust.compiled(PolicyKind::Trust).cloned()),
        None => guard.trusting_nobody(ResourceTrust::RoleTrust, None),
    }
}

/// The source identity that the session will have: what was asked for, or what the caller's session has and must keep.
fn source_identity<'a>(input: &'a wire::AssumeRoleRequest, view: &'a View) -> Option<&'a str> {
    let kept = view.caller().session().and_then(|session| session.source_identity.as_deref());
    kept.or(input.source_identity.as_deref())
}

fn transitive(input: &wire::AssumeRoleRequest, view: &View) -> Vec<String> {
    let kept = view.caller().session().map(|session| session.transitive_tag_keys.clone()).unwrap_or_default();
    kept.into_iter().chain(input.transitive_tag_keys.clone().unwrap_or_default()).collect()
}

fn duration(asked: Option<i32>, role: &Role, chained: bool) -> Result<i32, Failure> {
    let seconds = asked.unwrap_or(ONE_HOUR);
    if chained && seconds > ONE_HOUR {
        return Err(Failure::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    if seconds > role.max_session_duration {
        return Err(Failure::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds)
}

/// Tags and source identity: what the request gives, and what the caller's session passes on.
fn inherit(
    session: &mut Session,
    input: &wire::AssumeRoleRequest,
    from: Option<&Session>,
    mut tags: Tags,
) -> Result<(), Failure> {
    session.transitive_tag_keys = input.transitive_tag_keys.clone().unwrap_or_default();
    session.source_identity = input.source_identity.clone();
    if let Some(key) = session.transitive_tag_keys.iter().find(|key| tags.get(key).is_none()) {
        return Err(Failure::validation(format!(
            "The transitive tag key {key} is not among the session tags."
        )));
    }
    let Some(from) = from else {
        session.tags = tags;
        return Ok(());
    };
    for key in &from.transitive_tag_keys {
        if tags.get(key).is_some() {
            return Err(Failure::validation(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
                 from the calling session.",
            ));
        }
        if let Some(value) = from.tags.get(key) {
            tags.put(key.clone(), value.to_owned());
            session.transitive_tag_keys.push(key.clone());
        }
    }
    session.tags = tags;
    match (&from.source_identity, &input.source_identity) {
        (Some(kept), Some(asked)) if kept != asked => {
            Err(denied("The source identity of a session cannot be changed."))
        }
        (Some(kept), _) => {
            session.source_identity = Some(kept.clone());
            Ok(())
        }
        (None, _) => Ok(()),
    }
}

fn assumed(call: &Call<AssumeRole>, role: &Role, account: AccountId) -> AssumedRoleUser {
    let name = &call.input().role_session_name;
    let resource = format!("assumed-role/{}/{name}", role.name);
    let arn = Arn::new(role.arn.partition(), "sts", "", account.as_str(), &resource);
    AssumedRoleUser { assumed_role_id: format!("{}:{name}", role.id), arn: arn.to_string() }
}
