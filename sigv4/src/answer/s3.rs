//! S3 and its kin.
//!
//! Sources: S3 API reference, "Error responses", "Authenticating Requests", and the answers quoted in public bug reports.

use crate::answer::Answer;
use crate::chunked::ChunkError;
use crate::dialect::Dialect;
use crate::error::{CredentialFault, ExpiresFault, ScopeFaults, SignatureError};
use crate::hex;
use crate::presented::Kind;

const PARAMETERS: &str = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
    X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
const CREDENTIAL: &str =
    "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
const CONTENT_SHA256: &str = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
    STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.";
const UNSIGNED: &str = "There were headers present in the request which were not signed";

pub(super) fn answer(dialect: Dialect, error: &SignatureError) -> Answer {
    match error {
        SignatureError::Missing => Answer::new("AccessDenied", 403, "Access Denied"),
        SignatureError::OtherScheme => Answer::new("InvalidArgument", 400, "Unsupported Authorization Type"),
        SignatureError::SeveralMechanisms => Answer::new(
            "InvalidArgument",
            400,
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter \
             or the Authorization header should be specified",
        ),
        SignatureError::UnsupportedAlgorithm(Kind::Header, _) => Answer::new(
            "InvalidRequest",
            400,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ),
        SignatureError::UnsupportedAlgorithm(Kind::Query, _) => {
            malformed(Kind::Query, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"")
        }
        SignatureError::IncompleteHeader { missing, .. }
            if !missing.credential && !missing.signature && !missing.signed_headers =>
        {
            bad_date(Kind::Header)
        }
        SignatureError::IncompleteHeader { .. } | SignatureError::MalformedHeader { .. } => malformed(
            Kind::Header,
            "Authorization header requires three components: Credential, SignedHeaders, and Signature.",
        ),
        SignatureError::IncompleteQuery(_) | SignatureError::MalformedQuery(_) => {
            malformed(Kind::Query, PARAMETERS)
        }
        SignatureError::MalformedCredential(kind, fault) => credential(*kind, fault),
        SignatureError::MalformedSignedHeaders(kind) => {
            malformed(*kind, "the SignedHeaders list is mal-formed.")
        }
        SignatureError::MalformedDate(kind, _) => bad_date(*kind),
        SignatureError::MalformedExpires(fault) => malformed(Kind::Query, expires(*fault)),
        SignatureError::Scope(kind, faults) => scope(*kind, faults),
        SignatureError::HostNotSigned => {
            Answer::new("AccessDenied", 403, UNSIGNED).with("HeadersNotSigned", "host")
        }
        SignatureError::HeadersNotSigned(names) => {
            Answer::new("AccessDenied", 403, UNSIGNED).with("HeadersNotSigned", names.join(", "))
        }
        _ => refused(dialect, error),
    }
}

/// The claim is well-formed; time, key or body speak against it.
fn refused(dialect: Dialect, error: &SignatureError) -> Answer {
    match error {
        SignatureError::Expired { signed, now } | SignatureError::NotYetCurrent { signed, now } => {
            Answer::new(
                "RequestTimeTooSkewed",
                403,
                "The difference between the request time and the current time is too large.",
            )
            .with("RequestTime", signed.to_basic())
            .with("ServerTime", now.to_extended())
            .with("MaxAllowedSkewMilliseconds", (dialect.window() * 1000).to_string())
        }
        SignatureError::PresignedExpired { signed, lifetime, now } => {
            Answer::new("AccessDenied", 403, "Request has expired")
                .with("X-Amz-Expires", lifetime.to_string())
                .with("Expires", signed.plus(i64::from(*lifetime)).to_extended())
                .with("ServerTime", now.to_extended())
        }
        SignatureError::PresignedNotYetValid { signed, lifetime, now } => {
            Answer::new("AccessDenied", 403, "Request is not yet valid")
                .with("X-Amz-Date", (signed.unix() * 1000).to_string())
                .with("Expires", signed.plus(i64::from(*lifetime)).to_extended())
                .with("ServerTime", now.to_extended())
        }
        SignatureError::ContentSha256Missing => Answer::new(
            "InvalidRequest",
            400,
            "Missing required header for this request: x-amz-content-sha256",
        ),
        SignatureError::ContentSha256Invalid => Answer::new("InvalidArgument", 400, CONTENT_SHA256),
        SignatureError::ContentSha256Mismatch { declared, computed } => Answer::new(
            "XAmzContentSHA256Mismatch",
            400,
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
        .with("ClientComputedContentSHA256", hex::to_string(declared))
        .with("S3ComputedContentSHA256", hex::to_string(computed)),
        SignatureError::UnknownAccessKey(id) => Answer::new(
            "InvalidAccessKeyId",
            403,
            "The AWS Access Key Id you provided does not exist in our records.",
        )
        .with("AWSAccessKeyId", id.as_str()),
        SignatureError::InvalidToken => {
            Answer::new("InvalidToken", 400, "The provided token is malformed or otherwise invalid.")
        }
        SignatureError::ExpiredToken => Answer::new("ExpiredToken", 400, "The provided token has expired."),
        SignatureError::Chunk(error) => chunk(error),
        _ => mismatch(),
    }
}

fn mismatch() -> Answer {
    Answer::new(
        "SignatureDoesNotMatch",
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and signing \
         method.",
    )
}

fn malformed(kind: Kind, what: &str) -> Answer {
    match kind {
        Kind::Header => Answer::new(
            "AuthorizationHeaderMalformed",
            400,
            format!("The authorization header is malformed; {what}"),
        ),
        Kind::Query => Answer::new("AuthorizationQueryParametersError", 400, what),
    }
}

/// As [`malformed`], for a fault within the credential.
fn malformed_credential(kind: Kind, what: &str) -> Answer {
    match kind {
        Kind::Header => malformed(kind, what),
        Kind::Query => malformed(kind, &format!("Error parsing the X-Amz-Credential parameter; {what}")),
    }
}

fn credential(kind: Kind, fault: &CredentialFault) -> Answer {
    match fault {
        CredentialFault::Parts(_) => malformed_credential(kind, CREDENTIAL),
        CredentialFault::Date(date) => malformed_credential(
            kind,
            &format!(
                "incorrect date format \"{date}\". This date in the credential must be in the format \"yyyyMMdd\"."
            ),
        ),
    }
}

fn bad_date(kind: Kind) -> Answer {
    match kind {
        Kind::Header => {
            Answer::new("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header")
        }
        Kind::Query => {
            malformed(kind, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
    }
}

fn expires(fault: ExpiresFault) -> &'static str {
    match fault {
        ExpiresFault::NotANumber => "X-Amz-Expires should be a number",
        ExpiresFault::Negative => "X-Amz-Expires must be non-negative",
        ExpiresFault::OverAWeek => {
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds"
        }
    }
}

/// S3 names one fault at a time.
fn scope(kind: Kind, faults: &ScopeFaults) -> Answer {
    if let Some((date, time)) = &faults.date {
        let time = time.to_basic();
        let day = time.get(..8).unwrap_or_default();
        let text = format!(
            "Invalid credential date \"{date}\". This date is not the same as X-Amz-Date: \"{day}\"."
        );
        return malformed(kind, &text);
    }
    if let Some((sent, expected)) = &faults.region {
        let text = format!("the region '{sent}' is wrong; expecting '{expected}'");
        return malformed_credential(kind, &text).with("Region", expected.as_str());
    }
    if let Some((sent, expected)) = &faults.service {
        let text = format!("incorrect service \"{sent}\". This endpoint belongs to \"{expected}\".");
        return malformed_credential(kind, &text);
    }
    let sent = faults.terminator.as_deref().unwrap_or_default();
    malformed_credential(
        kind,
        &format!("incorrect terminal \"{sent}\". This endpoint uses \"aws4_request\"."),
    )
}

fn chunk(error: &ChunkError) -> Answer {
    match error {
        ChunkError::Signature => mismatch(),
        ChunkError::TooSmall => Answer::new(
            "InvalidChunkSizeError",
            403,
            "Only the last chunk is allowed to have a size less than 8192 bytes",
        ),
        ChunkError::TooLarge => {
            Answer::new("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size")
        }
        ChunkError::DecodedLengthMissing => {
            Answer::new("MissingContentLength", 411, "You must provide the Content-Length HTTP header.")
        }
        ChunkError::DecodedLengthInvalid => {
            Answer::new("InvalidArgument", 400, "The x-amz-decoded-content-length header is not valid.")
        }
        ChunkError::TrailerHeader => Answer::new(
            "InvalidRequest",
            400,
            "The value specified in the x-amz-trailer header is not supported",
        ),
        ChunkError::Trailer => Answer::new(
            "MalformedTrailerError",
            400,
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        ),
        ChunkError::Header | ChunkError::HeaderTooLong | ChunkError::Framing | ChunkError::After => {
            Answer::new("InvalidRequest", 400, "The aws-chunked body is not well-formed.")
        }
        ChunkError::Incomplete | ChunkError::Length { .. } => Answer::new(
            "IncompleteBody",
            400,
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Family;
    use crate::time::Timestamp;

    fn s3(error: &SignatureError) -> Answer {
        Dialect::of("s3", Family::Query).answer(error)
    }

    #[test]
    fn a_skewed_clock_is_told_both_times() {
        let signed = Timestamp::parse_basic(b"20150830T123600Z").unwrap();
        let answer = s3(&SignatureError::Expired { signed, now: signed.plus(901) });
        assert_eq!((answer.code, answer.status), ("RequestTimeTooSkewed", 403));
        let details = [
            ("RequestTime", "20150830T123600Z".to_owned()),
            ("ServerTime", "2015-08-30T12:51:01Z".to_owned()),
            ("MaxAllowedSkewMilliseconds", "900000".to_owned()),
        ];
        assert_eq!(answer.details, details);
    }

    #[test]
    fn header_and_query_faults_have_their_own_codes() {
        let faults =
            ScopeFaults { region: Some(("us-east-1".into(), "eu-west-1".into())), ..Default::default() };
        let header = s3(&SignatureError::Scope(Kind::Header, Box::new(faults.clone())));
        assert_eq!((header.code, header.status), ("AuthorizationHeaderMalformed", 400));
        assert_eq!(
            header.message,
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
        );
        let query = s3(&SignatureError::Scope(Kind::Query, Box::new(faults)));
        assert_eq!((query.code, query.status), ("AuthorizationQueryParametersError", 400));
        let week = s3(&SignatureError::MalformedExpires(ExpiresFault::OverAWeek));
        assert_eq!((week.code, week.status), ("AuthorizationQueryParametersError", 400));
        assert_eq!(
            (s3(&SignatureError::Missing).code, s3(&SignatureError::Missing).status),
            ("AccessDenied", 403)
        );
        let unknown = s3(&SignatureError::UnknownAccessKey("AKID".into()));
        assert_eq!((unknown.code, unknown.status), ("InvalidAccessKeyId", 403));
    }
}
