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
    /// A text that begins with a match of this is refused: what a negative look-ahead at the start says.
    refused: Option<&'static str>,
    compiled: OnceLock<Option<Compiled>>,
}

#[derive(Debug)]
struct Compiled {
    whole: Regex,
    refused: Option<Regex>,
}

impl Pattern {
    /// A pattern whose published and compiled forms are the same.
    pub const fn new(published: &'static str) -> Self {
        Self::rewritten(published, published)
    }

    /// A pattern that had to be rewritten for a linear engine.
    pub const fn rewritten(published: &'static str, source: &'static str) -> Self {
        Self { published, source, refused: None, compiled: OnceLock::new() }
    }

    /// Refuses what begins with a match of that expression, whatever else holds.
    #[must_use]
    pub const fn except(mut self, refused: &'static str) -> Self {
        self.refused = Some(refused);
        self
    }

    /// Whether it compiles here; a test asks this of every generated pattern.
    pub fn compiles(&self) -> bool {
        self.compiled().is_some()
    }

    /// Whether the whole of the text matches. A pattern that does not compile matches nothing: refuse by default.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled().is_some_and(|compiled| {
            compiled.whole.is_match(text)
                && !compiled.refused.as_ref().is_some_and(|refused| refused.is_match(text))
        })
    }

    fn compiled(&self) -> Option<&Compiled> {
        self.compiled.get_or_init(|| self.compile().ok()).as_ref()
    }

    fn compile(&self) -> Result<Compiled, regex::Error> {
        let whole = Regex::new(&format!("^(?:{})$", self.source))?;
        let refused = self.refused.map(|refused| Regex::new(&format!("^(?:{refused})"))).transpose()?;
        Ok(Compiled { whole, refused })
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

    #[test]
    fn what_a_look_ahead_refused_is_refused() {
        let pattern = Pattern::rewritten("(?!aws:)[a-z:]+", "[a-z:]+").except("aws:");
        assert!(pattern.compiles() && pattern.matches("awsome:x"));
        assert!(!pattern.matches("aws:x"));
        assert!(!Pattern::new("[a-z]").except("(").compiles());
    }
}
