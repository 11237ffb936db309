//! Regeneration changes nothing.

use super::{Finding, Tree};
use crate::{Outcome, wire};

pub(super) fn check(_: &Tree) -> Outcome<Vec<Finding>> {
    let stale = wire::stale_files()?.into_iter();
    Ok(stale
        .map(|says| Finding::new("generated", "wire", format!("{says}: run `cargo xtask wire`")))
        .collect())
}
