//! The list of the headers that a signature covers.

use std::borrow::Cow;

/// Header names in lower case, sorted, each once, joined by semicolons.
///
/// A client's list is brought into this form before the canonical request is made from it, as the signing process says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeaders<'a>(Cow<'a, str>);

impl<'a> SignedHeaders<'a> {
    /// Reads a list; none if it is empty, repeats a name or holds what no header name can hold (RFC 9110, section 5.1).
    pub(crate) fn parse(list: Cow<'a, str>) -> Option<Self> {
        let mut sorted = true;
        let mut previous = "";
        for name in Names(Some(&list)) {
            if !is_name(name) {
                return None;
            }
            sorted &= previous < name;
            previous = name;
        }
        if sorted && !list.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Some(Self(list));
        }
        let lower = list.to_ascii_lowercase();
        let mut names: Vec<&str> = lower.split(';').collect();
        names.sort_unstable();
        match names.is_sorted_by(|a, b| a < b) {
            true => Some(Self(Cow::Owned(names.join(";")))),
            false => None,
        }
    }

    /// From names that are known to be proper: for signing.
    pub(crate) fn of(mut names: Vec<&str>) -> SignedHeaders<'static> {
        names.sort_unstable();
        names.dedup();
        SignedHeaders(Cow::Owned(names.join(";")))
    }

    /// The list as the canonical request carries it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        Names(Some(&self.0))
    }

    /// Whether a header (name in lower case) is covered.
    pub fn contains(&self, name: &str) -> bool {
        self.names().any(|signed| signed == name)
    }
}

/// The parts between semicolons, found byte by byte: this runs several times for every request.
struct Names<'l>(Option<&'l str>);

impl<'l> Iterator for Names<'l> {
    type Item = &'l str;

    fn next(&mut self) -> Option<&'l str> {
        let list = self.0?;
        let end = list.bytes().position(|byte| byte == b';');
        self.0 = end.and_then(|end| list.get(end + 1..));
        end.map_or(Some(list), |end| list.get(..end))
    }
}

/// The characters of a token (RFC 9110, section 5.6.2).
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let symbol = matches!(
            byte as u8,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        );
        table[byte] = symbol || (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// A token, or a pseudo-header of HTTP/2 such as `:authority`.
fn is_name(name: &str) -> bool {
    let token = name.strip_prefix(':').unwrap_or(name);
    !token.is_empty() && token.bytes().all(|byte| TOKEN[usize::from(byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(list: &str) -> Option<String> {
        SignedHeaders::parse(Cow::Borrowed(list)).map(|list| list.as_str().to_owned())
    }

    #[test]
    fn a_proper_list_is_borrowed_and_another_put_right() {
        let list = SignedHeaders::parse(Cow::Borrowed("host;x-amz-date")).unwrap();
        assert!(matches!(list.0, Cow::Borrowed(_)));
        assert!(list.contains("host") && !list.contains("x-amz"));
        assert_eq!(parsed("X-Amz-Date;Host").unwrap(), "host;x-amz-date");
        assert_eq!(parsed(":authority;x-amz-date").unwrap(), ":authority;x-amz-date");
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for list in
            ["", ";", "host;", "host;;x", "host;host", "Host;host", "host; x-amz-date", "hôst", "host:", "::"]
        {
            assert_eq!(parsed(list), None, "{list}");
        }
    }
}
