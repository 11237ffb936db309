//! What Secrets Manager stores, and how it is found, guarded, sealed and told.

mod billed;
mod cron;
mod deletion;
mod fact;
mod filter;
mod kms;
mod listing;
mod order;
mod page;
mod password;
mod policy;
mod reference;
mod replica;
mod rotation;
mod row;
mod schedule;
mod secret;
mod stage;
mod tags;
mod upgrade;
mod value;

pub(crate) use billed::BilledSecrets;
pub(crate) use deletion::{checked_window, window};
pub(crate) use fact::happened;
pub(crate) use kms::{Sealing, ask_for_key, chosen_key, copy_value, key_arn, open, same_value, seal};
pub(crate) use listing::{Wanted, listing};
pub(crate) use order::Order;
pub(crate) use page::{limited, list};
pub(crate) use password::password;
pub(crate) use policy::{checked_policy, existing, put_policy};
pub(crate) use reference::Found;
pub(crate) use replica::{Replica, ReplicaStatus, add_replicas, checked_replicas, replication_status};
pub(crate) use rotation::{Rotation, Run};
pub(crate) use row::{VALUES, change, held, put, put_version, remove, row, touch};
pub(crate) use schedule::Rules;
pub(crate) use secret::{
    Ciphertext, Deletion, KIND, Secret, Version, checked_name, day, days, new_arn, no_replica, not_deleted,
};
pub(crate) use stage::{CURRENT, PENDING, PREVIOUS, checked_stages};
pub(crate) use tags::{checked_tags, tag_list, tag_pairs};
pub use upgrade::upgrade;
pub(crate) use value::{Given, Value};
