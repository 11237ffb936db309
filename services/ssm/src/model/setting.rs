//! The settings of Parameter Store in an account and Region: the tier of requests that name none, and whether more requests are let through.
//! Source: Systems Manager User Guide, "Specifying a default parameter tier" and "Increasing Parameter Store throughput".

use alcazar_core::{Arn, Declares, Timestamp};
use alcazar_corridor::{Failure, Guard, Refusal, View};
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};
use wire_ssm::{ParameterTier, ServiceSetting, ServiceSettingNotFound};

/// A setting that was changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Customized {
    pub(crate) value: String,
    pub(crate) modified_at: Timestamp,
    /// The ARN of who changed it.
    pub(crate) modified_by: String,
}

impl Record for Customized {}

/// The settings that are not the default.
pub(crate) static SETTINGS: Table<str, Customized> = Table::new("ssm/settings", ScopeKind::Region);

/// A setting that there is.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) id: &'static str,
    default: &'static str,
    values: &'static [&'static str],
}

static TIER: Setting = Setting {
    id: "/ssm/parameter-store/default-parameter-tier",
    default: "Standard",
    values: ParameterTier::VALUES,
};

static THROUGHPUT: Setting = Setting {
    id: "/ssm/parameter-store/high-throughput-enabled",
    default: "false",
    values: &["true", "false"],
};

/// A setting of a request, by its id or its ARN; `None` for those of other parts of Systems Manager, which are not built.
pub(crate) fn named(id: &str) -> Option<&'static Setting> {
    let id = match id.starts_with("arn:") {
        true => id.splitn(6, ':').nth(5)?.strip_prefix("servicesetting")?,
        false => id,
    };
    [&TIER, &THROUGHPUT].into_iter().find(|setting| setting.id == id)
}

/// How a setting guards itself, whether it is there or not.
pub(crate) fn guard(id: &str, view: &View) -> Guard {
    let id = id.rsplit(':').next().unwrap_or_default();
    let id = id.trim_start_matches("servicesetting").trim_start_matches('/');
    Guard::new(arn(&format!("/{id}"), view), view.account())
}

/// That there is no such setting.
pub(crate) fn not_found(id: &str) -> ServiceSettingNotFound {
    // AWS documents the error, not the words.
    ServiceSettingNotFound::new(format!("The service setting {id} was not found."))
}

impl Setting {
    /// A value that it may have.
    pub(crate) fn checked<S>(&self, value: &str) -> Result<(), Refusal<S>> {
        match self.values.contains(&value) {
            true => Ok(()),
            false => Err(Failure::validation(format!(
                "Invalid setting value: {value}. Valid values include: [{}].",
                self.values.join(", ")
            ))
            .into()),
        }
    }

    /// As it is told.
    pub(crate) fn told(&self, row: Option<&Customized>, view: &View) -> ServiceSetting {
        let status = if row.is_some() { "Customized" } else { "Default" };
        ServiceSetting {
            setting_id: Some(self.id.to_owned()),
            setting_value: Some(row.map_or_else(|| self.default.to_owned(), |row| row.value.clone())),
            last_modified_date: row.map(|row| row.modified_at),
            last_modified_user: Some(row.map_or_else(|| "System".to_owned(), |row| row.modified_by.clone())),
            arn: Some(arn(self.id, view).to_string()),
            status: Some(status.to_owned()),
        }
    }
}

/// The tier of requests that name none.
pub(crate) async fn default_tier(view: &View) -> Result<ParameterTier, Failure> {
    let row = view.get(&SETTINGS, view.here(), TIER.id).await?;
    let tier = row.and_then(|row| ParameterTier::from_wire(&row.value));
    Ok(tier.unwrap_or(ParameterTier::Standard))
}

fn arn(id: &str, view: &View) -> Arn {
    let (region, account) = (view.region(), view.account());
    let resource = format!("servicesetting{id}");
    Arn::new(region.partition().name, "ssm", region.name(), account.as_str(), &resource)
}

/// For an operation that declares the error.
pub(crate) fn found<S: Declares<ServiceSettingNotFound>>(id: &str) -> Result<&'static Setting, Refusal<S>> {
    named(id).ok_or_else(|| not_found(id).into())
}
