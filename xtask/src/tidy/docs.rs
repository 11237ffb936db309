//! Every crate says in its first lines what it is.

use super::tree::text;
use super::{Finding, Tree};
use crate::Outcome;

pub(super) fn check(tree: &Tree) -> Outcome<Vec<Finding>> {
    let roots =
        tree.files.iter().filter(|path| path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs"));
    let mut findings = Vec::new();
    for path in roots {
        if !is_documented(&text(path)?) {
            findings.push(Finding::new(
                "docs",
                path,
                "begins without `//!`: say what the crate is and promises",
            ));
        }
    }
    Ok(findings)
}

/// Whether documentation comes before the first line that is neither empty nor a comment.
fn is_documented(text: &str) -> bool {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty() && (!line.starts_with("//") || line.starts_with("//!")));
    first.is_some_and(|line| line.trim().len() > "//! ".len() && line.starts_with("//!"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_comes_first() {
        assert!(is_documented("// Generated.\n\n//! What it is.\nmod a;\n"));
        assert!(!is_documented("mod a;\n//! Late.\n"));
        assert!(!is_documented("//!\nmod a;\n"));
    }
}
