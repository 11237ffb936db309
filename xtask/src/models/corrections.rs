//! `overlays/shapes/<service>.toml`: where a published model differs from what the service says.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::reduced::Model;
use super::text;
use crate::Outcome;

/// A shape as the service really has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    /// The values of the enumeration.
    #[serde(rename = "enum")]
    values: Vec<String>,
    #[serde(rename = "why")]
    _why: String,
}

/// Corrects a service's model; complains about a correction that names no enumeration, or has become needless.
pub(super) fn correct(models: &Path, id: &str, model: &mut Model) -> Outcome {
    let path = models.join(format!("overlays/shapes/{id}.toml"));
    if !path.exists() {
        return Ok(());
    }
    let corrections: BTreeMap<String, Correction> = text::read_toml(&path)?;
    for (name, correction) in corrections {
        let shape = model.shapes.get_mut(&name).filter(|shape| !shape.values.is_empty());
        let shape = shape.ok_or_else(|| format!("{}: there is no enumeration {name}", path.display()))?;
        if shape.values == correction.values {
            return Err(format!("the model of {id} has {name} right by now: remove the correction").into());
        }
        shape.values = correction.values;
    }
    Ok(())
}
