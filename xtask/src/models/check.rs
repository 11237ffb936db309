//! What must hold of the checked-in files, generated or written by hand.

use super::actions::Vocabulary;
use super::manifest::Manifest;
use super::reduced::Model;
use crate::Outcome;
use std::collections::BTreeMap;
use std::path::Path;

/// Reads everything under `models/` and refuses what contradicts itself.
pub(super) fn all(models: &Path) -> Outcome {
    let manifest = Manifest::read(models)?;
    let mut services = BTreeMap::new();
    for id in manifest.services.keys() {
        let model = Model::read(&models.join(super::file("services", id)))?;
        let missing = model.missing_shapes();
        if !missing.is_empty() {
            return Err(format!("{id}: shapes that do not exist: {}", missing.join(", ")).into());
        }
        let vocabulary = Vocabulary::read(&models.join(super::file("iam", &model.service.iam_prefix)))?;
        services.insert(id.clone(), (model, vocabulary));
    }
    Ok(())
}
