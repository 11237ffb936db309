use std::sync::OnceLock;

use regex::Regex;

/// A model's pattern for strings, compiled when first needed. Patterns are Java-flavoured in the models; the generator
/// has rewritten those that differ, and leaves out with a note those that no linear engine can express.
#[derive(Debug)]
pub struct Pattern {
    /// As the model writes it; it stands in the validation message.
    pub published: &'static str,
    /// As it is compiled here.
    source: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern whose published and compiled forms are the same.
    pub const fn new(published: &'static str) -> Self {
        Self::rewritten(published, published)
    }

    /// A pattern that had to be rewritten for a linear engine.
    pub const fn rewritten(published: &'static str, source: &'static str) -> Self {
        Self { published, source, compiled: OnceLock::new() }
    }

    /// Whether it compiles here; a test asks this of every generated pattern.
    pub fn compiles(&self) -> bool {
        self.compiled().is_some()
    }

    /// Whether the whole of the text matches. A pattern that does not compile matches nothing: refuse by default.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled().is_some_and(|regex| regex.is_match(text))
    }

    fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&format!("^(?:{})$", self.source)).ok()).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_must_match() {
        let pattern = Pattern::new("[a-z]+|[0-9]");
        assert!(pattern.matches("abc") && pattern.matches("7"));
        assert!(!pattern.matches("abc7") && !pattern.matches("77") && !pattern.matches(""));
    }
}
