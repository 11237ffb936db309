use alcazar_core::Declares;
use alcazar_corridor::Refusal;
use wire_secretsmanager::InvalidParameterException;

use super::Secret;

/// The label of the version that is used.
pub(crate) const CURRENT: &str = "AWSCURRENT";

/// The label of the version that is being made by a rotation.
pub(crate) const PENDING: &str = "AWSPENDING";

/// The label of the version that was used before it.
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

impl Secret {
    /// The id of the version that has that label. A label is at one version at most.
    pub(crate) fn holder(&self, stage: &str) -> Option<&str> {
        let mut versions = self.versions.iter();
        let holder = versions.find(|version| version.stages.iter().any(|held| held == stage));
        holder.map(|version| version.id.as_str())
    }

    /// Moves a label to that version. The version that loses `AWSCURRENT` becomes `AWSPREVIOUS`.
    pub(crate) fn attach(&mut self, stage: &str, id: &str) {
        let held = self.holder(stage).map(str::to_owned);
        if held.as_deref() == Some(id) {
            return;
        }
        self.detach(stage);
        if let Some(previous) = held.filter(|_| stage == CURRENT) {
            self.detach(PREVIOUS);
            self.label(PREVIOUS, &previous);
        }
        self.label(stage, id);
    }

    /// Takes a label away.
    pub(crate) fn detach(&mut self, stage: &str) {
        for version in &mut self.versions {
            version.stages.retain(|held| held != stage);
        }
    }

    fn label(&mut self, stage: &str, id: &str) {
        if let Some(version) = self.versions.iter_mut().find(|version| version.id == id) {
            version.stages.push(stage.to_owned());
        }
    }
}

/// The labels that a request gives to a new version: `AWSCURRENT` unless it names others. The first version is the current one in any case.
pub(crate) fn checked_stages<S: Declares<InvalidParameterException>>(
    secret: &Secret,
    given: Option<&Vec<String>>,
) -> Result<Vec<String>, Refusal<S>> {
    let mut stages = Vec::new();
    for stage in given.into_iter().flatten() {
        if stages.contains(stage) {
            let message = format!("The staging label {stage} is given more than once.");
            return Err(InvalidParameterException::new(message).into());
        }
        stages.push(stage.clone());
    }
    let current = stages.iter().any(|stage| stage == CURRENT);
    if !current && (stages.is_empty() || secret.holder(CURRENT).is_none()) {
        stages.push(CURRENT.to_owned());
    }
    Ok(stages)
}

#[cfg(test)]
mod tests {
    use super::super::Version;
    use super::*;

    fn secret(versions: &[(&str, &[&str])]) -> Secret {
        let version = |(id, stages): &(&str, &[&str])| Version {
            id: (*id).to_owned(),
            stages: stages.iter().map(|stage| (*stage).to_owned()).collect(),
            created_at: Default::default(),
            accessed_on: None,
            kms_key_id: None,
            empty: false,
        };
        Secret {
            name: "n".to_owned(),
            arn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:n-abcdef".parse().unwrap(),
            account: "111122223333".parse().unwrap(),
            created_at: Default::default(),
            changed_at: Default::default(),
            accessed_on: None,
            description: None,
            kms_key_id: None,
            tags: Default::default(),
            deletion: None,
            policy: None,
            policies: Default::default(),
            rotation: None,
            replicas: Vec::new(),
            primary: None,
            versions: versions.iter().map(version).collect(),
        }
    }

    fn told(secret: &Secret) -> String {
        let told = |version: &Version| format!("{}:{}", version.id, version.stages.join("+"));
        secret.versions.iter().map(told).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_version_that_was_current_becomes_the_previous_one() {
        let mut secret = secret(&[("a", &[PREVIOUS]), ("b", &[CURRENT, "mine"]), ("c", &["AWSPENDING"])]);
        secret.attach(CURRENT, "c");
        assert_eq!(told(&secret), "a: b:mine+AWSPREVIOUS c:AWSPENDING+AWSCURRENT");
        secret.attach(CURRENT, "b");
        assert_eq!(told(&secret), "a: b:mine+AWSCURRENT c:AWSPENDING+AWSPREVIOUS");
        secret.attach(CURRENT, "b");
        assert_eq!(told(&secret), "a: b:mine+AWSCURRENT c:AWSPENDING+AWSPREVIOUS");
        secret.attach("mine", "a");
        assert_eq!(told(&secret), "a:mine b:AWSCURRENT c:AWSPENDING+AWSPREVIOUS");
    }

    #[test]
    fn outdated_versions_without_labels_make_room_and_young_ones_do_not() {
        let mut secret = secret(&[]);
        let start = alcazar_core::Timestamp::from_seconds(1_000_000_000);
        for number in 0..100 {
            assert_eq!(secret.add(&number.to_string(), None, start), Some(Vec::new()));
        }
        secret.attach(CURRENT, "0");
        let later = start.plus(super::super::days(2));
        assert_eq!(secret.add("young", None, start), Some(Vec::new()), "all are of today");
        assert_eq!(secret.add("next", None, later), Some(vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!((secret.versions.len(), secret.holder(CURRENT)), (100, Some("0")));
        for number in 0..150 {
            let _ = secret.add(&format!("more-{number}"), None, start);
        }
        assert_eq!((secret.versions.len(), secret.add("one more", None, start)), (250, None));
    }
}
