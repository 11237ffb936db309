use std::collections::BTreeMap;

use alcazar_core::SecretText;
use serde::{Deserialize, Serialize};

use super::{CallError, SECRETS_MANAGER, Upstream};

/// Which version of which secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VersionOf {
    /// A name or an ARN.
    pub(crate) secret_id: String,
    /// A version's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version_id: Option<String>,
    /// A staging label; AWSCURRENT if neither is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version_stage: Option<String>,
}

impl VersionOf {
    /// The current one.
    pub(crate) fn current(secret_id: &str) -> Self {
        Self { secret_id: secret_id.to_owned(), ..Self::default() }
    }
}

/// What GetSecretValue answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecretValue {
    /// The secret's ARN.
    #[serde(rename = "ARN")]
    pub(crate) arn: Option<String>,
    /// Its name.
    pub(crate) name: Option<String>,
    /// The version.
    pub(crate) version_id: Option<String>,
    /// A value that is text.
    pub(crate) secret_string: Option<SecretText>,
    /// A value that is bytes, in base64.
    pub(crate) secret_binary: Option<SecretText>,
    /// The version's staging labels.
    pub(crate) version_stages: Option<Vec<String>>,
    /// Seconds since 1970.
    pub(crate) created_date: Option<f64>,
}

/// What is needed of DescribeSecret's answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Description {
    /// The staging labels of each version.
    pub(crate) version_ids_to_stages: Option<BTreeMap<String, Vec<String>>>,
}

impl Upstream {
    /// GetSecretValue.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub(crate) async fn secret(&self, of: &VersionOf) -> Result<SecretValue, CallError> {
        self.call(&SECRETS_MANAGER, "GetSecretValue", of).await
    }

    /// DescribeSecret.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub(crate) async fn description(&self, secret_id: &str) -> Result<Description, CallError> {
        self.call(&SECRETS_MANAGER, "DescribeSecret", &VersionOf::current(secret_id)).await
    }
}
