//! Everything that can be wrong with a signature.

use crate::chunked::ChunkError;
use crate::presented::Kind;
use crate::sha256::Sha256Digest;
use crate::time::Timestamp;

/// Why a request is not believed. What the client is told is for [`crate::Dialect::answer`] to say.
///
/// The last three are for the caller, who alone knows keys and session tokens; they are here so that one table holds all
/// answers to a bad signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// Neither an `Authorization` header nor a presigned query.
    Missing,
    /// An `Authorization` header of another scheme (`Basic`, `Bearer`, `AWS`).
    OtherScheme,
    /// Both an `Authorization` header and a presigned query, or several headers.
    SeveralMechanisms,
    /// `AWS4-...`, but not the algorithm known here.
    UnsupportedAlgorithm(Kind, String),
    /// The `Authorization` header lacks parameters, or the request its date.
    IncompleteHeader {
        /// What is missing.
        missing: MissingParts,
        /// The base64 of the header's SHA-256, by which AWS quotes it.
        quoted: String,
    },
    /// Something in the `Authorization` header is not `key=value`, or a key comes twice.
    MalformedHeader {
        /// The base64 of the header's SHA-256.
        quoted: String,
    },
    /// The presigned query lacks parameters.
    IncompleteQuery(MissingParts),
    /// A presigned parameter comes twice or is not text.
    MalformedQuery(&'static str),
    /// The credential is not `keyid/date/region/service/aws4_request`.
    MalformedCredential(Kind, CredentialFault),
    /// The list of signed headers is none, or not sorted out of proper, distinct names.
    MalformedSignedHeaders(Kind),
    /// The date is not one.
    MalformedDate(Kind, String),
    /// `X-Amz-Expires` is none.
    MalformedExpires(ExpiresFault),
    /// The credential is for another day, Region or service.
    Scope(Kind, Box<ScopeFaults>),
    /// Neither `host` nor `:authority` is signed.
    HostNotSigned,
    /// Headers that change what a request means came without being signed. Names in lower case.
    HeadersNotSigned(Vec<String>),
    /// Signed longer ago than the window allows.
    Expired {
        /// When it says it was signed.
        signed: Timestamp,
        /// The time here.
        now: Timestamp,
    },
    /// Signed further in the future than the window allows.
    NotYetCurrent {
        /// When it says it was signed.
        signed: Timestamp,
        /// The time here.
        now: Timestamp,
    },
    /// A presigned S3 request after its end.
    PresignedExpired {
        /// When it says it was signed.
        signed: Timestamp,
        /// For how many seconds.
        lifetime: u32,
        /// The time here.
        now: Timestamp,
    },
    /// A presigned S3 request from the future.
    PresignedNotYetValid {
        /// When it says it was signed.
        signed: Timestamp,
        /// For how many seconds.
        lifetime: u32,
        /// The time here.
        now: Timestamp,
    },
    /// S3 wants `x-amz-content-sha256`.
    ContentSha256Missing,
    /// `x-amz-content-sha256` is neither a hash nor one of the words.
    ContentSha256Invalid,
    /// The body is not the one that was signed.
    ContentSha256Mismatch {
        /// What was signed.
        declared: Sha256Digest,
        /// What came.
        computed: Sha256Digest,
    },
    /// The signature is not the one that the key makes of this request.
    Mismatch,
    /// The `aws-chunked` body is not sound.
    Chunk(ChunkError),
    /// No such access key, or one that is not active.
    UnknownAccessKey(String),
    /// The session token is not one of ours, not for this key, revoked, or missing where the key wants one.
    InvalidToken,
    /// The session token has expired.
    ExpiredToken,
}

/// Parts of a signature that are not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MissingParts {
    /// `X-Amz-Algorithm` of a presigned query.
    pub algorithm: bool,
    /// `Credential` or `X-Amz-Credential`.
    pub credential: bool,
    /// `Signature` or `X-Amz-Signature`.
    pub signature: bool,
    /// `SignedHeaders` or `X-Amz-SignedHeaders`.
    pub signed_headers: bool,
    /// The `X-Amz-Date` or `Date` header, or the `X-Amz-Date` parameter.
    pub date: bool,
    /// `X-Amz-Expires`, which only S3 insists on.
    pub expires: bool,
}

/// What is wrong with the form of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialFault {
    /// It has not five parts, or an empty one. Holds it as sent.
    Parts(String),
    /// Its date is not eight digits. Holds the date as sent.
    Date(String),
}

/// What is wrong with `X-Amz-Expires`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiresFault {
    /// Not a whole number.
    NotANumber,
    /// Below zero.
    Negative,
    /// Over 604,800 seconds.
    OverAWeek,
}

/// How a credential's scope differs from the endpoint; several parts may differ, and AWS names all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeFaults {
    /// The Region as sent and as expected.
    pub region: Option<(String, String)>,
    /// The service as sent and as expected.
    pub service: Option<(String, String)>,
    /// The terminator as sent.
    pub terminator: Option<String>,
    /// The date as sent and the time of signing.
    pub date: Option<(String, Timestamp)>,
}

impl ScopeFaults {
    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// For the log; it names no secrets and quotes nothing but what the client sent.
impl std::fmt::Display for SignatureError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("no signature presented"),
            Self::OtherScheme => f.write_str("authorization is of another scheme"),
            Self::SeveralMechanisms => f.write_str("more than one signature presented"),
            Self::UnsupportedAlgorithm(_, name) => write!(f, "unsupported algorithm {name:?}"),
            Self::IncompleteHeader { missing, .. } => {
                write!(f, "authorization header is incomplete: {missing:?}")
            }
            Self::MalformedHeader { .. } => f.write_str("authorization header is malformed"),
            Self::IncompleteQuery(missing) => write!(f, "presigned query is incomplete: {missing:?}"),
            Self::MalformedQuery(name) => write!(f, "presigned parameter {name} is repeated or not text"),
            Self::MalformedCredential(_, fault) => write!(f, "malformed credential: {fault:?}"),
            Self::MalformedSignedHeaders(_) => f.write_str("malformed list of signed headers"),
            Self::MalformedDate(_, date) => write!(f, "malformed date {date:?}"),
            Self::MalformedExpires(fault) => write!(f, "malformed X-Amz-Expires: {fault:?}"),
            Self::Scope(_, faults) => write!(f, "credential of another scope: {faults:?}"),
            Self::HostNotSigned => f.write_str("host is not signed"),
            Self::HeadersNotSigned(names) => write!(f, "headers not signed: {}", names.join(", ")),
            Self::Expired { signed, now } => {
                write!(f, "signed at {}, now {}", signed.to_basic(), now.to_basic())
            }
            Self::NotYetCurrent { signed, now } => {
                write!(f, "signed in the future at {}, now {}", signed.to_basic(), now.to_basic())
            }
            Self::PresignedExpired { signed, lifetime, now } => {
                write!(f, "presigned at {} for {lifetime} s, now {}", signed.to_basic(), now.to_basic())
            }
            Self::PresignedNotYetValid { signed, now, .. } => {
                write!(f, "presigned in the future at {}, now {}", signed.to_basic(), now.to_basic())
            }
            Self::ContentSha256Missing => f.write_str("x-amz-content-sha256 is missing"),
            Self::ContentSha256Invalid => f.write_str("x-amz-content-sha256 is invalid"),
            Self::ContentSha256Mismatch { .. } => f.write_str("body differs from the signed hash"),
            Self::Mismatch => f.write_str("signature does not match"),
            Self::Chunk(error) => write!(f, "aws-chunked body: {error}"),
            Self::UnknownAccessKey(id) => write!(f, "unknown access key {id:?}"),
            Self::InvalidToken => f.write_str("invalid session token"),
            Self::ExpiredToken => f.write_str("expired session token"),
        }
    }
}

impl std::error::Error for SignatureError {}

impl From<ChunkError> for SignatureError {
    fn from(error: ChunkError) -> Self {
        Self::Chunk(error)
    }
}
