//! Signature Version 4 as a server needs it: who presents himself, in time and for this endpoint, and is it really he.
//!
//! The crate is pure. It reads no clock, knows no secrets and does no I/O: time, keys and bodies are arguments.
//!
//! The life of a request, in the order in which AWS finds fault:
//!
//! 1. [`Presented::read`] takes the claim out of the `Authorization` header or the presigned query.
//! 2. [`Presented::check`] compares it with the [`Endpoint`]: clock window, credential scope, headers that must be signed.
//!    Only this makes a [`Checked`].
//! 3. The caller finds the secret of [`Presented::access_key_id`] and makes the key ([`SigningKey::of`]), or takes it from
//!    the [`SigningKeyCache`].
//! 4. [`verify`] computes the signature over the request as it came and compares in constant time.
//! 5. Where the body was not hashed beforehand, [`Verified::payload`] says what it must turn out to be: [`PayloadCheck`]
//!    or [`ChunkedDecoder`] see to that while it is read.
//!
//! Every refusal is a [`SignatureError`]; [`Dialect::answer`] says it with the code, status and text of the service.
//!
//! SigV4A (ECDSA with a key derived from the secret) is verified like the rest; it is not signed here, because that needs
//! randomness, and chunks signed with it are not read.
//!
//! What is not here: Signature Version 2, browser-based POST policies and S3 Express session tokens.

mod algorithm;
mod answer;
mod base64;
mod cache;
mod canonical;
mod check;
mod chunked;
mod dialect;
mod ecdsa;
mod error;
mod hex;
mod key;
mod payload;
mod percent;
mod presented;
mod request;
mod scope;
mod sha256;
mod sign;
mod signed_headers;
mod time;
mod verify;

pub use algorithm::Algorithm;
pub use answer::Answer;
pub use cache::SigningKeyCache;
pub use check::{Checked, Endpoint};
pub use chunked::{CHECKSUM_TRAILERS, ChunkError, ChunkLimits, ChunkSigner, ChunkedDecoder, Trailer};
pub use dialect::{Dialect, Family};
pub use error::{CredentialFault, ExpiresFault, MissingParts, ScopeFaults, SignatureError};
pub use key::SigningKey;
pub use payload::{Payload, PayloadCheck, PayloadHash};
pub use presented::{Kind, Presented};
pub use request::Request;
pub use scope::Scope;
pub use sha256::{Sha256Digest, sha256};
pub use sign::{Credentials, Signed, Signer};
pub use signed_headers::SignedHeaders;
pub use time::Timestamp;
pub use verify::{Verified, verify};

/// The usual algorithm's name, as the `Authorization` header and the string to sign carry it.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The last element of every credential scope.
pub const TERMINATOR: &str = "aws4_request";
