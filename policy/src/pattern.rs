//! Wildcard patterns: `*` is any run of characters, `?` is one character.
//!
//! A compiled pattern is its text in UTF-8 with the two wildcards replaced by bytes that UTF-8 never contains. So a
//! literal `*` (from `${*}`, or from the value of a variable) needs no escape, and one matcher serves all.

use smallvec::SmallVec;

/// Stands for `*`; no byte of UTF-8 text has this value.
pub(crate) const STAR: u8 = 0xFF;
/// Stands for `?`.
pub(crate) const ONE: u8 = 0xFE;

/// A pattern being built at evaluation time; on the stack up to 128 bytes.
pub(crate) type Scratch = SmallVec<[u8; 128]>;

/// A compiled pattern. Matching takes time proportional to pattern length times text length at worst, never more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Shape);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Any,
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
    General(Box<[u8]>),
}

impl Pattern {
    /// Compiles `text`, in which `*` and `?` are wildcards.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut bytes = Scratch::new();
        push_pattern(&mut bytes, text);
        Self::from_bytes(&bytes)
    }

    /// Compiles `text` for matching without regard to ASCII case; see [`Pattern::matches_ignoring_case`].
    #[must_use]
    pub fn lower_cased(text: &str) -> Self {
        Self::new(&text.to_ascii_lowercase())
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let wild = |b: &&u8| **b == STAR || **b == ONE;
        Self(match bytes {
            [STAR] => Shape::Any,
            [prefix @ .., STAR] if prefix.iter().find(wild).is_none() => Shape::Prefix(prefix.into()),
            all if all.iter().find(wild).is_none() => Shape::Exact(all.into()),
            all => Shape::General(all.into()),
        })
    }

    /// Does the whole of `text` match, case included?
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.run::<false>(text.as_bytes())
    }

    /// Does `text`, its ASCII letters lower-cased, match? The pattern must have been compiled with
    /// [`Pattern::lower_cased`].
    #[must_use]
    pub fn matches_ignoring_case(&self, text: &str) -> bool {
        self.run::<true>(text.as_bytes())
    }

    /// Is this the pattern `*`?
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.0 == Shape::Any
    }

    /// The bytes to be equal to, if there are no wildcards.
    pub(crate) fn as_exact(&self) -> Option<&[u8]> {
        if let Shape::Exact(bytes) = &self.0 { Some(bytes) } else { None }
    }

    fn run<const FOLD: bool>(&self, text: &[u8]) -> bool {
        match &self.0 {
            Shape::Any => true,
            Shape::Exact(exact) => same::<FOLD>(exact, text),
            Shape::Prefix(prefix) => {
                text.get(..prefix.len()).is_some_and(|start| same::<FOLD>(prefix, start))
            }
            Shape::General(pattern) => glob::<FOLD>(pattern, text),
        }
    }
}

/// Appends `text` to `out` with `*` and `?` as wildcards.
pub(crate) fn push_pattern(out: &mut Scratch, text: &str) {
    out.extend(text.bytes().map(|b| match b {
        b'*' => STAR,
        b'?' => ONE,
        other => other,
    }));
}

/// Matches a compiled byte pattern that did not earn a [`Pattern`] of its own.
pub(crate) fn glob_bytes(pattern: &[u8], text: &[u8]) -> bool {
    glob::<false>(pattern, text)
}

fn fold<const FOLD: bool>(byte: u8) -> u8 {
    if FOLD { byte.to_ascii_lowercase() } else { byte }
}

fn same<const FOLD: bool>(pattern: &[u8], text: &[u8]) -> bool {
    if FOLD {
        pattern.len() == text.len() && pattern.iter().zip(text).all(|(p, t)| *p == t.to_ascii_lowercase())
    } else {
        pattern == text
    }
}

/// Two pointers: on a mismatch go back to the last star only, and let it swallow one byte more. An earlier star never
/// needs to be tried again, because the later one can swallow whatever the earlier one would have.
fn glob<const FOLD: bool>(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (Some(&STAR), _) => {
                p += 1;
                retry = Some((p, t));
                continue;
            }
            (Some(&ONE), Some(&byte)) => {
                p += 1;
                t += char_len(byte);
                continue;
            }
            (Some(&want), Some(&have)) if want == fold::<FOLD>(have) => {
                p += 1;
                t += 1;
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        match retry {
            Some((after_star, swallowed)) if swallowed < text.len() => {
                // Whole characters, so that `?` never begins in the middle of one.
                let next = swallowed + char_len(text.get(swallowed).copied().unwrap_or(0));
                (p, t) = (after_star, next);
                retry = Some((after_star, next));
            }
            _ => return false,
        }
    }
}

/// Length of the UTF-8 character that begins with `first`.
fn char_len(first: u8) -> usize {
    match first {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn hit(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).matches(text)
    }

    #[test]
    fn stars_and_question_marks_match_anywhere() {
        assert!(hit("*", ""));
        assert!(hit("arn:aws:s3:::b*/x?", "arn:aws:s3:::bucket/xy"));
        assert!(hit("*ket", "s3:ListBucket") == "s3:ListBucket".ends_with("ket"));
        assert!(hit("a*b*c", "a-b-b-c") && !hit("a*b*c", "a-c-b"));
        assert!(!hit("?", "") && hit("?", "x") && !hit("?", "xy"));
        assert!(hit("", "") && !hit("", "x"));
        assert!(hit("**a**", "bab") && hit("*?", "q") && !hit("*?", ""));
    }

    #[test]
    fn a_question_mark_is_one_character_not_one_byte() {
        assert!(hit("?", "é") && hit("a?c", "a€c") && hit("*?x", "🦀x") && !hit("??", "é"));
    }

    #[test]
    fn case_counts_unless_folded() {
        assert!(!hit("S3:Get*", "s3:GetObject"));
        assert!(Pattern::lower_cased("S3:GET*").matches_ignoring_case("s3:GetObject"));
        assert!(Pattern::lower_cased("s3:g?tobject").matches_ignoring_case("S3:GETOBJECT"));
        assert!(Pattern::lower_cased("s3:GetObject").matches_ignoring_case("s3:getObject"));
    }

    #[test]
    fn a_pathological_pattern_ends() {
        // A matcher that tried every star again would not, in the life of the universe.
        let pattern = Pattern::new(&format!("{}b", "*a".repeat(200)));
        let text = "a".repeat(100_000);
        assert!(!pattern.matches(&text));
    }
}
