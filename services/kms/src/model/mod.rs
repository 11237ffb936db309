//! What KMS stores, and how it is found, guarded, used and told.

mod alias;
mod billed;
mod context;
mod custody;
mod declared;
mod encrypt;
mod grant;
mod guard;
mod import;
mod key;
mod key_quota;
mod key_store;
mod managed;
mod material;
mod metadata;
mod multi_region;
mod page;
mod policy;
mod principal;
mod quotas;
mod reference;
mod rsa;
mod source;
mod tags;
mod token;
mod usable;
mod usage;

pub(crate) use alias::{ALIASES, Alias, add_alias, alias_arn, alias_guard, checked_alias, missing_alias};
pub(crate) use billed::BilledKeys;
pub(crate) use context::{checked_context, context_keys, context_map};
pub(crate) use custody::{
    Asked, decrypted_outside, encrypted_outside, entrust, leave_custody, not_in_custody, take_custody,
    with_store, wrong_inside,
};
pub(crate) use declared::Uses;
pub(crate) use encrypt::{Encrypted, encrypt, engine_algorithm, no_context};
#[cfg(test)]
pub(crate) use grant::{GRANT_COUNTS, GRANT_LIMIT, GrantCount};
pub(crate) use grant::{
    GRANTEES, GRANTS, Grant, RETIRABLE, end_grant, entry as grant_entry, put_grant, retirable_prefix,
};
pub(crate) use guard::{KEY_KIND, guard, guard_granted, guard_key, guard_own, guard_with};
pub(crate) use import::{ImportToken, drop_material, held_mut};
pub(crate) use key::{
    Custody, HOLDERS, Holder, KEYS, Key, KeyMaterial, RotationKind, Schedule, change, days, material_context,
};
pub(crate) use key_quota::KeyCount;
pub(crate) use key_store::{
    EXTERNAL_KEYS, ExternalKey, KEY_STORE_LIMIT, KEY_STORES, KeyStore, KeyStoreIndex, ProxyRow, TooMany,
    change_key_store, key_store, no_key_store, wrong_connection,
};
pub(crate) use managed::{Managed, guard_to_be, managed_key, predefined, put_managed_key};
pub(crate) use material::{Ready, engine_kind, fresh, new_material, parsed_id, ready, seal_again};
pub(crate) use metadata::{algorithms, expiration, metadata};
pub(crate) use multi_region::{Regions, not_replica, share};
pub(crate) use page::{Listed, limit, list, list_rows};
pub(crate) use policy::{POLICY_NAME, checked_policy, checked_policy_name, default_policy, keeps_control};
pub(crate) use principal::principal_id;
pub(crate) use quotas::{Keyed, counting_in, keyless, located, making, paired, request_quotas, used};
pub(crate) use reference::{Found, Reference};
pub(crate) use rsa::rsa_pair;
pub(crate) use source::Source;
pub(crate) use tags::{checked_tags, tag_pairs};
pub(crate) use token::{check_tokens, token, token_grant};
pub(crate) use usable::{
    dry_run, enabled, enabled_or_unavailable, has_material, incorrect_key, material_of, no_recipient,
    not_pending_deletion, of_origin, refused, rotatable, rotates_itself, spec_invalid, usable_for,
    wrong_origin,
};
pub(crate) use usage::{last_usage, trailing_days};
