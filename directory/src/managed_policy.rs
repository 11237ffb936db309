use std::sync::LazyLock;

use alcazar_core::{Arn, Timestamp};
use alcazar_store::{Record, ScopeKind, Table};
use serde::{Deserialize, Serialize};

use crate::{PolicyDocument, Tags};

/// A managed policy with its versions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its name, as given.
    pub name: String,
    /// `/` or `/division/`.
    pub path: String,
    /// `ANPA...`.
    pub id: String,
    /// Its ARN.
    pub arn: Arn,
    /// When it was created.
    pub created_at: Timestamp,
    /// When a version was last added or removed.
    pub updated_at: Timestamp,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// The number of the version in force.
    pub default_version: u32,
    /// The number the next version gets: numbers are never used again.
    pub next_version: u32,
    /// At most five versions, oldest first.
    pub versions: Vec<PolicyVersion>,
    /// How many users, groups and roles have it attached.
    #[serde(default)]
    pub attachments: i32,
    /// How many users and roles have it as their boundary.
    #[serde(default)]
    pub boundaries: i32,
}

/// A version of a managed policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// `v1` is 1.
    pub number: u32,
    /// The document.
    pub document: PolicyDocument,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Record for ManagedPolicy {}

impl ManagedPolicy {
    /// The document in force.
    pub fn document(&self) -> Option<&PolicyDocument> {
        self.versions.iter().find(|v| v.number == self.default_version).map(|v| &v.document)
    }
}

/// The customer managed policies of an account, by [`name_key`](crate::name_key).
pub static MANAGED_POLICIES: Table<str, ManagedPolicy> = Table::new("directory/policies", ScopeKind::Account);

/// The AWS managed policies that exist here: those whose text is a few lines and whose meaning does not change from week to
/// week. Source: AWS Managed Policy Reference.
pub static AWS_MANAGED: LazyLock<Vec<ManagedPolicy>> = LazyLock::new(|| {
    let full = |name: &'static str, actions: &[&str]| (name, allow(actions));
    [
        full("AdministratorAccess", &["*"]),
        full("IAMFullAccess", &["iam:*", "organizations:DescribeAccount", "organizations:DescribeOrganization",
            "organizations:DescribeOrganizationalUnit", "organizations:DescribePolicy", "organizations:ListChildren",
            "organizations:ListParents", "organizations:ListPoliciesForTarget", "organizations:ListRoots",
            "organizations:ListPolicies", "organizations:ListTargetsForPolicy"]),
        full("IAMReadOnlyAccess", &["iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:Get*",
            "iam:List*", "iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy"]),
        full("AWSKeyManagementServicePowerUser", &["kms:CreateAlias", "kms:CreateKey", "kms:DeleteAlias", "kms:Describe*",
            "kms:GenerateRandom", "kms:Get*", "kms:List*", "kms:TagResource", "kms:UntagResource", "iam:ListGroups",
            "iam:ListRoles", "iam:ListUsers"]),
        ("AWSDenyAll", r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}"#.to_owned()),
    ]
    .into_iter()
    .enumerate()
    .map(|(index, (name, text))| managed_by_aws(index, name, &text))
    .collect()
});

/// The AWS managed policy of that ARN, in whatever partition it is named.
pub fn aws_managed(arn: &Arn) -> Option<&'static ManagedPolicy> {
    let known = arn.service() == "iam" && arn.account() == "aws";
    AWS_MANAGED.iter().find(|policy| known && policy.arn.resource() == arn.resource())
}

fn allow(actions: &[&str]) -> String {
    let actions = actions.iter().map(|action| format!("\"{action}\"")).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}]}}"#
    )
}

fn managed_by_aws(index: usize, name: &str, text: &str) -> ManagedPolicy {
    // The day AWS published the first of them.
    let published = Timestamp::from_seconds(1_423_197_577);
    ManagedPolicy {
        name: name.to_owned(),
        path: "/".to_owned(),
        id: format!("ANPAALCAZAR{index:010}"),
        arn: Arn::new("aws", "iam", "", "aws", &format!("policy/{name}")),
        created_at: published,
        updated_at: published,
        description: None,
        tags: Tags::default(),
        default_version: 1,
        next_version: 2,
        versions: vec![PolicyVersion {
            number: 1,
            document: PolicyDocument::new(text),
            created_at: published,
        }],
        attachments: 0,
        boundaries: 0,
    }
}
