//! Files of around 120 lines, and rarely over 400: hand-written Rust before its tests.

use super::tree::is_test;
use super::{Finding, Tree};
use crate::Outcome;

const RARE: usize = 400;
const MOST: usize = 600;

pub(super) fn check(tree: &Tree) -> Outcome<Vec<Finding>> {
    let sources = tree.rust.iter().filter(|(path, _)| !is_test(path));
    Ok(sources.filter_map(|(path, rust)| judge(path, rust.lines)).collect())
}

fn judge(path: &str, lines: usize) -> Option<Finding> {
    let says =
        format!("{lines} lines before the tests: split it by thing (most: {MOST}, rarely over {RARE})");
    (lines > RARE).then(|| Finding {
        amount: lines,
        warning: lines <= MOST,
        ..Finding::new("size", path, says)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_is_told_and_too_long_fails() {
        assert_eq!(judge("a.rs", 400), None);
        assert!(judge("a.rs", 401).unwrap().warning);
        assert!(!judge("a.rs", 601).unwrap().warning);
    }
}
