use alcazar_core::fault::FaultKind;
use alcazar_core::{Fault, SecretText, Shape};
use alcazar_corridor::BuiltInRole;
use alcazar_ports::{Connection, DatabaseError};
use wire_secretsmanager as wire;

use super::credentials::Credentials;
use super::functions::Kind;
use super::{Event, Failed};
use crate::model::{CURRENT, PENDING, PREVIOUS};

/// What no password contains. Source: AWS's templates, EXCLUDE_CHARACTERS by default.
const EXCLUDED: &str = "/@\"'\\";

/// What a function works with: Secrets Manager, asked as the function's role, and the database.
pub(super) struct Desk<'e> {
    pub(super) event: &'e Event<'e>,
    pub(super) role: &'static BuiltInRole,
    pub(super) kind: Kind,
}

impl Desk<'_> {
    /// The labels of the version in the making.
    pub(super) async fn stages(&self) -> Result<Vec<String>, Failed> {
        let described = self.describe().await?;
        if described.rotation_enabled != Some(true) {
            return Err(Failed("The secret is not enabled for rotation.".to_owned()));
        }
        let mut versions = described.version_ids_to_stages.unwrap_or_default();
        Ok(versions.remove(self.event.token).unwrap_or_default())
    }

    /// The value that is in use.
    pub(super) async fn current(&self) -> Result<Credentials, Failed> {
        let current = self.value(self.event.secret_id, None, CURRENT).await?;
        current.ok_or_else(|| Failed("The secret has no current value.".to_owned()))
    }

    /// The value that was in use before.
    pub(super) async fn previous(&self) -> Result<Option<Credentials>, Failed> {
        self.value(self.event.secret_id, None, PREVIOUS).await
    }

    /// The value in the making, if it was made.
    pub(super) async fn pending(&self) -> Result<Option<Credentials>, Failed> {
        self.value(self.event.secret_id, Some(self.event.token), PENDING).await
    }

    /// The value in the making, for a step after the first.
    pub(super) async fn made(&self) -> Result<Credentials, Failed> {
        let pending = self.pending().await?;
        pending.ok_or_else(|| Failed("The pending version has no value.".to_owned()))
    }

    /// The superuser's credentials, from a secret of its own.
    pub(super) async fn master(&self, arn: &str) -> Result<Credentials, Failed> {
        let master = self.value(arn, None, CURRENT).await?;
        master.ok_or_else(|| Failed("The superuser's secret has no current value.".to_owned()))
    }

    /// Keeps a value as the version in the making.
    pub(super) async fn put(&self, value: &Credentials) -> Result<(), Failed> {
        let input = wire::PutSecretValueRequest {
            client_request_token: Some(self.event.token.to_owned()),
            secret_string: Some(value.text()?),
            version_stages: Some(vec![PENDING.to_owned()]),
            ..wire::PutSecretValueRequest::new(self.event.secret_id.to_owned())
        };
        self.ask::<wire::PutSecretValue>(input).await.map(drop)
    }

    /// A password that no database has to quote.
    pub(super) async fn password(&self) -> Result<SecretText, Failed> {
        let input = wire::GetRandomPasswordRequest {
            exclude_characters: Some(EXCLUDED.to_owned()),
            ..Default::default()
        };
        let answer = self.ask::<wire::GetRandomPassword>(input).await?;
        answer.random_password.ok_or_else(|| Failed("No password was made.".to_owned()))
    }

    /// Logs in; `None` when the database does not take these credentials. A database that is out of reach is another matter.
    pub(super) async fn login(
        &self,
        credentials: &Credentials,
    ) -> Result<Option<Box<dyn Connection>>, Failed> {
        let login = credentials.login(&self.kind)?;
        match self.event.call.databases().connect(&login).await {
            Ok(connection) => Ok(Some(connection)),
            Err(DatabaseError::Denied(_)) => Ok(None),
            Err(error) => Err(Failed(error.to_string())),
        }
    }

    /// The new password works: proven by a login.
    pub(super) async fn prove(&self) -> Result<(), Failed> {
        match self.login(&self.made().await?).await? {
            Some(_) => Ok(()),
            None => Err(Failed("Unable to log into the database with the pending secret.".to_owned())),
        }
    }

    /// Makes the version in the making the current one.
    pub(super) async fn finish(&self) -> Result<(), Failed> {
        let versions = self.describe().await?.version_ids_to_stages.unwrap_or_default();
        let current = versions.iter().find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
        let input = wire::UpdateSecretVersionStageRequest {
            move_to_version_id: Some(self.event.token.to_owned()),
            remove_from_version_id: current.map(|(id, _)| id.clone()),
            ..wire::UpdateSecretVersionStageRequest::new(self.event.secret_id.to_owned(), CURRENT.to_owned())
        };
        self.ask::<wire::UpdateSecretVersionStage>(input).await.map(drop)
    }

    async fn describe(&self) -> Result<wire::DescribeSecretResponse, Failed> {
        self.ask::<wire::DescribeSecret>(wire::DescribeSecretRequest::new(self.event.secret_id.to_owned()))
            .await
    }

    async fn value(
        &self,
        secret_id: &str,
        version_id: Option<&str>,
        stage: &str,
    ) -> Result<Option<Credentials>, Failed> {
        let input = wire::GetSecretValueRequest {
            version_id: version_id.map(str::to_owned),
            version_stage: Some(stage.to_owned()),
            ..wire::GetSecretValueRequest::new(secret_id.to_owned())
        };
        let asked = self.event.call.ask_as_role::<wire::GetSecretValue>(self.role, input).await;
        let answer = match asked {
            Ok(answer) => answer,
            Err(fault) if is_missing(&fault) => return Ok(None),
            Err(fault) => return Err(told::<wire::GetSecretValue>(&fault)),
        };
        let text = answer.secret_string.ok_or_else(|| Failed("The secret's value is no text.".to_owned()))?;
        Credentials::read(&text).map(Some)
    }

    async fn ask<S: Shape>(&self, input: S::Input) -> Result<S::Output, Failed> {
        let asked = self.event.call.ask_as_role::<S>(self.role, input).await;
        asked.map_err(|fault| told::<S>(&fault))
    }
}

fn is_missing(fault: &Fault) -> bool {
    matches!(fault.kind(), FaultKind::Declared(error) if error.code == "ResourceNotFoundException")
}

fn told<S: Shape>(fault: &Fault) -> Failed {
    Failed(format!("{}: {}", S::OPERATION.name, fault.message()))
}
