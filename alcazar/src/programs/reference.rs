//! Dynamic references, as CloudFormation reads them.
//!
//! Source: AWS CloudFormation User Guide, "Get values stored in other services using dynamic references" and the pages on `ssm`,
//! `ssm-secure` and `secretsmanager`.

use crate::upstream::VersionOf;

const OPENING: &str = "{{resolve:";
const CLOSING: &str = "}}";

/// Longer than the longest ARN with the longest key.
const LONGEST: usize = 4096;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Stays as it is.
    Text(&'a str),
    /// Is replaced.
    Reference(&'a str, Reference),
}

/// What a reference asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Reference {
    /// A parameter, and whether it must be a SecureString or must be none.
    Parameter { name: String, version: Option<u64>, secure: bool },
    /// A secret, or the value of one key of its JSON.
    Secret { of: VersionOf, key: Option<String> },
}

/// The pieces of a text, in its order.
///
/// # Errors
/// In words for the user, with the reference that cannot be read and its line.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, opened)) = rest.split_once(OPENING) {
        let told = |shown: &str, why: &str| {
            let line = text[..text.len() - opened.len()].matches('\n').count() + 1;
            format!("line {line}: {shown:?}: {why}")
        };
        let Some((inside, after)) = opened.split_once(CLOSING) else {
            return Err(told(OPENING, "a reference without an end"));
        };
        let whole = &rest[before.len()..rest.len() - after.len()];
        let shown: String = whole.chars().take(200).collect();
        let reference = Reference::read(inside).map_err(|why| told(&shown, why))?;
        pieces.extend((!before.is_empty()).then_some(Piece::Text(before)));
        pieces.push(Piece::Reference(whole, reference));
        rest = after;
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Text(rest)));
    Ok(pieces)
}

impl Reference {
    /// Reads what stands between `{{resolve:` and `}}`.
    fn read(inside: &str) -> Result<Self, &'static str> {
        if inside.len() > LONGEST || inside.chars().any(char::is_control) || inside.contains('{') {
            return Err("no reference has such characters, or so many");
        }
        if inside.ends_with('\\') {
            return Err("a reference must not end with a backslash");
        }
        match inside.split_once(':') {
            Some(("ssm", key)) => parameter(key, false),
            Some(("ssm-secure", key)) => parameter(key, true),
            Some(("secretsmanager", key)) => secret(key),
            _ => Err("the services are ssm, ssm-secure and secretsmanager"),
        }
    }
}

/// `[a-zA-Z0-9_.\-/]+(:\d+)?`
fn parameter(key: &str, secure: bool) -> Result<Reference, &'static str> {
    let (name, version) = match key.split_once(':') {
        Some((name, version)) => (name, Some(version)),
        None => (key, None),
    };
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-/".contains(&b)) {
        return Err("a parameter's name has letters, digits and _ . - /");
    }
    let number = |version: &str| {
        let digits = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| version.parse().ok()).flatten().filter(|number| *number > 0)
    };
    let version = match version {
        Some(version) => Some(number(version).ok_or("a parameter's version is a number")?),
        None => None,
    };
    Ok(Reference::Parameter { name: name.to_owned(), version, secure })
}

/// `secret-id:SecretString:json-key:version-stage:version-id`, of which all but the first may be empty or left out.
fn secret(key: &str) -> Result<Reference, &'static str> {
    let mut segments: Vec<&str> = key.split(':').collect();
    // An ARN is seven segments: arn:partition:secretsmanager:region:account:secret:name.
    let of_id = if segments.first() == Some(&"arn") { 7 } else { 1 };
    if segments.len() < of_id {
        return Err("the ARN is too short");
    }
    let rest = segments.split_off(of_id);
    let secret_id = segments.join(":");
    if secret_id.is_empty() || segments.iter().any(|segment| segment.is_empty()) {
        return Err("no secret is named");
    }
    let segment = |at: usize| rest.get(at).copied().filter(|segment| !segment.is_empty());
    if rest.len() > 4 {
        return Err("too many segments");
    }
    if segment(0).is_some_and(|part| part != "SecretString") {
        return Err("the part of a secret that can be named is SecretString");
    }
    let own = |at: usize| segment(at).map(str::to_owned);
    if segment(2).is_some() && segment(3).is_some() {
        return Err("a version stage and a version id together");
    }
    let of = VersionOf { secret_id, version_stage: own(2), version_id: own(3) };
    Ok(Reference::Secret { of, key: own(1) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn only(text: &str) -> Result<Reference, String> {
        match pieces(text)?.as_slice() {
            [Piece::Reference(whole, reference)] if *whole == text => Ok(reference.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn of(id: &str, stage: Option<&str>, version: Option<&str>) -> VersionOf {
        let own = |text: Option<&str>| text.map(str::to_owned);
        VersionOf { secret_id: id.to_owned(), version_stage: own(stage), version_id: own(version) }
    }

    #[test]
    fn the_forms_that_are_documented() {
        let key = || Some("password".to_owned());
        let arn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:MySecret-a1b2c3";
        for (text, expected) in [
            ("MySecret", Reference::Secret { of: of("MySecret", None, None), key: None }),
            ("MySecret::::", Reference::Secret { of: of("MySecret", None, None), key: None }),
            (
                "MySecret:SecretString:password",
                Reference::Secret { of: of("MySecret", None, None), key: key() },
            ),
            (
                "MySecret:SecretString:password:AWSPREVIOUS",
                Reference::Secret { of: of("MySecret", Some("AWSPREVIOUS"), None), key: key() },
            ),
            (
                "MySecret:SecretString:password::v1",
                Reference::Secret { of: of("MySecret", None, Some("v1")), key: key() },
            ),
            (arn, Reference::Secret { of: of(arn, None, None), key: None }),
            (
                &format!("{arn}:SecretString:password:AWSCURRENT"),
                Reference::Secret { of: of(arn, Some("AWSCURRENT"), None), key: key() },
            ),
        ] {
            assert_eq!(only(&format!("{{{{resolve:secretsmanager:{text}}}}}")), Ok(expected), "{text}");
        }
        let parameter =
            |name: &str, version, secure| Ok(Reference::Parameter { name: name.to_owned(), version, secure });
        assert_eq!(only("{{resolve:ssm:S3AccessControl:2}}"), parameter("S3AccessControl", Some(2), false));
        assert_eq!(only("{{resolve:ssm:/app/db.host}}"), parameter("/app/db.host", None, false));
        assert_eq!(only("{{resolve:ssm-secure:Password:10}}"), parameter("Password", Some(10), true));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        for (inside, why) in [
            ("ssm:", "a parameter's name has letters, digits and _ . - /"),
            ("ssm:a b", "a parameter's name has letters, digits and _ . - /"),
            ("ssm:a:", "a parameter's version is a number"),
            ("ssm:a:0", "a parameter's version is a number"),
            ("ssm:a:+1", "a parameter's version is a number"),
            ("ssm:a:99999999999999999999", "a parameter's version is a number"),
            ("ssm:a:1:2", "a parameter's version is a number"),
            ("secretsmanager:", "no secret is named"),
            ("secretsmanager:arn:aws:x", "the ARN is too short"),
            ("secretsmanager:arn:aws:secretsmanager:::secret:", "no secret is named"),
            ("secretsmanager:a:SecretBinary", "the part of a secret that can be named is SecretString"),
            ("secretsmanager:a:SecretString:k:s:v", "a version stage and a version id together"),
            ("secretsmanager:a:::::", "too many segments"),
            ("secretsmanager:a\\", "a reference must not end with a backslash"),
            ("s3:a", "the services are ssm, ssm-secure and secretsmanager"),
            ("ssm", "the services are ssm, ssm-secure and secretsmanager"),
            ("ssm:{{resolve:ssm:a", "no reference has such characters, or so many"),
        ] {
            let whole = format!("{{{{resolve:{inside}}}}}");
            assert_eq!(pieces(&format!("a\nb {whole}")), Err(format!("line 2: {whole:?}: {why}")));
        }
        let open = pieces("{{resolve:ssm:a}");
        assert_eq!(open.unwrap_err(), "line 1: \"{{resolve:\": a reference without an end");
    }

    proptest! {
        #[test]
        fn no_text_is_lost_and_none_panics(text in "(\\{\\{resolve:|\\}\\}|ssm:|secretsmanager:|arn:|:|\n|\\PC){0,12}") {
            if let Ok(pieces) = pieces(&text) {
                let joined: String = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) | Piece::Reference(text, _) => *text,
                }).collect();
                prop_assert_eq!(joined, text);
            }
        }

        #[test]
        fn a_reference_reads_back_whatever_surrounds_it(
            before in "[^{]{0,20}", after in "[^{}]{0,20}",
            id in "[A-Za-z0-9/_+=.@-]{1,30}", key in "[^:{}\\\\\\p{Cc}]{0,20}",
            stage in "[A-Z]{0,8}",
        ) {
            prop_assume!(id != "arn");
            let text = format!("{before}{{{{resolve:secretsmanager:{id}:SecretString:{key}:{stage}}}}}{after}");
            let pieces = pieces(&text).unwrap();
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let expected = Reference::Secret { of: of(&id, some(&stage).as_deref(), None), key: some(&key) };
            let found = pieces.iter().any(|piece| matches!(piece, Piece::Reference(_, found) if *found == expected));
            prop_assert!(found, "{:?}", pieces);
        }
    }
}
