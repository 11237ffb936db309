//! The models' patterns, from Java's flavour to that of the `regex` crate.
//!
//! Java's `\d`, `\w` and `\s` are ASCII, its `.` stops at five line ends, it writes characters beyond the first plane as
//! surrogate pairs, and it looks ahead. What looks ahead at the start becomes an expression that is refused; other
//! look-around is rewritten by hand below or given up: then the member is not checked against its pattern.

use regex::Regex;

/// A pattern as the `regex` crate can run it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Linear {
    pub(super) source: String,
    /// What a text must not begin with.
    pub(super) refused: Option<String>,
}

/// What no rule translates: the published form, and one that says the same together with the shape's other constraints.
const BY_HAND: &[(&str, &str)] = &[
    // IAM's account alias: hyphens stand alone; the length, 3 to 63, is in the shape.
    ("^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$", "[a-z0-9](?:-?[a-z0-9])+"),
    // FMS's ManagedServiceData: no backslash before n or r.
    (r"^((?!\\[nr]).)+", r"(?:[^\\\n\r\u{85}\u{2028}\u{2029}]|\\+[^\\nr\n\r\u{85}\u{2028}\u{2029}])*\\*"),
    // SSM's filter values: the shape has the same bounds, and so many states are too many to compile.
    ("^.{1,100000}$", r"[^\n\r\u{85}\u{2028}\u{2029}]+"),
    // A bucket name without a dot at its end.
    (r"[0-9A-Za-z\.\-_]*(?<!\.)", r"(?:[0-9A-Za-z.\-_]*[0-9A-Za-z\-_])?"),
];

/// The pattern for a linear engine, or none if it has no such form.
pub(super) fn translate(published: &str) -> Option<Linear> {
    let linear = match BY_HAND.iter().find(|(known, _)| *known == published) {
        Some((_, source)) => Linear { source: (*source).to_owned(), refused: None },
        None => by_rule(published),
    };
    let sound = compiles(&linear.source) && linear.refused.as_deref().is_none_or(compiles);
    sound.then_some(linear)
}

fn compiles(source: &str) -> bool {
    Regex::new(&format!("^(?:{source})$")).is_ok()
}

fn by_rule(published: &str) -> Linear {
    match refusal(published) {
        Some((refused, rest)) => Linear { source: rewrite(rest), refused: Some(rewrite(refused)) },
        None => Linear { source: rewrite(published), refused: None },
    }
}

/// Splits `^(?!x)y` into `x` and `y`, unless an alternative beside them is free of the refusal.
fn refusal(published: &str) -> Option<(&str, &str)> {
    let body = published.strip_prefix('^').unwrap_or(published).strip_prefix("(?!")?;
    let end = top_level(body, ')')?;
    let (refused, rest) = (body.get(..end)?, body.get(end + 1..)?);
    top_level(rest, '|').is_none().then_some((refused, rest))
}

/// Where that character first stands outside of classes, groups and escapes.
fn top_level(pattern: &str, wanted: char) -> Option<usize> {
    let (mut depth, mut class, mut escaped) = (0, false, false);
    for (at, c) in pattern.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            _ if class => {}
            _ if c == wanted && depth == 0 => return Some(at),
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn rewrite(java: &str) -> String {
    let mut rewriter = Rewriter { rest: java, out: String::new(), depth: 0 };
    while rewriter.step() {}
    rewriter.out
}

struct Rewriter<'a> {
    rest: &'a str,
    out: String,
    /// How many classes are open.
    depth: usize,
}

impl Rewriter<'_> {
    fn step(&mut self) -> bool {
        let mut letters = self.rest.chars();
        let Some(c) = letters.next() else { return false };
        if c == '\\' {
            self.escape();
            return true;
        }
        self.rest = letters.as_str();
        match c {
            '[' => {
                self.depth += 1;
                self.out.push('[');
            }
            ']' => {
                self.depth = self.depth.saturating_sub(1);
                self.out.push(']');
            }
            '.' if self.depth == 0 => self.out.push_str(r"[^\n\r\u{85}\u{2028}\u{2029}]"),
            // Operators on sets here, two characters in Java.
            '-' | '~' if self.depth > 0 && self.out.ends_with(c) && !self.out.ends_with("\\-") => {
                self.out.push('\\');
                self.out.push(c);
            }
            _ => self.out.push(c),
        }
        true
    }

    fn escape(&mut self) {
        if let Some(pair) = surrogate_pair(self.rest) {
            self.out.push_str(&format!("\\u{{{pair:X}}}"));
            self.rest = self.rest.get(12..).unwrap_or_default();
            return;
        }
        for (java, members) in CLASSES {
            if let Some(rest) = self.rest.strip_prefix(java) {
                self.rest = rest;
                self.class(members);
                return;
            }
        }
        let end = self.rest.char_indices().nth(2).map_or(self.rest.len(), |(at, _)| at);
        let (taken, rest) = self.rest.split_at(end);
        self.out.push_str(taken);
        self.rest = rest;
    }

    /// A class of its own, also within another. A hyphen before it is no range.
    fn class(&mut self, members: &str) {
        if self.depth > 0
            && self.out.ends_with('-')
            && !self.out.ends_with("\\-")
            && !self.out.ends_with("[-")
        {
            self.out.pop();
            self.out.push_str("\\-");
        }
        self.out.push_str(members);
    }
}

/// Java's ASCII classes, spelt out.
const CLASSES: &[(&str, &str)] = &[
    ("\\d", "[0-9]"),
    ("\\D", "[^0-9]"),
    ("\\w", "[0-9A-Za-z_]"),
    ("\\W", "[^0-9A-Za-z_]"),
    ("\\s", r"[\t-\r ]"),
    ("\\S", r"[^\t-\r ]"),
    ("\\b", r"(?-u:\b)"),
    ("\\p{ASCII}", r"[\x00-\x7F]"),
    ("\\p{Alnum}", "[0-9A-Za-z]"),
    ("\\p{Alpha}", "[A-Za-z]"),
    ("\\p{Digit}", "[0-9]"),
    ("\\p{Graph}", "[!-~]"),
    ("\\p{Lower}", "[a-z]"),
    ("\\p{Print}", "[ -~]"),
    ("\\p{Upper}", "[A-Z]"),
];

/// `\uD800\uDC00` at the start: the character that it stands for.
fn surrogate_pair(text: &str) -> Option<u32> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    let (high, low) = (unit(0)?, unit(6)?);
    let is_pair = (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low);
    is_pair.then(|| 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(published: &str, text: &str) -> bool {
        let linear = translate(published).unwrap();
        let refused = linear
            .refused
            .is_some_and(|refused| Regex::new(&format!("^(?:{refused})")).unwrap().is_match(text));
        Regex::new(&format!("^(?:{})$", linear.source)).unwrap().is_match(text) && !refused
    }

    #[test]
    fn javas_classes_are_ascii() {
        assert!(accepts(r"[\w+=,.@-]+", "a_b+c-1"));
        assert!(!accepts(r"[\w+=,.@-]+", "\u{e9}"));
        assert!(accepts(r"\d{2}", "12") && !accepts(r"\d{2}", "\u{663}\u{663}"));
        assert!(accepts(r"[\s\S]*", "a\n\u{2028}"));
        assert!(accepts(".*", "ab") && !accepts(".*", "a\u{2028}b"));
    }

    #[test]
    fn hyphens_in_classes_mean_what_they_mean_in_java() {
        assert!(accepts(r"[.-\w]+", "a-.") && !accepts(r"[.-\w]+", "/"));
        assert!(accepts("[+--]+", "+,-") && !accepts("[+--]+", "."));
        assert!(accepts(r"[a-z\-~~]+", "a-~"));
    }

    #[test]
    fn surrogate_pairs_are_characters() {
        let text = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*";
        assert!(accepts(text, "a\u{1F511}") && !accepts(text, "\u{1}"));
    }

    #[test]
    fn looking_ahead_at_the_start_is_a_refusal_and_elsewhere_needs_a_hand() {
        assert!(accepts("^(?!aws:)[a-z:]+$", "awsome") && !accepts("^(?!aws:)[a-z:]+$", "aws:x"));
        assert_eq!(translate("a(?!b)c|d"), None);
        assert_eq!(translate("(?!a)b|c"), None);
        let alias = "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$";
        assert!(accepts(alias, "a-b-c") && !accepts(alias, "a--b") && !accepts(alias, "ab-"));
    }

    #[test]
    fn a_backslash_before_n_or_r_is_refused() {
        let data = r"^((?!\\[nr]).)+";
        assert!(accepts(data, r"a\b\\") && !accepts(data, r"a\nb") && !accepts(data, r"a\\nb"));
    }
}
