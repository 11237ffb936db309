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
        if !list.split(';').all(is_name) {
            return None;
        }
        let lower = !list.bytes().any(|byte| byte.is_ascii_uppercase());
        if lower && list.split(';').is_sorted_by(|a, b| a < b) {
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
        self.0.split(';')
    }

    /// Whether a header (name in lower case) is covered.
    pub fn contains(&self, name: &str) -> bool {
        self.names().any(|signed| signed == name)
    }
}

/// A token of RFC 9110, or a pseudo-header of HTTP/2 such as `:authority`.
fn is_name(name: &str) -> bool {
    let token = name.strip_prefix(':').unwrap_or(name);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !token.is_empty() && token.bytes().all(allowed)
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
