//! AWS Systems Manager: Parameter Store. Parameters in a hierarchy, in versions with labels, encrypted by KMS as the caller if they are SecureStrings.
//!
//! - [`model`]: what is stored, how an operation finds a parameter or a list of them, and how a value is checked, encrypted and told.
//! - `ops`: one file an operation.
//! - `jobs`: parameter policies that fall due.
//!
//! The rest of Systems Manager is known and not built.

mod jobs;
mod model;
mod ops;
#[cfg(test)]
mod test;

pub use model::catalogue::{Catalogue, Published, publish};

use alcazar_corridor::{BilledEntry, Entry, JobEntry, ServiceEntry};

/// The service, for the program's registry.
pub const SERVICE: ServiceEntry = ServiceEntry {
    service: &wire_ssm::SERVICE,
    operations: OPERATIONS,
    jobs: JOBS,
    billed: Some(BilledEntry::of::<model::BilledParameters>()),
};

const OPERATIONS: &[Entry] = &[
    // <operations>
    Entry::of::<ops::add_tags_to_resource::AddTagsToResource>(),
    Entry::of::<ops::delete_parameter::DeleteParameter>(),
    Entry::of::<ops::delete_parameters::DeleteParameters>(),
    Entry::of::<ops::delete_resource_policy::DeleteResourcePolicy>(),
    Entry::of::<ops::describe_parameters::DescribeParameters>(),
    Entry::of::<ops::get_parameter::GetParameter>(),
    Entry::of::<ops::get_parameter_history::GetParameterHistory>(),
    Entry::of::<ops::get_parameters::GetParameters>(),
    Entry::of::<ops::get_parameters_by_path::GetParametersByPath>(),
    Entry::of::<ops::get_resource_policies::GetResourcePolicies>(),
    Entry::of::<ops::get_service_setting::GetServiceSetting>(),
    Entry::of::<ops::label_parameter_version::LabelParameterVersion>(),
    Entry::of::<ops::list_tags_for_resource::ListTagsForResource>(),
    Entry::of::<ops::put_parameter::PutParameter>(),
    Entry::of::<ops::put_resource_policy::PutResourcePolicy>(),
    Entry::of::<ops::remove_tags_from_resource::RemoveTagsFromResource>(),
    Entry::of::<ops::reset_service_setting::ResetServiceSetting>(),
    Entry::of::<ops::unlabel_parameter_version::UnlabelParameterVersion>(),
    Entry::of::<ops::update_service_setting::UpdateServiceSetting>(),
    // </operations>
];

const JOBS: &[JobEntry] = &[JobEntry::of::<jobs::enforce_policies::EnforcePolicies>()];
