//! What must hold of the checked-in files, generated or written by hand.

use super::actions::Vocabulary;
use super::manifest::Manifest;
use super::overlays::{Key, Keys, Need, Overlays};
use super::reduced::{Model, Operation};
use crate::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Everything under `models/`.
pub(crate) struct Everything {
    /// By service.
    pub(crate) models: BTreeMap<String, Model>,
    /// By IAM prefix, with the overlays' additions.
    pub(crate) vocabularies: BTreeMap<String, Vocabulary>,
    /// Of the services that have been overlaid.
    pub(crate) overlays: BTreeMap<String, Overlays>,
}

/// Reads everything and refuses what contradicts itself.
pub(super) fn all(models: &Path) -> Outcome<Everything> {
    let manifest = Manifest::read(models)?;
    let mut everything =
        Everything { models: BTreeMap::new(), vocabularies: BTreeMap::new(), overlays: BTreeMap::new() };
    for id in manifest.services.keys() {
        let mut model = Model::read(&models.join(super::file("services", id)))?;
        super::corrections::correct(models, id, &mut model)?;
        let prefix = model.service.iam_prefix.clone();
        let vocabulary = Vocabulary::read(&models.join(super::file("iam", &prefix)))?;
        everything.vocabularies.insert(prefix, vocabulary);
        everything.models.insert(id.clone(), model);
    }
    for id in overlaid(models)? {
        let overlays = Overlays::read(models, &id)?;
        let model = everything.models.get(&id).ok_or_else(|| format!("overlays for no service: {id}"))?;
        if let Some(vocabulary) = everything.vocabularies.get_mut(&model.service.iam_prefix) {
            overlays.complete(vocabulary).map_err(|cause| format!("{id}: {cause}"))?;
        }
        everything.overlays.insert(id, overlays);
    }
    let complaints = everything.complaints();
    match complaints.is_empty() {
        true => Ok(everything),
        false => Err(format!("\n  {}", complaints.join("\n  ")).into()),
    }
}

/// The services for which there is an overlay of either kind.
fn overlaid(models: &Path) -> Outcome<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    for kind in ["actions", "keys"] {
        for entry in std::fs::read_dir(models.join("overlays").join(kind))? {
            ids.extend(entry?.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    Ok(ids)
}

impl Everything {
    fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for (id, model) in &self.models {
            complaints.extend(model.missing_shapes().iter().map(|shape| format!("{id}: no shape {shape}")));
        }
        for (id, overlays) in &self.overlays {
            let (Some(model), mut own) = (self.models.get(id), Vec::new()) else { continue };
            self.overlay(model, overlays, &mut own);
            complaints.extend(own.into_iter().map(|complaint| format!("{id}: {complaint}")));
        }
        complaints
    }

    fn overlay(&self, model: &Model, overlays: &Overlays, complaints: &mut Vec<String>) {
        let Some(vocabulary) = self.vocabularies.get(&model.service.iam_prefix) else { return };
        for name in overlays.actions.operations.keys().filter(|name| !model.operations.contains_key(*name)) {
            complaints.push(format!("the actions overlay names {name}, which is no operation"));
        }
        for (name, operation) in &model.operations {
            match overlays.needs(model, vocabulary, name) {
                Ok(needs) => {
                    for need in &needs {
                        complaints
                            .extend(self.need(model, operation, need).map(|it| format!("{name}: {it}")));
                    }
                    let wanted = self.wanted(vocabulary, &needs);
                    keys(name, &wanted, vocabulary, &overlays.keys, complaints);
                }
                Err(cause) => complaints.push(cause.to_string()),
            }
        }
        for name in overlays.keys.keys.keys().filter(|name| !model.operations.contains_key(*name)) {
            match vocabulary.actions.get(name) {
                Some(action) => keys(name, &action.keys, vocabulary, &overlays.keys, complaints),
                None => complaints.push(format!("the keys overlay names {name}: no operation, no action")),
            }
        }
    }

    /// What is wrong with a need of an operation.
    fn need(&self, model: &Model, operation: &Operation, need: &Need) -> Option<String> {
        let Ok((prefix, action)) = need.split() else {
            return Some(format!("{} has no prefix", need.action));
        };
        let Some(vocabulary) = self.vocabularies.get(prefix) else {
            return Some(format!("no action data for {prefix}"));
        };
        if !vocabulary.actions.contains_key(action) {
            return Some(format!("{} is no action", need.action));
        }
        let unknown = |kind: &&String| *kind != "*" && !vocabulary.resources.contains_key(*kind);
        if let Some(kind) = need.resource.types().iter().find(unknown) {
            return Some(format!("{prefix} has no resource type {kind}"));
        }
        let input = operation.input.as_ref().and_then(|input| model.shapes.get(input));
        let has = |name: &String| input.is_some_and(|input| input.members.iter().any(|it| it.name == *name));
        need.given.as_ref().filter(|given| !has(given)).map(|given| format!("no input member {given}"))
    }

    /// The condition keys of the service's own actions among the needs.
    fn wanted(&self, vocabulary: &Vocabulary, needs: &[Need]) -> Vec<String> {
        let own = needs.iter().filter_map(|need| need.split().ok());
        let own = own.filter(|(prefix, _)| *prefix == vocabulary.prefix);
        let actions: Vec<_> = own.filter_map(|(_, action)| vocabulary.actions.get(action)).collect();
        let of_types = actions.iter().flat_map(|it| &it.resources).flat_map(|allowed| &allowed.keys);
        actions.iter().flat_map(|action| &action.keys).chain(of_types).cloned().collect()
    }
}

/// Every key of the action data is supplied or left out for a reason; every key supplied is in the action data, with
/// its type.
fn keys(
    name: &str,
    wanted: &[String],
    vocabulary: &Vocabulary,
    overlay: &Keys,
    complaints: &mut Vec<String>,
) {
    let none = BTreeMap::new();
    let entries = overlay.keys.get(name).unwrap_or(&none);
    let left_out = |key: &str| {
        overlay.left_out.keys().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => key.starts_with(start),
            None => key == pattern,
        })
    };
    // The global keys are the frame's.
    for key in wanted.iter().filter(|key| !key.starts_with("aws:") && !left_out(key)) {
        if !entries.keys().any(|entry| covers(entry, key)) {
            complaints.push(format!("{name}: {key} is neither supplied nor left out"));
        }
    }
    for key in entries.keys().filter(|entry| !wanted.iter().any(|wanted| covers(entry, wanted))) {
        complaints.push(format!("{name}: {key} is not a key of its actions"));
    }
    for (key, supply) in overlay.supplied(name) {
        complaints.extend(
            supplied_wrongly(key, supply, wanted, vocabulary).map(|it| format!("{name}: {key} {it}")),
        );
    }
}

fn supplied_wrongly(
    key: &str,
    supply: &Key,
    wanted: &[String],
    vocabulary: &Vocabulary,
) -> Option<&'static str> {
    let covered: Vec<&String> = wanted.iter().filter(|wanted| covers(key, wanted)).collect();
    let types = covered.iter().filter_map(|key| vocabulary.keys.get(*key));
    if !types.clone().any(|kind| supply.kind.holds(kind)) {
        Some("has another type in the action data")
    } else if supply.kind.is_map() != key.contains("${") {
        Some("varies in its name if it is a map, and only then")
    } else if supply.optional && (supply.kind.is_map() || supply.kind == super::overlays::KeyKind::List) {
        Some("need not be optional: it is absent when it is empty")
    } else {
        None
    }
}

/// Whether a supplied key, whose `${Name}` stand for any text, covers a key of the action data.
fn covers(supplied: &str, wanted: &str) -> bool {
    let Some((start, rest)) = supplied.split_once("${") else { return supplied == wanted };
    let Some((_, rest)) = rest.split_once('}') else { return false };
    let Some(tail) = wanted.strip_prefix(start) else { return false };
    tail.char_indices().any(|(at, _)| covers(rest, tail.get(at..).unwrap_or_default())) || covers(rest, "")
}

#[cfg(test)]
mod tests {
    use super::super::reduced::Kind;
    use super::*;

    fn everything() -> Everything {
        all(&crate::root().join("models")).unwrap()
    }

    fn complaints_after(spoil: impl FnOnce(&mut Everything)) -> Vec<String> {
        let mut everything = everything();
        spoil(&mut everything);
        everything.complaints()
    }

    #[test]
    fn each_service_has_the_operations_that_were_counted_when_its_model_was_pinned() {
        let everything = everything();
        let counted = [
            ("acm", 40),
            ("acm-pca", 23),
            ("alcazar", 9),
            ("cloudtrail", 60),
            ("iam", 180),
            ("kms", 56),
            ("organizations", 63),
            ("s3", 116),
            ("secretsmanager", 26),
            ("sts", 11),
        ];
        for (id, count) in counted {
            assert_eq!(everything.models[id].operations.len(), count, "{id}");
        }
        assert_eq!(everything.models["kms"].shapes["KeySpec"].values.len(), 20);
    }

    #[test]
    fn a_file_that_is_read_and_written_is_the_same_file() {
        let models = crate::root().join("models");
        for id in everything().models.keys() {
            // As it stands, without the corrections.
            let path = models.join(super::super::file("services", id));
            let file = super::super::text::read(&path).unwrap();
            assert!(Model::read(&path).unwrap().write().unwrap() == file, "{id}");
        }
        let alcazar = models.join(super::super::file("iam", "alcazar"));
        let file = super::super::text::read(&alcazar).unwrap();
        assert_eq!(Vocabulary::read(&alcazar).unwrap().write().unwrap(), file);
    }

    #[test]
    fn members_keep_the_order_of_the_wire_and_know_what_is_required() {
        let everything = everything();
        let grantee = &everything.models["s3"].shapes["Grantee"];
        let names: Vec<&str> = grantee.members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["DisplayName", "EmailAddress", "ID", "Type", "URI"]);
        let kind = &grantee.members[3];
        assert!(kind.required && kind.xml_attribute);
        assert_eq!(kind.location_name.as_deref(), Some("xsi:type"));
        let encrypt = &everything.models["kms"].shapes["EncryptRequest"];
        assert_eq!((encrypt.kind, encrypt.members[0].name.as_str()), (Kind::Structure, "KeyId"));
    }

    #[test]
    fn a_field_that_the_format_does_not_have_is_refused() {
        let prose = r#"{"type":"string","documentation":"<p>Says something.</p>"}"#;
        let refusal = serde_json::from_str::<super::super::reduced::Shape>(prose).unwrap_err();
        assert!(refusal.to_string().starts_with("unknown field `documentation`"));
    }

    #[test]
    fn the_provenance_names_what_is_pinned() {
        let models = crate::root().join("models");
        let manifest = Manifest::read(&models).unwrap();
        let told = super::super::text::read(&models.join("PROVENANCE.md")).unwrap();
        for package in [&manifest.botocore, &manifest.iam_data] {
            for fact in [&package.name, &package.version, &package.file, &package.sha256] {
                assert!(told.contains(fact.as_str()), "{fact}");
            }
        }
    }

    #[test]
    fn a_condition_key_that_nobody_supplies_is_told() {
        let complaints = complaints_after(|everything| {
            let keys = &mut everything.overlays.get_mut("kms").unwrap().keys.keys;
            keys.get_mut("Sign").unwrap().remove("kms:MessageType");
        });
        assert_eq!(complaints, ["kms: Sign: kms:MessageType is neither supplied nor left out"]);
    }

    #[test]
    fn a_need_that_does_not_exist_is_told() {
        let complaints = complaints_after(|everything| {
            let operations = &mut everything.overlays.get_mut("sts").unwrap().actions.operations;
            operations.get_mut("GetWebIdentityToken").unwrap().needs[1].given = Some("Labels".into());
            operations.get_mut("AssumeRole").unwrap().needs[3].action = "sts:SetMood".into();
        });
        assert!(complaints.contains(&"sts: GetWebIdentityToken: no input member Labels".to_owned()));
        assert!(complaints.contains(&"sts: AssumeRole: sts:SetMood is no action".to_owned()));
    }

    #[test]
    fn a_shape_that_does_not_exist_is_told() {
        let complaints = complaints_after(|everything| {
            everything.models.get_mut("alcazar").unwrap().shapes.remove("Duration");
        });
        assert_eq!(complaints, ["alcazar: no shape Duration"]);
    }

    #[test]
    fn a_varying_name_covers_whatever_stands_in_its_place() {
        assert!(covers("kms:EncryptionContext:${Key}", "kms:EncryptionContext:${EncryptionContextKey}"));
        assert!(covers("${Provider}:${Claim}", "token.actions.githubusercontent.com/${SubPath}:ref"));
        assert!(covers("saml:${Attribute}", "saml:sub_type"));
        assert!(!covers("saml:${Attribute}", "sts:ExternalId"));
        assert!(!covers("kms:KeySpec", "kms:KeySpecs"));
    }
}
