//! What no file may name: hosts that packages come from, and paths of somebody's machine.

use super::{Finding, Tree};
use crate::{Outcome, root};

/// In two parts each, so that this file does not name them.
const FORBIDDEN: &[(&str, &str)] = &[
    ("pypi.", "org"),
    ("files.pythonhosted.", "org"),
    ("registry.npmjs.", "org"),
    ("static.crates.", "io"),
    ("index.crates.", "io"),
    ("deb.debian.", "org"),
    ("security.debian.", "org"),
    ("proxy.golang.", "org"),
    ("repo.maven.", "apache.org"),
    ("/ro", "ot/"),
    ("/wo", "rk/"),
    ("/ho", "me/"),
    ("/Us", "ers/"),
    (".pyenv", "/"),
];

/// Written by cargo, with the registry's address in every entry.
const EXEMPT: &[&str] = &["Cargo.lock"];

pub(super) fn check(tree: &Tree) -> Outcome<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in tree.files.iter().filter(|path| !EXEMPT.contains(&path.as_str())) {
        let bytes = std::fs::read(root().join(path))?;
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        for (at, line) in text.lines().enumerate() {
            let named = forbidden(line)
                .map(|name| format!("line {}: `{name}` belongs to a machine, not to the repository", at + 1));
            findings.extend(named.map(|says| Finding::new("text", path, says)));
        }
    }
    Ok(findings)
}

fn forbidden(line: &str) -> Option<String> {
    FORBIDDEN.iter().map(|(begin, end)| format!("{begin}{end}")).find(|name| whole(line, name))
}

/// Whether it is there as a name or path of its own: a folder further down may be called the same.
fn whole(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|letter| {
            !(letter.is_alphanumeric() || matches!(letter, '-' | '_' | '/' | '.' | '~' | '}'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_machine_is_found_and_a_like_one_is_not() {
        let path = ["see /ro", "ot/notes.txt"].concat();
        assert!(forbidden(&path).is_some());
        assert_eq!(forbidden(&["arn:aws:iam::1:user/a/ro", "ot/x"].concat()), None);
        assert_eq!(forbidden("nothing of the kind"), None);
    }
}
