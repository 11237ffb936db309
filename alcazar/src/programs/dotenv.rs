//! Environment files: `NAME=value`, one a line.
//!
//! No standard describes them. What the common readers agree on is read here: `export` before a name, comments, values in single quotes
//! as they stand, values in double quotes with escapes and over several lines. Nothing is filled in: a `$` is a `$`.

use std::collections::HashSet;

use alcazar_core::SecretText;
use zeroize::Zeroizing;

/// The names and values of a file, in its order.
///
/// # Errors
/// In words for the user, with the line and no value.
pub(crate) fn read(text: &str) -> Result<Vec<(String, SecretText)>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut found, mut names) = (Vec::new(), HashSet::new());
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(found);
        }
        if rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        let told = |why: String| {
            let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
            format!("line {line}: {why}")
        };
        let (name, value, after) = entry(rest).map_err(told)?;
        if !names.insert(name.clone()) {
            return Err(told(format!("{name} comes twice")));
        }
        found.push((name, value));
        rest = after;
    }
}

fn entry(text: &str) -> Result<(String, SecretText, &str), String> {
    let (line, _) = text.split_once('\n').unwrap_or((text, ""));
    let (name, _) = line.split_once('=').ok_or("no NAME=value")?;
    let after = text.get(name.len() + 1..).unwrap_or_default();
    let name = name.trim();
    let name = match name.strip_prefix("export") {
        Some(bare) if bare.starts_with([' ', '\t']) => bare.trim_start(),
        _ => name,
    };
    if !is_name(name) {
        return Err("no NAME=value".to_owned());
    }
    let after = after.trim_start_matches([' ', '\t']);
    let (value, after) = match after.chars().next() {
        Some('\'') => {
            let (value, after) =
                after[1..].split_once('\'').ok_or_else(|| format!("{name}: a quote without an end"))?;
            (Zeroizing::new(value.to_owned()), after)
        }
        Some('"') => quoted(&after[1..]).ok_or_else(|| format!("{name}: a quote without an end"))?,
        _ => {
            return Ok((name.to_owned(), bare(after), after.split_once('\n').map_or("", |(_, after)| after)));
        }
    };
    let (tail, after) = after.split_once('\n').unwrap_or((after, ""));
    let tail = tail.trim();
    if !tail.is_empty() && !tail.starts_with('#') {
        return Err(format!("{name}: something follows the closing quote"));
    }
    Ok((name.to_owned(), SecretText::new(value.to_string()), after))
}

fn is_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// To the end of the line, or to a `#` after a blank.
fn bare(text: &str) -> SecretText {
    let line = text.split_once('\n').map_or(text, |(line, _)| line);
    let comment = line.match_indices('#').map(|(at, _)| at);
    let end = comment.into_iter().find(|at| line[..*at].is_empty() || line[..*at].ends_with([' ', '\t']));
    line[..end.unwrap_or(line.len())].trim().to_owned().into()
}

/// To the closing quote, which is left out; escapes are read.
fn quoted(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let mut value = Zeroizing::new(String::with_capacity(text.find('"').unwrap_or_default()));
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match letters.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                same @ ('"' | '\\' | '$' | '`') => value.push(same),
                other => value.extend(['\\', other]),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> Result<Vec<(String, String)>, String> {
        let found = read(text)?;
        Ok(found.into_iter().map(|(name, value)| (name, value.expose().to_owned())).collect())
    }

    #[test]
    fn the_common_forms() {
        let text = "\u{feff}# head\nA=1\n  export B = two words # not this\r\nC='$x #y\\n'\nD=\"a\\n\\\"b\\\" $HOME\nmore\" # end\n\
                    E=\nF=a#b\nG==\nH=# none\nEXPORTED=1\n";
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "$x #y\\n"),
            ("D", "a\n\"b\" $HOME\nmore"),
            ("E", ""),
            ("F", "a#b"),
            ("G", "="),
            ("H", ""),
            ("EXPORTED", "1"),
        ];
        let expected: Vec<_> = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(told(text), Ok(expected));
    }

    #[test]
    fn refusals_have_the_line_and_no_value() {
        for (text, why) in [
            ("A=1\nhunter2", "line 2: no NAME=value"),
            ("A B=hunter2", "line 1: no NAME=value"),
            ("=hunter2", "line 1: no NAME=value"),
            ("A=1\n\nA=hunter2", "line 3: A comes twice"),
            ("A='hunter2", "line 1: A: a quote without an end"),
            ("A=\"hunter2\\\"", "line 1: A: a quote without an end"),
            ("A='x'hunter2", "line 1: A: something follows the closing quote"),
        ] {
            assert_eq!(told(text).unwrap_err(), why);
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "([A-C]=|'|\"|\\\\|#|\n|\r| |export |\\PC){0,16}") {
            let _ = read(&text);
        }

        #[test]
        fn what_is_quoted_comes_back(value in "(\\PC|\n|\t|\"|\\\\|#|'){0,30}") {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let both = format!("A=\"{escaped}\"\nB=1");
            prop_assert_eq!(told(&both), Ok(vec![("A".to_owned(), value), ("B".to_owned(), "1".to_owned())]));
        }
    }
}
