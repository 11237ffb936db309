//! The names of parameters, and where they stand in the hierarchy.
//! Source: Systems Manager User Guide, "About requirements and constraints for parameter names".

use alcazar_core::{Arn, Common, Declares};
use alcazar_corridor::{Failure, Refusal, View};
use alcazar_store::{KeyPart, KeyWriter};
use serde::{Deserialize, Serialize};
use wire_ssm::HierarchyLevelLimitExceededException;

/// A name from the root of the hierarchy, whether it was written with the first slash or not: `TestParam1` and `/TestParam1` are one
/// parameter. Rows stand in the order of their directories, then of what is in them; so a level of the hierarchy is a range of keys, and
/// what is below a path is one too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Name(String);

/// The most levels, that of the parameter included.
const DEEPEST: usize = 15;

/// The longest ARN of a parameter.
const LONGEST: usize = 1011;

/// What a name may not begin with, and what it is made of.
const SYNTAX: &str = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_";

impl Name {
    /// Of the text of a request.
    pub(crate) fn of(text: &str) -> Self {
        match text.starts_with('/') {
            true => Self(text.to_owned()),
            false => Self(format!("/{text}")),
        }
    }

    /// From the root: `/TestParam1`.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// All up to the last slash, with it; and what follows.
    pub(crate) fn parts(&self) -> (&str, &str) {
        let at = self.0.rfind('/').map_or(0, |at| at + 1);
        self.0.split_at(at)
    }

    /// The ARN of a parameter of that name in an account; public parameters have none.
    pub(crate) fn arn(&self, view: &View, account: &str) -> Arn {
        let region = view.region();
        Arn::new(region.partition().name, "ssm", region.name(), account, &format!("parameter{}", self.0))
    }
}

impl KeyPart for Name {
    fn write(&self, key: &mut KeyWriter) {
        let (directory, leaf) = self.parts();
        directory.write(key);
        leaf.write(key);
    }
}

/// A name under which a parameter may be made.
pub(crate) fn checked_name<S>(text: &str, view: &View) -> Result<Name, Refusal<S>>
where
    S: Declares<HierarchyLevelLimitExceededException>,
{
    let refused = |message: &str| Err(Failure::validation(message.to_owned()).into());
    if text.starts_with("arn:") {
        return refused("Parameter ARN is not supported for this operation.");
    }
    if !text.starts_with('/') && text.contains('/') {
        return refused("Parameter name must be a fully qualified name.");
    }
    let name = Name::of(text);
    let reserved = |prefix: &str| {
        name.0.get(1..1 + prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let path = name.0.matches('/').count() > 1;
    if reserved("aws") && path {
        let message = format!("No access to reserved parameter name: {}.", name.0.trim_start_matches('/'));
        return Err(Failure::common(Common::AccessDenied, message).into());
    }
    if (reserved("aws") || reserved("ssm")) && !path {
        return refused("Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).");
    }
    if reserved("ssm") || !well_formed(&name.0) {
        return refused(SYNTAX);
    }
    if name.0.matches('/').count() > DEEPEST {
        return Err(HierarchyLevelLimitExceededException::new(
            "A hierarchy can have a maximum of 15 levels. For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.",
        )
        .into());
    }
    if name.arn(view, view.account().as_str()).as_str().len() > LONGEST {
        // AWS documents the length, not the words.
        return refused("Parameter name: the ARN of the parameter can't be longer than 1011 characters.");
    }
    Ok(name)
}

/// Every part between slashes has letters, digits and three symbols, at least one of them.
fn well_formed(name: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.split('/').skip(1).all(|part| !part.is_empty() && part.bytes().all(good))
}

/// A path as GetParametersByPath and the filter `Path` take it, with a slash at its end: everything in it and below begins so.
pub(crate) fn checked_path(path: &str) -> Result<String, Failure> {
    let inner = path.strip_suffix('/').unwrap_or(path);
    if path.starts_with('/') && (inner.is_empty() || well_formed(inner)) {
        return Ok(format!("{inner}/"));
    }
    Err(Failure::validation(
        "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_.",
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_without_a_slash_stands_under_the_root() {
        assert_eq!(Name::of("plain"), Name::of("/plain"));
        assert_eq!(Name::of("plain").parts(), ("/", "plain"));
        assert_eq!(Name::of("/a/b/c").parts(), ("/a/b/", "c"));
    }

    #[test]
    fn paths_end_in_one_slash() {
        for (path, expected) in [("/", Some("/")), ("/a", Some("/a/")), ("/a/b/", Some("/a/b/"))] {
            assert_eq!(checked_path(path).ok().as_deref(), expected, "{path}");
        }
        for path in ["", "a", "//", "/a//", "/a b", "/a/*"] {
            assert!(checked_path(path).is_err(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_its_directory_and_its_leaf(name in "(/[a-z.]{1,3}){1,6}") {
            let name = Name::of(&name);
            let (directory, leaf) = name.parts();
            prop_assert_eq!(format!("{directory}{leaf}"), name.as_str());
            prop_assert!(directory.ends_with('/') && !leaf.contains('/') && !leaf.is_empty());
        }
    }
}
