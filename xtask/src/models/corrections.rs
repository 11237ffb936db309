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
    #[serde(rename = "enum", default)]
    values: Option<Vec<String>>,
    /// The pattern of the string.
    #[serde(default)]
    pattern: Option<String>,
    #[serde(rename = "why")]
    _why: String,
}

/// Corrects a service's model; complains about a correction of what the shape does not have, or that has become needless.
pub(super) fn correct(models: &Path, id: &str, model: &mut Model) -> Outcome {
    let path = models.join(format!("overlays/shapes/{id}.toml"));
    if !path.exists() {
        return Ok(());
    }
    let corrections: BTreeMap<String, Correction> = text::read_toml(&path)?;
    for (name, correction) in corrections {
        let told = |what: &str| format!("{}: {name}: {what}", path.display());
        let shape = model.shapes.get_mut(&name).ok_or_else(|| told("there is no such shape"))?;
        let corrected = (correction.values.is_some(), correction.pattern.is_some());
        let had = (!shape.values.is_empty(), shape.pattern.is_some());
        if corrected == (false, false) || (corrected.0 && !had.0) || (corrected.1 && !had.1) {
            return Err(told("it corrects nothing that the shape has").into());
        }
        let values = correction.values.unwrap_or_else(|| shape.values.clone());
        let pattern = correction.pattern.or_else(|| shape.pattern.clone());
        if (&values, &pattern) == (&shape.values, &shape.pattern) {
            return Err(told("the model has it right by now: remove the correction").into());
        }
        (shape.values, shape.pattern) = (values, pattern);
    }
    Ok(())
}
