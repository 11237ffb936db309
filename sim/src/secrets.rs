//! Everything that must never be readable at rest, and how it is looked for.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// How many bytes of a secret are enough to be sure that it is the secret. Shorter ones are not looked for.
const ENOUGH: usize = 8;

/// The secrets that were given or told in a run.
#[derive(Default)]
pub(crate) struct Secrets(Vec<(String, Vec<u8>)>);

/// The secrets, prepared for one pass over each text.
pub(crate) struct Search<'a> {
    starts: HashMap<[u8; ENOUGH], Vec<(&'a str, Vec<u8>)>>,
    /// Which pairs of first bytes any secret begins with.
    pairs: Vec<bool>,
}

impl Secrets {
    pub(crate) fn add(&mut self, what: impl Into<String>, secret: &[u8]) {
        if secret.len() >= ENOUGH {
            self.0.push((what.into(), secret.to_vec()));
        }
    }

    /// A search for each secret as it is and in base64.
    pub(crate) fn search(&self) -> Search<'_> {
        let mut search = Search { starts: HashMap::new(), pairs: vec![false; 1 << 16] };
        for (what, secret) in &self.0 {
            search.add(what, secret.clone());
            // The last group depends on what follows, so it is left out.
            let encoded = STANDARD.encode(secret.get(..secret.len() / 3 * 3).unwrap_or_default());
            search.add(what, encoded.into_bytes());
        }
        search
    }
}

impl<'a> Search<'a> {
    fn add(&mut self, what: &'a str, form: Vec<u8>) {
        if let Some(start) = form.first_chunk::<ENOUGH>().copied() {
            self.pairs[usize::from(u16::from_be_bytes([start[0], start[1]]))] = true;
            self.starts.entry(start).or_default().push((what, form));
        }
    }

    /// The secret that is readable in there.
    pub(crate) fn find(&self, text: &[u8]) -> Option<&'a str> {
        text.windows(ENOUGH).enumerate().find_map(|(at, window)| {
            if !self.pairs[usize::from(u16::from_be_bytes([window[0], window[1]]))] {
                return None;
            }
            let forms = self.starts.get(window)?;
            forms.iter().find(|(_, form)| text[at..].starts_with(form)).map(|(what, _)| *what)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_as_it_is_and_in_base64_and_nowhere_else() {
        let mut secrets = Secrets::default();
        secrets.add("the key", b"open sesame!");
        let search = secrets.search();
        assert_eq!(search.find(b"he said: open sesame!"), Some("the key"));
        let encoded = STANDARD.encode(b"open sesame! and more");
        assert_eq!(search.find(encoded.as_bytes()), Some("the key"));
        assert_eq!(search.find(b"he said: open barley!"), None);
    }
}
