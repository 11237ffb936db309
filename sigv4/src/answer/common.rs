//! All services but S3.
//!
//! Sources of the texts: IAM User Guide, "Troubleshoot signed requests for AWS APIs"; the "Common errors" pages of IAM and
//! Lambda (IncompleteSignature: 400 and 403); answers quoted in public bug reports, where the pages give none.

use crate::answer::Answer;
use crate::dialect::{Dialect, Family};
use crate::error::{CredentialFault, MissingParts, ScopeFaults, SignatureError};
use crate::time::Timestamp;

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
    Secret Access Key and signing method. Consult the service documentation for details.";
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";

/// The kinds of refusal; each has one code and status in a family.
#[derive(Clone, Copy)]
enum Refusal {
    Missing,
    Incomplete,
    Mismatch,
    UnknownKey,
    Expired,
}

pub(super) fn answer(dialect: Dialect, error: &SignatureError) -> Answer {
    let family = dialect.family();
    let refused = |refusal, message: String| {
        let (code, status) = code_and_status(dialect, refusal);
        Answer::new(code, status, message)
    };
    match error {
        SignatureError::Missing | SignatureError::OtherScheme => {
            refused(Refusal::Missing, "Missing Authentication Token".into())
        }
        SignatureError::UnknownAccessKey(_) | SignatureError::InvalidToken if family == Family::Ec2 => {
            refused(
                Refusal::UnknownKey,
                "AWS was not able to validate the provided access credentials".into(),
            )
        }
        SignatureError::UnknownAccessKey(_) | SignatureError::InvalidToken => {
            refused(Refusal::UnknownKey, INVALID_TOKEN.into())
        }
        SignatureError::ExpiredToken => {
            refused(Refusal::Expired, "The security token included in the request is expired".into())
        }
        SignatureError::Expired { .. } | SignatureError::NotYetCurrent { .. } if family == Family::Ec2 => {
            Answer::new("RequestExpired", 400, "Request has expired.")
        }
        _ => match incomplete(error) {
            Some(message) => refused(Refusal::Incomplete, message),
            None => refused(Refusal::Mismatch, mismatch(dialect, error)),
        },
    }
}

fn code_and_status(dialect: Dialect, refusal: Refusal) -> (&'static str, u16) {
    let exceptions = matches!(dialect.family(), Family::Json | Family::RestJson);
    // The statuses of signature faults proper: 400 for awsJson, 403 for the rest.
    let status = if dialect.family() == Family::Json { 400 } else { 403 };
    match refusal {
        Refusal::Missing if exceptions => ("MissingAuthenticationTokenException", 403),
        Refusal::Missing => ("MissingAuthenticationToken", 403),
        Refusal::Incomplete if exceptions => ("IncompleteSignatureException", status),
        Refusal::Incomplete => ("IncompleteSignature", 400),
        Refusal::Mismatch if exceptions => ("InvalidSignatureException", status),
        Refusal::Mismatch => ("SignatureDoesNotMatch", 403),
        Refusal::UnknownKey if dialect.family() == Family::Ec2 => ("AuthFailure", 401),
        Refusal::UnknownKey if exceptions && !dialect.says_client_token_id() => {
            ("UnrecognizedClientException", status)
        }
        Refusal::UnknownKey => ("InvalidClientTokenId", 403),
        Refusal::Expired if exceptions => ("ExpiredTokenException", status),
        Refusal::Expired => ("ExpiredToken", 403),
    }
}

/// The text for a claim whose form is at fault; none for one that is well-formed.
fn incomplete(error: &SignatureError) -> Option<String> {
    Some(match error {
        SignatureError::IncompleteHeader { missing, quoted } => incomplete_header(*missing, quoted),
        SignatureError::MalformedHeader { quoted } => format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
             Base64): '{quoted}'."
        ),
        SignatureError::IncompleteQuery(missing) => incomplete_query(*missing),
        SignatureError::MalformedQuery(name) => {
            format!("AWS query-string parameter '{name}' must be given once, as text.")
        }
        SignatureError::UnsupportedAlgorithm(_, name) => {
            format!("Unsupported AWS 'algorithm': '{name}' (only AWS4-HMAC-SHA256 for now). ")
        }
        SignatureError::MalformedCredential(_, CredentialFault::Parts(credential)) => format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
             '{credential}'"
        ),
        SignatureError::MalformedDate(_, date) => {
            format!(
                "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
            )
        }
        SignatureError::MalformedExpires(_) => {
            "X-Amz-Expires must be a number of seconds up to a week.".to_owned()
        }
        SignatureError::MalformedSignedHeaders(_) => {
            "SignedHeaders must be a list of distinct header names, separated by semicolons.".to_owned()
        }
        _ => return None,
    })
}

fn incomplete_header(missing: MissingParts, quoted: &str) -> String {
    let sentences = [
        (missing.credential, "Authorization header requires 'Credential' parameter. "),
        (missing.signature, "Authorization header requires 'Signature' parameter. "),
        (missing.signed_headers, "Authorization header requires 'SignedHeaders' parameter. "),
        (
            missing.date,
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
        ),
    ];
    let mut text: String =
        sentences.iter().filter(|(missing, _)| *missing).map(|(_, sentence)| *sentence).collect();
    text.push_str("(Hashed with SHA-256 and encoded with Base64) Authorization=");
    text.push_str(quoted);
    text
}

fn incomplete_query(missing: MissingParts) -> String {
    let names = [
        (missing.algorithm, "X-Amz-Algorithm"),
        (missing.credential, "X-Amz-Credential"),
        (missing.signature, "X-Amz-Signature"),
        (missing.signed_headers, "X-Amz-SignedHeaders"),
        (missing.date, "X-Amz-Date"),
        (missing.expires, "X-Amz-Expires"),
    ];
    let mut text = String::new();
    for (_, name) in names.iter().filter(|(missing, _)| *missing) {
        text.push_str(&format!("AWS query-string parameters must include '{name}'. "));
    }
    text + "Re-examine the query-string parameters."
}

/// The text for a claim that is well-formed and wrong.
fn mismatch(dialect: Dialect, error: &SignatureError) -> String {
    let minutes = dialect.window() / 60;
    let basic = Timestamp::to_basic;
    match error {
        SignatureError::Expired { signed, now } => format!(
            "Signature expired: {} is now earlier than {} ({} - {minutes} min.)",
            basic(*signed),
            basic(now.plus(-dialect.window())),
            basic(*now)
        ),
        SignatureError::NotYetCurrent { signed, now } => format!(
            "Signature not yet current: {} is still later than {} ({} + {minutes} min.)",
            basic(*signed),
            basic(now.plus(dialect.window())),
            basic(*now)
        ),
        SignatureError::HostNotSigned => {
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned()
        }
        SignatureError::HeadersNotSigned(names) => {
            let name = names.first().map_or("", String::as_str);
            format!("'{}' must be a 'SignedHeader' in the AWS Authorization.", capitalized(name))
        }
        SignatureError::SeveralMechanisms => {
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as \
            HTTP header."
                .to_owned()
        }
        SignatureError::MalformedCredential(_, CredentialFault::Date(date)) => {
            format!("Date in Credential scope is not of the form YYYYMMDD: '{date}'.")
        }
        SignatureError::Scope(_, faults) => scope(faults),
        _ => MISMATCH.to_owned(),
    }
}

fn scope(faults: &ScopeFaults) -> String {
    let mut text = String::new();
    if faults.region.is_some() {
        text.push_str("Credential should be scoped to a valid region. ");
    }
    if let Some((_, expected)) = &faults.service {
        text.push_str(&format!("Credential should be scoped to correct service: '{expected}'. "));
    }
    if faults.terminator.is_some() {
        text.push_str("Credential should be scoped with a valid terminator: 'aws4_request'. ");
    }
    if let Some((date, time)) = &faults.date {
        let time = time.to_basic();
        let day = time.get(..8).unwrap_or_default();
        text.push_str(&format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != \
             '{day}', from '{time}'. "
        ));
    }
    text
}

/// `x-amz-target` as `X-Amz-Target`.
fn capitalized(name: &str) -> String {
    let mut at_start = true;
    let letter = |letter: char| {
        let written = if at_start { letter.to_ascii_uppercase() } else { letter };
        at_start = letter == '-';
        written
    };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presented::Kind;

    fn said(service: &str, default: Family, error: &SignatureError) -> (&'static str, u16) {
        let answer = Dialect::of(service, default).answer(error);
        (answer.code, answer.status)
    }

    #[test]
    fn codes_and_statuses_are_as_measured() {
        let unknown = SignatureError::UnknownAccessKey("AKID".into());
        for service in ["sts", "iam", "route53", "sqs", "monitoring"] {
            for default in [Family::Query, Family::Json] {
                assert_eq!(said(service, default, &unknown), ("InvalidClientTokenId", 403), "{service}");
            }
        }
        for service in ["dynamodb", "kms"] {
            assert_eq!(said(service, Family::Json, &unknown), ("UnrecognizedClientException", 400));
            assert_eq!(
                said(service, Family::Json, &SignatureError::Mismatch),
                ("InvalidSignatureException", 400)
            );
        }
        assert_eq!(said("lambda", Family::RestJson, &unknown), ("UnrecognizedClientException", 403));
        assert_eq!(said("ec2", Family::Ec2, &unknown), ("AuthFailure", 401));
        assert_eq!(said("iam", Family::Query, &SignatureError::Mismatch), ("SignatureDoesNotMatch", 403));
        assert_eq!(
            said("kms", Family::Json, &SignatureError::Missing),
            ("MissingAuthenticationTokenException", 403)
        );
        assert_eq!(said("sts", Family::Query, &SignatureError::Missing), ("MissingAuthenticationToken", 403));
    }

    #[test]
    fn texts_are_those_of_aws() {
        let now = Timestamp::parse_basic(b"20150830T130000Z").unwrap();
        let signed = Timestamp::parse_basic(b"20150830T123600Z").unwrap();
        let text = |service, error: &SignatureError| Dialect::of(service, Family::Json).answer(error).message;
        assert_eq!(
            text("kms", &SignatureError::Expired { signed, now }),
            "Signature expired: 20150830T123600Z is now earlier than 20150830T125500Z (20150830T130000Z - 5 min.)"
        );
        assert_eq!(
            text("sts", &SignatureError::NotYetCurrent { signed: now, now: signed }),
            "Signature not yet current: 20150830T130000Z is still later than 20150830T125100Z (20150830T123600Z + 15 \
             min.)"
        );
        let missing = MissingParts { credential: true, date: true, ..MissingParts::default() };
        assert_eq!(
            text("kms", &SignatureError::IncompleteHeader { missing, quoted: "abc=".into() }),
            "Authorization header requires 'Credential' parameter. Authorization header requires existence of either a \
             'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=abc="
        );
        assert_eq!(
            text(
                "kms",
                &SignatureError::IncompleteQuery(MissingParts { signature: true, ..Default::default() })
            ),
            "AWS query-string parameters must include 'X-Amz-Signature'. Re-examine the query-string parameters."
        );
        assert_eq!(
            text("kms", &SignatureError::HeadersNotSigned(vec!["x-amz-target".into()])),
            "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."
        );
        let faults = ScopeFaults {
            region: Some(("x".into(), "us-east-1".into())),
            service: Some(("sts".into(), "kms".into())),
            ..ScopeFaults::default()
        };
        assert_eq!(
            text("kms", &SignatureError::Scope(Kind::Header, Box::new(faults))),
            "Credential should be scoped to a valid region. Credential should be scoped to correct service: 'kms'. "
        );
    }
}
