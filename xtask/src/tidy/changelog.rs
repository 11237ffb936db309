//! Changelog fragments: each user-visible change is a file `changelog.d/<what>.<kind>.md` of one line.

use super::tree::text;
use super::{Finding, Tree};
use crate::Outcome;

const KINDS: &[&str] = &["added", "changed", "fixed", "removed", "security"];
/// Letters in a line: what fits the eye at once.
const LONGEST: usize = 200;

pub(super) fn check(tree: &Tree) -> Outcome<Vec<Finding>> {
    let fragments = tree.files.iter().filter_map(|path| Some((path, path.strip_prefix("changelog.d/")?)));
    let mut findings = Vec::new();
    for (path, name) in fragments.filter(|(_, name)| *name != "README.md") {
        let complaint = complaint(name, &text(path)?);
        findings.extend(complaint.map(|says| Finding::new("changelog", path, says)));
    }
    Ok(findings)
}

fn complaint(name: &str, text: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('.').collect();
    let [what, kind, "md"] = parts.as_slice() else { return Some("is not named <what>.<kind>.md".into()) };
    if what.is_empty() || !what.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Some("is not named in small letters, digits and hyphens".into());
    }
    if !KINDS.contains(kind) {
        return Some(format!("`{kind}` is no kind: {}", KINDS.join(", ")));
    }
    let line = text.strip_suffix('\n').unwrap_or_default();
    if line.is_empty() || line.contains('\n') || line.chars().count() > LONGEST || !line.ends_with('.') {
        return Some(format!("is not one line of at most {LONGEST} letters that ends with a full stop"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_one_line_of_a_kind() {
        assert_eq!(complaint("kms-grants.added.md", "KMS grants.\n"), None);
        for (name, text) in [
            ("kms.md", "A.\n"),
            ("kms.new.md", "A.\n"),
            ("KMS.added.md", "A.\n"),
            ("kms.added.md", "A"),
            ("kms.added.md", "A\n"),
            ("kms.added.md", "A.\nB.\n"),
        ] {
            assert!(complaint(name, text).is_some(), "{name} {text:?}");
        }
    }
}
