//! The vectors that are left out, as `tests/data/LEFT_OUT.md` lists them with their reasons.

use std::collections::BTreeMap;

/// The lists of one direction. Every line must be used, so that the list can only shrink.
pub(crate) struct LeftOut {
    lines: BTreeMap<(String, String), bool>,
}

impl LeftOut {
    /// Those of `input`, `output` or `form`.
    pub(crate) fn of(direction: &str) -> Self {
        let path = format!("{}/tests/data/LEFT_OUT.md", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = BTreeMap::new();
        for line in text.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, listed, file, id, reason, _] = cells[..] else { panic!("not a row: {line}") };
            assert!(!reason.is_empty(), "no reason: {line}");
            if listed.trim_matches('`') == direction {
                let key = (file.trim_matches('`').to_owned(), id.trim_matches('`').to_owned());
                assert!(lines.insert(key, false).is_none(), "listed twice: {line}");
            }
        }
        Self { lines }
    }

    pub(crate) fn has(&mut self, file: &str, id: &str) -> bool {
        match self.lines.get_mut(&(file.to_owned(), id.to_owned())) {
            Some(used) => {
                *used = true;
                true
            }
            None => false,
        }
    }

    pub(crate) fn used(&self) -> usize {
        self.lines.values().filter(|used| **used).count()
    }

    pub(crate) fn all_used(&self) {
        let unused: Vec<_> = self.lines.iter().filter(|(_, used)| !**used).map(|(key, _)| key).collect();
        assert!(unused.is_empty(), "listed, but no such vector: {unused:?}");
    }
}
