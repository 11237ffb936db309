//! Roles that come with the program: what AWS runs in a function's execution role runs here as a session of one of these.

use std::collections::BTreeMap;
use std::sync::Arc;

use alcazar_core::id::{UniqueIdPrefix, unique_id};
use alcazar_core::{AccountId, Arn, Fault, Region, SecretText, Shape, Timestamp};
use alcazar_directory::{PolicyDocument, Role, Tags};
use alcazar_sigv4::sha256;

use crate::ask::ask;
use crate::{Caller, Circumstances, JobCall, Principal, Session, SessionPrincipal};

/// The path of its ARN, beneath which nobody can create a role.
const PATH: &str = "/aws-service-role/";

/// How its name begins; IAM creates no role that is called so.
const PREFIX: &[u8] = b"AWSServiceRoleFor";

/// How long a session lasts, in seconds; each question has one of its own.
const SESSION: i64 = 3600;

/// A role that is there in every account, though no row says so, with one fixed policy. A service names it as a constant: neither what
/// it may do nor what it is called can come from a request. Nobody assumes it; a [`JobCall`] asks as it, in the reminder's own account and Region.
#[derive(Debug)]
pub struct BuiltInRole {
    name: &'static str,
    service: &'static str,
    session: &'static str,
    policy: &'static str,
}

impl BuiltInRole {
    /// The role of that name, which begins with `AWSServiceRoleFor`, of that service (`secretsmanager.amazonaws.com`), whose sessions are all
    /// called `session`. The policy's `${Partition}`, `${Region}` and `${Account}` stand for those of the
    /// session, and `${Session}` for its name.
    pub const fn new(
        name: &'static str,
        service: &'static str,
        session: &'static str,
        policy: &'static str,
    ) -> Self {
        let mut at = 0;
        while at < PREFIX.len() {
            assert!(name.as_bytes()[at] == PREFIX[at], "the name begins with AWSServiceRoleFor");
            at += 1;
        }
        Self { name, service, session, policy }
    }

    /// Its ARN in an account.
    pub fn arn(&self, partition: &str, account: AccountId) -> Arn {
        let resource = format!("role{PATH}{}/{}", self.service, self.name);
        Arn::new(partition, "iam", "", account.as_str(), &resource)
    }

    /// Its policy in an account and a Region.
    pub fn policy(&self, account: AccountId, region: Region) -> String {
        self.policy
            .replace("${Partition}", region.partition().name)
            .replace("${Region}", region.name())
            .replace("${Account}", account.as_str())
            .replace("${Session}", self.session)
    }

    /// A session of it.
    pub(crate) fn caller(&self, account: AccountId, region: Region, now: Timestamp) -> Caller {
        let partition = region.partition().name;
        // The same in every session, so that a policy can name it by its unique id.
        let digest = sha256(format!("{account}/{}", self.name).as_bytes());
        let id = unique_id(UniqueIdPrefix::Role, std::array::from_fn(|at| digest[at]));
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Service":"{}"}},"Action":"sts:AssumeRole"}}}}"#,
            self.service
        );
        let policy = PolicyDocument::new(&self.policy(account, region));
        let role = Role {
            name: self.name.to_owned(),
            path: format!("{PATH}{}/", self.service),
            id: id.clone(),
            arn: self.arn(partition, account),
            created_at: now,
            description: None,
            trust: PolicyDocument::new(&trust),
            max_session_duration: 3600,
            tags: Tags::default(),
            permissions_boundary: None,
            attached: Vec::new(),
            inline: BTreeMap::from([("policy".to_owned(), policy)]),
        };
        let session = Session {
            access_key_id: String::new(),
            secret: SecretText::default(),
            account,
            principal: SessionPrincipal::Role { name: self.name.to_owned(), id },
            name: self.session.to_owned(),
            issued_at: now,
            expires_at: now.plus(std::time::Duration::from_secs(SESSION.unsigned_abs())),
            mfa_at: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Tags::default(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            chained: false,
        };
        let resource = format!("assumed-role/{}/{}", self.name, self.session);
        Caller {
            principal: Principal::Role { role: Arc::new(role), session: Arc::new(session) },
            account,
            arn: Arn::new(partition, "sts", "", account.as_str(), &resource),
            credential: None,
        }
    }
}

impl JobCall {
    /// Calls an operation as a session of a built-in role, in the reminder's account and Region: policies decide and the event history
    /// tells as of any caller. Another service is asked through the job's own. Ask before the commit; a job that runs again asks again.
    ///
    /// # Errors
    /// The operation's refusal, which is recorded as its own.
    pub async fn ask_as_role<S: Shape>(
        &self,
        role: &'static BuiltInRole,
        input: S::Input,
    ) -> Result<S::Output, Fault> {
        self.ask_as_role_in::<S>(self.view().region(), role, input).await
    }

    /// The same in another Region.
    ///
    /// # Errors
    /// The operation's refusal.
    pub async fn ask_as_role_in<S: Shape>(
        &self,
        region: Region,
        role: &'static BuiltInRole,
        input: S::Input,
    ) -> Result<S::Output, Fault> {
        let corridor = self.corridor();
        let ours = self.view().circumstances();
        let own = S::OPERATION.service.id == self.service().id;
        let via = if own { Vec::new() } else { vec![self.service().principal] };
        let circumstances = Circumstances {
            request_id: corridor.universe().uuid(),
            user_agent: role.session.to_owned(),
            // No wire is crossed: secure, and at no host.
            host: String::new(),
            region,
            via,
            ..ours.clone()
        };
        let caller = role.caller(self.view().account(), region, ours.now);
        ask::<S>(corridor, Arc::new(caller), circumstances, input).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static ROLE: BuiltInRole = BuiltInRole::new(
        "AWSServiceRoleForTests",
        "tests.amazonaws.com",
        "Test",
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:${Partition}:kms:${Region}:${Account}:key/*"}}"#,
    );

    #[test]
    fn a_session_is_known_by_an_arn_that_no_other_role_can_have() {
        let account = "111122223333".parse().unwrap();
        let region = Region::named("eu-west-1").unwrap();
        let caller = ROLE.caller(account, region, Timestamp::from_seconds(0));
        assert_eq!(
            caller.arn().as_str(),
            "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForTests/Test"
        );
        assert_eq!(
            caller.principal_arn().as_str(),
            "arn:aws:iam::111122223333:role/aws-service-role/tests.amazonaws.com/AWSServiceRoleForTests"
        );
        let again = ROLE.caller(account, region, Timestamp::from_seconds(9));
        assert_eq!(caller.user_id(), again.user_id());
        assert!(ROLE.policy(account, region).contains("arn:aws:kms:eu-west-1:111122223333:key/*"));
    }
}
