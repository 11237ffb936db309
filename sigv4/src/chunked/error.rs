//! What can be wrong with a body in chunks.

/// Why a body in chunks is not accepted. What was decoded before must be thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChunkError {
    /// `x-amz-decoded-content-length` is missing, and chunks are signed.
    DecodedLengthMissing,
    /// `x-amz-decoded-content-length` is not a number, or comes twice.
    DecodedLengthInvalid,
    /// `x-amz-trailer` is missing where trailers must follow, or names something that is no checksum.
    TrailerHeader,
    /// A chunk's header line is not `size` or `size;chunk-signature=...`.
    Header,
    /// A line is longer than the limit.
    HeaderTooLong,
    /// A chunk is larger than the limit.
    TooLarge,
    /// A chunk other than the last is below S3's 8 KiB.
    TooSmall,
    /// Line ends are missing where they belong.
    Framing,
    /// A chunk or the trailers are not signed as they should be.
    Signature,
    /// A trailer is malformed, repeated, not announced, or missing; or there are too many.
    Trailer,
    /// The body ended early.
    Incomplete,
    /// Bytes follow the end.
    After,
    /// The decoded body is not as long as `x-amz-decoded-content-length` says.
    Length {
        /// What the header says.
        declared: u64,
        /// What came, or would have come had this chunk been read.
        decoded: u64,
    },
}

impl std::fmt::Display for ChunkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::DecodedLengthMissing => "x-amz-decoded-content-length is missing",
            Self::DecodedLengthInvalid => "x-amz-decoded-content-length is invalid",
            Self::TrailerHeader => "x-amz-trailer is missing or names no checksum",
            Self::Header => "malformed chunk header",
            Self::HeaderTooLong => "line is too long",
            Self::TooLarge => "chunk is too large",
            Self::TooSmall => "chunk other than the last is below 8 KiB",
            Self::Framing => "line end is missing",
            Self::Signature => "chunk or trailer signature does not match",
            Self::Trailer => "malformed, unannounced or missing trailer",
            Self::Incomplete => "body ended early",
            Self::After => "bytes after the end",
            Self::Length { declared, decoded } => {
                return write!(f, "decoded length is {decoded}, declared was {declared}");
            }
        })
    }
}

impl std::error::Error for ChunkError {}
