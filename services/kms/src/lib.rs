//! AWS Key Management Service: keys whose material never leaves, used for those whom key policies, grants and IAM allow.
//!
//! - [`model`]: what is stored (keys, aliases, grants), how an operation finds a key, and how a key guards itself.
//! - `ops`: one file an operation.
//! - `proxy`: what is asked of the proxies of external key stores.
//! - `jobs`: what happens to keys as time passes.
//!
//! The cryptography is in `engines/material`; this crate decides which key, in which state, for whom.

mod example;
mod jobs;
mod model;
mod ops;
mod proxy;
#[cfg(test)]
mod skeleton;
#[cfg(test)]
mod test;

use alcazar_corridor::{BilledEntry, Entry, JobEntry, Quota, ServiceEntry};

/// The service, for the program's registry.
pub const SERVICE: ServiceEntry = ServiceEntry {
    service: &wire_kms::SERVICE,
    operations: OPERATIONS,
    jobs: JOBS,
    billed: Some(BilledEntry::of::<model::BilledKeys>()),
};

/// The request quotas, for the program's configuration: by these names they are adjusted.
pub fn quotas() -> impl Iterator<Item = &'static Quota> {
    model::request_quotas()
}

const OPERATIONS: &[Entry] = &[
    // <operations>
    Entry::of::<ops::cancel_key_deletion::CancelKeyDeletion>(),
    Entry::of::<ops::connect_custom_key_store::ConnectCustomKeyStore>(),
    Entry::of::<ops::create_alias::CreateAlias>(),
    Entry::of::<ops::create_custom_key_store::CreateCustomKeyStore>(),
    Entry::of::<ops::create_grant::CreateGrant>(),
    Entry::of::<ops::create_key::CreateKey>(),
    Entry::of::<ops::decapsulate::Decapsulate>(),
    Entry::of::<ops::decrypt::Decrypt>(),
    Entry::of::<ops::delete_alias::DeleteAlias>(),
    Entry::of::<ops::delete_custom_key_store::DeleteCustomKeyStore>(),
    Entry::of::<ops::delete_imported_key_material::DeleteImportedKeyMaterial>(),
    Entry::of::<ops::derive_shared_secret::DeriveSharedSecret>(),
    Entry::of::<ops::describe_custom_key_stores::DescribeCustomKeyStores>(),
    Entry::of::<ops::describe_key::DescribeKey>(),
    Entry::of::<ops::disable_key::DisableKey>(),
    Entry::of::<ops::disable_key_rotation::DisableKeyRotation>(),
    Entry::of::<ops::disconnect_custom_key_store::DisconnectCustomKeyStore>(),
    Entry::of::<ops::enable_key::EnableKey>(),
    Entry::of::<ops::enable_key_rotation::EnableKeyRotation>(),
    Entry::of::<ops::encapsulate::Encapsulate>(),
    Entry::of::<ops::encrypt::Encrypt>(),
    Entry::of::<ops::generate_data_key::GenerateDataKey>(),
    Entry::of::<ops::generate_data_key_pair::GenerateDataKeyPair>(),
    Entry::of::<ops::generate_data_key_pair_without_plaintext::GenerateDataKeyPairWithoutPlaintext>(),
    Entry::of::<ops::generate_data_key_without_plaintext::GenerateDataKeyWithoutPlaintext>(),
    Entry::of::<ops::generate_mac::GenerateMac>(),
    Entry::of::<ops::generate_random::GenerateRandom>(),
    Entry::of::<ops::get_key_last_usage::GetKeyLastUsage>(),
    Entry::of::<ops::get_key_policy::GetKeyPolicy>(),
    Entry::of::<ops::get_key_rotation_status::GetKeyRotationStatus>(),
    Entry::of::<ops::get_parameters_for_import::GetParametersForImport>(),
    Entry::of::<ops::get_public_key::GetPublicKey>(),
    Entry::of::<ops::import_key_material::ImportKeyMaterial>(),
    Entry::of::<ops::list_aliases::ListAliases>(),
    Entry::of::<ops::list_grants::ListGrants>(),
    Entry::of::<ops::list_key_policies::ListKeyPolicies>(),
    Entry::of::<ops::list_key_rotations::ListKeyRotations>(),
    Entry::of::<ops::list_keys::ListKeys>(),
    Entry::of::<ops::list_resource_tags::ListResourceTags>(),
    Entry::of::<ops::list_retirable_grants::ListRetirableGrants>(),
    Entry::of::<ops::put_key_policy::PutKeyPolicy>(),
    Entry::of::<ops::re_encrypt::ReEncrypt>(),
    Entry::of::<ops::replicate_key::ReplicateKey>(),
    Entry::of::<ops::retire_grant::RetireGrant>(),
    Entry::of::<ops::revoke_grant::RevokeGrant>(),
    Entry::of::<ops::rotate_key_on_demand::RotateKeyOnDemand>(),
    Entry::of::<ops::schedule_key_deletion::ScheduleKeyDeletion>(),
    Entry::of::<ops::sign::Sign>(),
    Entry::of::<ops::tag_resource::TagResource>(),
    Entry::of::<ops::untag_resource::UntagResource>(),
    Entry::of::<ops::update_alias::UpdateAlias>(),
    Entry::of::<ops::update_custom_key_store::UpdateCustomKeyStore>(),
    Entry::of::<ops::update_key_description::UpdateKeyDescription>(),
    Entry::of::<ops::update_primary_region::UpdatePrimaryRegion>(),
    Entry::of::<ops::verify::Verify>(),
    Entry::of::<ops::verify_mac::VerifyMac>(),
    // </operations>
];

const JOBS: &[JobEntry] = &[
    JobEntry::of::<jobs::connect_key_store::ConnectKeyStore>(),
    JobEntry::of::<jobs::delete_key::DeleteKey>(),
    JobEntry::of::<jobs::expire_material::ExpireMaterial>(),
    JobEntry::of::<jobs::rotate_key::RotateKey>(),
    JobEntry::of::<jobs::rotate_key::RotateKeyNow>(),
    JobEntry::of::<jobs::synchronize::Synchronize>(),
];
