//! What Parameter Store stores, and how it is found, guarded, encrypted, counted and told.

mod billed;
pub(crate) mod catalogue;
mod fact;
mod filter;
mod kms;
mod label;
mod limits;
mod listing;
mod name;
mod parameter;
mod policy;
mod reference;
mod setting;
mod sharing;
mod tags;
mod told;
mod value;

pub(crate) use billed::BilledParameters;
pub(crate) use catalogue::{PUBLIC, PublicParameter, ROOT};
pub(crate) use fact::{POLICY_ACTION, policy_action, tell_change, tell_policy};
pub(crate) use filter::{Filter, Of, checked_filters, label, older_filters, pass, pass_public, ranges};
pub(crate) use kms::{DEFAULT_KEY, Sealing, seal};
pub(crate) use label::{attach, sorted};
pub(crate) use limits::{count, discount};
pub(crate) use listing::{page, range};
pub(crate) use name::{Name, checked_name, checked_path};
pub(crate) use parameter::{KEPT, KIND, PARAMETERS, Parameter, SHARED, Sharing, VERSIONS, Value, Version};
pub(crate) use policy::{Policy, Rule, checked_policies};
pub(crate) use reference::{Found, missing, no_version};
pub(crate) use setting::{Customized, SETTINGS, default_tier, found, guard};
pub(crate) use sharing::{accounts_in, checked_sharing, hash_of};
pub(crate) use tags::{checked_tags, no_resource, only_parameters, tag_list, tag_pairs, with_tags};
pub(crate) use told::{secret, told, told_public, told_secret, value};
pub(crate) use value::{TEXT, checked_data_type, fits, is_large, matches, not_empty};
