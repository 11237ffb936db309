//! For which keys, and for how long, AWS would charge.
//! Source: AWS KMS pricing, "Key storage": a dollar a month for a customer managed key of any kind (a replica, imported material and custom
//! stores are no exceptions), and one each for the first and the second rotation of its material; keys scheduled for deletion are free, and so
//! are AWS managed keys.

use alcazar_core::Timestamp;
use alcazar_corridor::{Billed, BilledPage, Failure, Holding, View};
use alcazar_store::Scope;
use wire_kms::KeyManagerType;

use super::{KEYS, Key, days};

/// The keys of a Region.
pub(crate) struct BilledKeys;

/// Further rotations cost nothing.
const PAID_ROTATIONS: usize = 2;

impl Billed for BilledKeys {
    async fn page(
        view: &View,
        scope: Scope,
        after: Option<&alcazar_store::Key>,
        limit: usize,
    ) -> Result<BilledPage, Failure> {
        let rows = view.page(&KEYS, KEYS.range(scope), after, limit).await?;
        Ok(rows.into_iter().map(|(place, key)| (place, key.holdings())).collect())
    }
}

impl Key {
    fn holdings(&self) -> Vec<Holding> {
        let until = self.deletion_asked();
        let holding = |kind, since: Timestamp| Holding {
            arn: self.arn.clone(),
            kind,
            spec: Some(self.spec.as_str().to_owned()),
            since: since.max(self.created_at),
            until,
        };
        if self.manager == KeyManagerType::Aws {
            return vec![holding("ManagedKey", self.created_at)];
        }
        let rotations = self.material.iter().filter(|material| material.rotation.is_some());
        let rotations = rotations.take(PAID_ROTATIONS).map(|material| holding("KeyRotation", material.since));
        std::iter::once(holding("Key", self.created_at)).chain(rotations).collect()
    }

    /// When its deletion was asked for. A primary key that waits for its replicas is not pending deletion yet: that AWS charges for it
    /// until then is guessed.
    fn deletion_asked(&self) -> Option<Timestamp> {
        self.deletion.map(|(due, window)| due.minus(days(window)))
    }
}
