//! AWS Secrets Manager: secrets in versions with staging labels, each version encrypted under a data key that KMS is asked for as the caller.
//!
//! - [`model`]: what is stored (secrets, their versions), how an operation finds a secret, and how a value is sealed and opened.
//! - `ops`: one file an operation.
//! - `rotation`: the rotation functions that are built in, over databases of the operator's.
//! - `jobs`: the end of a recovery window; a rotation that falls due; replicas that
//!   are to follow their primary.
//!
//! Whoever reads a value needs rights here and at KMS. The AWS managed key `aws/secretsmanager` grants the latter to everybody of its account.

mod jobs;
mod model;
mod ops;
mod rotation;
#[cfg(test)]
mod test;

pub use model::upgrade;

use alcazar_corridor::{BilledEntry, Entry, JobEntry, ServiceEntry};

/// The service, for the program's registry.
pub const SERVICE: ServiceEntry = ServiceEntry {
    service: &wire_secretsmanager::SERVICE,
    operations: OPERATIONS,
    jobs: JOBS,
    billed: Some(BilledEntry::of::<model::BilledSecrets>()),
};

const OPERATIONS: &[Entry] = &[
    // <operations>
    Entry::of::<ops::batch_get_secret_value::BatchGetSecretValue>(),
    Entry::of::<ops::cancel_rotate_secret::CancelRotateSecret>(),
    Entry::of::<ops::create_secret::CreateSecret>(),
    Entry::of::<ops::delete_resource_policy::DeleteResourcePolicy>(),
    Entry::of::<ops::delete_secret::DeleteSecret>(),
    Entry::of::<ops::describe_secret::DescribeSecret>(),
    Entry::of::<ops::get_random_password::GetRandomPassword>(),
    Entry::of::<ops::get_resource_policy::GetResourcePolicy>(),
    Entry::of::<ops::get_secret_value::GetSecretValue>(),
    Entry::of::<ops::list_resource_policies::ListResourcePolicies>(),
    Entry::of::<ops::list_secret_version_ids::ListSecretVersionIds>(),
    Entry::of::<ops::list_secrets::ListSecrets>(),
    Entry::of::<ops::put_resource_policy::PutResourcePolicy>(),
    Entry::of::<ops::put_secret_value::PutSecretValue>(),
    Entry::of::<ops::remove_regions_from_replication::RemoveRegionsFromReplication>(),
    Entry::of::<ops::replicate_secret_to_regions::ReplicateSecretToRegions>(),
    Entry::of::<ops::restore_secret::RestoreSecret>(),
    Entry::of::<ops::rotate_secret::RotateSecret>(),
    Entry::of::<ops::stop_replication_to_replica::StopReplicationToReplica>(),
    Entry::of::<ops::tag_resource::TagResource>(),
    Entry::of::<ops::untag_resource::UntagResource>(),
    Entry::of::<ops::update_secret::UpdateSecret>(),
    Entry::of::<ops::update_secret_version_stage::UpdateSecretVersionStage>(),
    Entry::of::<ops::validate_resource_policy::ValidateResourcePolicy>(),
    // </operations>
];

const JOBS: &[JobEntry] = &[
    JobEntry::of::<jobs::delete_secret::DeleteSecret>(),
    JobEntry::of::<jobs::replicate_secret::ReplicateSecret>(),
    JobEntry::of::<jobs::rotate_secret::RotateSecret>(),
];
