//! Bodies in chunks: `Content-Encoding: aws-chunked`.
//!
//! Sources: S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
//! Chunks" and "... Trailing headers".

mod chain;
mod decoder;
mod error;
mod line;
mod sign;

pub use decoder::{ChunkLimits, ChunkedDecoder, Trailer};
pub use error::ChunkError;
pub use sign::ChunkSigner;

/// The trailers that may be announced in `x-amz-trailer`: one of S3's checksums. Their values are not checked here.
pub const CHECKSUM_TRAILERS: [&str; 10] = [
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-md5",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-checksum-sha512",
    "x-amz-checksum-xxhash128",
    "x-amz-checksum-xxhash3",
    "x-amz-checksum-xxhash64",
];

/// The trailer that signs the others.
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";
