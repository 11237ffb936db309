use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::Malformed;
use crate::limits::Budget;

/// An element with what it holds. Prefixes of element names are cut off.
#[derive(Debug, Default)]
pub(crate) struct Node<'a> {
    pub(crate) name: &'a str,
    /// By their full names: `xsi:type`.
    pub(crate) attributes: Vec<(&'a str, Cow<'a, str>)>,
    /// All character data in it, its children's left out.
    pub(crate) text: Cow<'a, str>,
    pub(crate) children: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// The children of that name.
    pub(crate) fn named<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node<'a>> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// Parses a document into its root, without recursion. The parser is our own because it should know less than any
/// library does: there are no DTDs (refused, so nothing can be defined, fetched or multiplied), no entities but the five
/// and the numeric ones, and every node and level counts against the limits as it is met.
///
/// `None` when there is nothing but white space.
pub(crate) fn parse<'a>(body: &'a [u8], budget: &mut Budget) -> Result<Option<Node<'a>>, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::syntax())?;
    let mut parser = Parser { rest: text.strip_prefix('\u{feff}').unwrap_or(text), budget };
    if parser.rest.trim_ascii().is_empty() {
        return Ok(None);
    }
    parser.document().map(Some)
}

struct Parser<'a, 'b> {
    rest: &'a str,
    budget: &'b mut Budget,
}

impl<'a> Parser<'a, '_> {
    fn document(&mut self) -> Result<Node<'a>, Malformed> {
        let mut open: Vec<Node<'a>> = Vec::new();
        let mut root = None;
        while !self.rest.is_empty() {
            let markup = memchr(b'<', self.rest.as_bytes()).unwrap_or(self.rest.len());
            let text = self.take(markup)?;
            match open.last_mut() {
                Some(node) => append(&mut node.text, unescape(text)?),
                None if text.trim_ascii().is_empty() => {}
                None => return Err(Malformed::syntax()),
            }
            if self.rest.is_empty() {
                break;
            }
            if self.rest.starts_with("<!--") {
                self.until("<!--", "-->")?;
            } else if self.rest.starts_with("<?") {
                self.until("<?", "?>")?;
            } else if self.rest.starts_with("<![CDATA[") {
                let raw = self.until("<![CDATA[", "]]>")?;
                let node = open.last_mut().ok_or(Malformed::syntax())?;
                append(&mut node.text, Cow::Borrowed(raw));
            } else if let Some(rest) = self.rest.strip_prefix("</") {
                self.rest = rest;
                let name = local(self.name()?);
                self.space();
                self.expect(">")?;
                let done = open.pop().filter(|node| node.name == name).ok_or(Malformed::syntax())?;
                self.close(done, &mut open, &mut root)?;
            } else {
                self.expect("<")?;
                let (node, empty) = self.start()?;
                if root.is_some() {
                    return Err(Malformed::syntax());
                }
                self.budget.enter()?;
                if empty {
                    self.close(node, &mut open, &mut root)?;
                } else {
                    open.push(node);
                }
            }
        }
        if open.is_empty() { root.ok_or(Malformed::syntax()) } else { Err(Malformed::syntax()) }
    }

    fn close(
        &mut self,
        done: Node<'a>,
        open: &mut [Node<'a>],
        root: &mut Option<Node<'a>>,
    ) -> Result<(), Malformed> {
        self.budget.leave();
        match open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => *root = Some(done),
        }
        Ok(())
    }

    /// A start tag after its `<`; whether it closes itself.
    fn start(&mut self) -> Result<(Node<'a>, bool), Malformed> {
        let mut node = Node { name: local(self.name()?), ..Node::default() };
        loop {
            let spaced = self.space();
            if let Some(rest) = self.rest.strip_prefix("/>") {
                self.rest = rest;
                return Ok((node, true));
            }
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                return Ok((node, false));
            }
            if !spaced {
                return Err(Malformed::syntax());
            }
            self.budget.spend()?;
            let name = self.name()?;
            self.space();
            self.expect("=")?;
            self.space();
            let quote = if self.rest.starts_with('"') { "\"" } else { "'" };
            let raw = self.until(quote, quote)?;
            if raw.contains('<') || node.attributes.iter().any(|(known, _)| *known == name) {
                return Err(Malformed::syntax());
            }
            node.attributes.push((name, unescape(raw)?));
        }
    }

    fn name(&mut self) -> Result<&'a str, Malformed> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        let end = self.rest.find(|c| !plain(c)).unwrap_or(self.rest.len());
        let name = self.take(end)?;
        let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':');
        if starts_well { Ok(name) } else { Err(Malformed::syntax()) }
    }

    /// What stands between two marks.
    fn until(&mut self, open: &str, close: &str) -> Result<&'a str, Malformed> {
        self.expect(open)?;
        let end = memmem::find(self.rest.as_bytes(), close.as_bytes()).ok_or(Malformed::syntax())?;
        let inside = self.take(end)?;
        self.expect(close)?;
        Ok(inside)
    }

    fn expect(&mut self, mark: &str) -> Result<(), Malformed> {
        self.rest = self.rest.strip_prefix(mark).ok_or(Malformed::syntax())?;
        Ok(())
    }

    fn space(&mut self) -> bool {
        let trimmed = self.rest.trim_ascii_start();
        let found = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        found
    }

    fn take(&mut self, length: usize) -> Result<&'a str, Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed::syntax())?;
        self.rest = rest;
        Ok(taken)
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn append<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if text.is_empty() {
        *text = more;
    } else if !more.is_empty() {
        text.to_mut().push_str(&more);
    }
}

/// Undoes references, and turns line ends into line feeds (XML 1.0, section 2.11).
fn unescape(raw: &str) -> Result<Cow<'_, str>, Malformed> {
    if !raw.contains(['&', '\r']) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\r']) {
        let (plain, special) = rest.split_at_checked(at).ok_or(Malformed::syntax())?;
        text.push_str(plain);
        if let Some(after) = special.strip_prefix('\r') {
            text.push('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        let (name, after) =
            special.get(1..).and_then(|name| name.split_once(';')).ok_or(Malformed::syntax())?;
        text.push(reference(name).ok_or(Malformed::syntax())?);
        rest = after;
    }
    text.push_str(rest);
    Ok(Cow::Owned(text))
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            // `+1` would parse as a number.
            let plain = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
            code.ok().filter(|code| plain && *code != 0).and_then(char::from_u32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn root(body: &str) -> Result<Option<Node<'_>>, Malformed> {
        parse(body.as_bytes(), &mut Budget::new(&Limits::DEFAULT))
    }

    #[test]
    fn character_data_is_put_together() {
        let node =
            root("<?xml version='1.0'?><!-- x --><a:r b='&lt;&#x41;'>1&amp;<![CDATA[<2>]]>\r\n<c/></a:r> ")
                .unwrap();
        let node = node.unwrap();
        assert_eq!((node.name, node.text.as_ref()), ("r", "1&<2>\n"));
        assert_eq!(node.attributes, [("b", Cow::from("<A"))]);
        assert_eq!(node.named("c").count(), 1);
    }

    #[test]
    fn what_is_not_well_formed_or_defines_entities_is_refused() {
        let broken = [
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "x<a/>",
            "<a b='1' b='2'/>",
            "<a b=1/>",
            "<a>&x;</a>",
            "<a>&#0;</a>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "<a",
            "<a b",
            "<a b=",
            "<!--",
            "<a><![CDATA[",
            "<>",
            "<1/>",
            "<a>&#xd800;</a>",
            "<a>&#+65;</a>",
            "<a>&amp</a>",
        ];
        for body in broken {
            assert!(root(body).is_err(), "{body}");
        }
    }

    #[test]
    fn depth_and_nodes_are_bounded() {
        assert_eq!(root(&"<a>".repeat(100_000)).unwrap_err(), Malformed::too_complex());
        let wide = format!("<r>{}</r>", "<a/>".repeat(70_000));
        assert_eq!(root(&wide).unwrap_err(), Malformed::too_complex());
    }
}
