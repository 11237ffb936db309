//! Rust source with everything blanked that is not code: comments, the insides of literals, test modules.

/// One source file.
pub(super) struct Rust {
    /// The code, line by line as in the file, blank where the file has comments, literals or tests.
    pub(super) code: String,
    /// How many lines come before the tests.
    pub(super) lines: usize,
}

impl Rust {
    pub(super) fn of(text: &str) -> Self {
        let mut code = scrub(text);
        let mut lines = text.lines().count();
        while let Some((begin, end)) = test_module(&code) {
            let blank: String = code.get(begin..end).unwrap_or_default().chars().map(blank).collect();
            lines = lines.saturating_sub(blank.matches('\n').count() + 1);
            code.replace_range(begin..end, &blank);
        }
        Self { code, lines }
    }

    /// The lines that hold code, with their numbers.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
            .filter(|(_, line)| !line.trim().is_empty())
    }
}

fn blank(letter: char) -> char {
    if letter == '\n' { '\n' } else { ' ' }
}

/// From `#[cfg(test)]` to the end of the module that follows it.
fn test_module(code: &str) -> Option<(usize, usize)> {
    const MARK: &str = "#[cfg(test)]";
    let mut from = 0;
    while let Some(found) = code.get(from..)?.find(MARK) {
        let begin = from + found;
        let after = code.get(begin + MARK.len()..)?;
        let open = after.find('{');
        let ends = after.find(';').filter(|end| open.is_none_or(|open| *end < open));
        match (open, ends) {
            (Some(open), None) => {
                return Some((begin, begin + MARK.len() + open + closing(after.get(open..)?)));
            }
            _ => from = begin + MARK.len(),
        }
    }
    None
}

/// Bytes to the brace that closes the first one, it included.
fn closing(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// The text with comments and the insides of literals blanked.
fn scrub(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = out.chars().next_back().is_some_and(|last| last.is_alphanumeric() || last == '_');
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            '\'' => character(rest),
            'r' | 'b' | 'c' if !word => literal(rest),
            _ => 0,
        };
        let (blanked, kept) = rest.split_at_checked(length).unwrap_or((rest, ""));
        // A literal keeps its quotes, so that `f("")` still reads as a call with an argument.
        let quoted = blanked.len() > 1 && blanked.ends_with('"');
        match quoted {
            true => {
                out.push('"');
                out.extend(blanked.chars().skip(2).map(blank));
                out.push('"');
            }
            false => out.extend(blanked.chars().map(blank)),
        }
        rest = kept;
        if length == 0 {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

fn block_comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if rest.starts_with("*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// A string with escapes, from its opening quote.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character; 0 if it is a lifetime.
fn character(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some((at, escape))) => {
            let from = at + escape.len_utf8();
            text.get(from..).and_then(|rest| rest.find('\'')).map_or(text.len(), |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

/// A raw, byte or C string, or a byte, from its prefix; 0 if it is none.
fn literal(text: &str) -> usize {
    let quote = text.trim_start_matches(['r', 'b', 'c']);
    let prefix = text.len() - quote.len();
    let marks = quote.len() - quote.trim_start_matches('#').len();
    let raw = text.get(..prefix).is_some_and(|prefix| prefix.contains('r'));
    let body = quote.get(marks..).unwrap_or_default();
    if prefix > 2 {
        return 0;
    }
    if body.starts_with('"') && raw {
        let end = format!("\"{}", "#".repeat(marks));
        let inside = body.get(1..).and_then(|rest| rest.find(&end));
        return inside.map_or(text.len(), |inside| prefix + marks + 1 + inside + end.len());
    }
    match (marks, body.chars().next()) {
        (0, Some('"')) => prefix + string(body),
        (0, Some('\'')) if text.starts_with("b'") => prefix + character(body),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let text = "let a = \"unsafe \\\" x\"; // unsafe\n/* unsafe /* a */ b */ let c = r#\"unsafe \" \"#;\n'u' b'\\'' &'static b\"unsafe\"";
        let code = scrub(text);
        assert!(!code.contains("unsafe"), "{code}");
        assert!(code.contains("let a =") && code.contains("let c =") && code.contains("&'static"), "{code}");
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn tests_are_apart() {
        let rust = Rust::of(
            "fn a() {}\n\n#[cfg(test)]\nuse x;\n\n#[cfg(test)]\nmod tests {\n    fn b() { \"}\" }\n}\n",
        );
        assert!(rust.code.contains("fn a") && rust.code.contains("use x"), "{}", rust.code);
        assert!(!rust.code.contains("fn b"), "{}", rust.code);
        assert_eq!(rust.lines, 5);
    }
}
