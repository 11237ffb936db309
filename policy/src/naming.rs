//! The users, roles and accounts that a document names, as its text says: for checks and rewriting outside the decision.

use crate::json::{self, Node};

/// The `AWS` principals of the document's `Principal` and `NotPrincipal` elements, as written; none of a text that is no JSON.
#[must_use]
pub fn named_principals(text: &str) -> Vec<String> {
    let mut named = Vec::new();
    if let Ok(mut document) = json::parse(text) {
        each(&mut document, &mut |name| named.push(name.clone()));
    }
    named
}

/// The document with other names for those principals that `other` knows one for. Members keep their order; white space between them is
/// lost. A text that is no JSON stays as it is.
#[must_use]
pub fn renamed_principals(text: &str, other: impl Fn(&str) -> Option<String>) -> String {
    let Ok(mut document) = json::parse(text) else { return text.to_owned() };
    each(&mut document, &mut |name| {
        if let Some(other) = other(name) {
            *name = other;
        }
    });
    document.to_string()
}

fn each(document: &mut Node, with: &mut impl FnMut(&mut String)) {
    let Some(statements) = member(document, "Statement") else { return };
    for statement in several(statements) {
        let Node::Object(members) = statement else { continue };
        let principals =
            members.iter_mut().filter(|(name, _)| matches!(&**name, "Principal" | "NotPrincipal"));
        for aws in principals.filter_map(|(_, principal)| member(principal, "AWS")).flat_map(several) {
            // An account id may be written as a number.
            if let Node::Text(name) | Node::Number(name) = aws {
                with(name);
            }
        }
    }
}

fn member<'n>(node: &'n mut Node, wanted: &str) -> Option<&'n mut Node> {
    let Node::Object(members) = node else { return None };
    members.iter_mut().find(|(name, _)| name == wanted).map(|(_, node)| node)
}

/// A value stands for a list of one.
fn several(node: &mut Node) -> &mut [Node] {
    match node {
        Node::List(items) => items,
        one => std::slice::from_mut(one),
    }
}

#[cfg(test)]
mod tests {
    use super::{named_principals, renamed_principals};

    const POLICY: &str = r#"{"Statement": [{"Principal": {"AWS": "a", "Service": "a"}, "Condition": {"x": {"AWS": ["a", 1.5, null, true]}}}, {"NotPrincipal": {"AWS": ["b", "a", 111122223333]}}, {"Principal": "*"}]}"#;

    #[test]
    fn principals_are_found_alone_and_in_lists() {
        assert_eq!(named_principals(POLICY), ["a", "b", "a", "111122223333"]);
        assert_eq!(named_principals(r#"{"Statement":{"Principal":{"AWS":"a"}}}"#), ["a"]);
        assert!(named_principals("a").is_empty());
    }

    #[test]
    fn principals_alone_are_renamed() {
        let renamed = renamed_principals(POLICY, |name| (name == "a").then(|| "\"c\"".to_owned()));
        let wanted = r#"{"Statement":[{"Principal":{"AWS":"\"c\"","Service":"a"},"Condition":{"x":{"AWS":["a",1.5,null,true]}}},{"NotPrincipal":{"AWS":["b","\"c\"",111122223333]}},{"Principal":"*"}]}"#;
        assert_eq!(renamed, wanted);
        assert_eq!(renamed_principals("no policy", |_| None), "no policy");
    }
}
