//! Takes a body in chunks apart while it comes.

use crate::chunked::chain::Chain;
use crate::chunked::line::{self, Line};
use crate::chunked::{CHECKSUM_TRAILERS, ChunkError, TRAILER_SIGNATURE};
use crate::error::SignatureError;
use crate::key::SigningKey;
use crate::payload::Payload;
use crate::request::{Request, Single};
use crate::sha256::{self, Running, sha256};
use crate::verify::Verified;

/// Bounds on what a decoder holds or lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkLimits {
    /// Bytes of the largest chunk. Chunks are not held in memory; this bounds what one signature covers.
    pub chunk: u64,
    /// Bytes of the smallest chunk other than the last.
    pub small_chunk: u64,
    /// Bytes of a chunk's header line or of a trailer.
    pub line: usize,
    /// Number of trailers, their signature not counted.
    pub trailers: usize,
}

/// S3's own bounds, and room for any honest line.
impl Default for ChunkLimits {
    fn default() -> Self {
        Self { chunk: 5 << 30, small_chunk: 8192, line: 1024, trailers: 8 }
    }
}

/// A header that came after the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// In lower case.
    pub name: String,
    /// Trimmed.
    pub value: String,
}

/// Bytes in, decoded bytes out. Feed it by [`ChunkedDecoder::push`]; only [`ChunkedDecoder::finish`] says that the body was
/// whole and signed. Memory stays within the limits, whatever comes.
#[derive(Debug)]
pub struct ChunkedDecoder {
    limits: ChunkLimits,
    /// Present where chunks are signed.
    chain: Option<Chain>,
    /// `x-amz-decoded-content-length`.
    declared: Option<u64>,
    /// What `x-amz-trailer` names.
    announced: Vec<String>,
    state: State,
    line: Line,
    decoded: u64,
    /// The chunk at hand: hash and signature.
    running: Running,
    signature: [u8; 32],
    /// A chunk below the bound came, and must be the last.
    small: bool,
    trailers: Vec<Trailer>,
    /// The empty line that some clients put before the trailers' signature.
    gap: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Header,
    Data {
        left: u64,
    },
    /// The line end after the data; `true` after its CR.
    DataEnd {
        cr: bool,
    },
    Trailers,
    End,
    Failed(ChunkError),
}

impl ChunkedDecoder {
    /// The decoder for a verified request; none if its body is not in chunks.
    pub(crate) fn of(
        verified: &Verified<'_, '_>,
        request: &Request<'_>,
        key: &SigningKey,
        limits: ChunkLimits,
    ) -> Result<Option<Self>, SignatureError> {
        let (signed, trailer) = match verified.payload() {
            Payload::SignedChunks { trailer } => (true, trailer),
            Payload::UnsignedTrailer => (false, true),
            Payload::Checked(_) | Payload::Unsigned | Payload::Sha256(_) => return Ok(None),
        };
        let declared = decoded_length(request)?;
        if signed && declared.is_none() {
            return Err(ChunkError::DecodedLengthMissing.into());
        }
        let announced = if trailer { announced(request)? } else { Vec::new() };
        let presented = verified.presented();
        let chain = match (signed, verified.signature()) {
            (false, _) => None,
            (true, Some(seed)) => Some(Chain::new(key, presented.time(), presented.scope(), seed)),
            // The word in the header is that of HMAC chunks, and the request is signed otherwise.
            (true, None) => return Err(SignatureError::ContentSha256Invalid),
        };
        Ok(Some(Self::new(chain, declared, announced, limits)))
    }

    pub(crate) fn new(
        chain: Option<Chain>,
        declared: Option<u64>,
        announced: Vec<String>,
        limits: ChunkLimits,
    ) -> Self {
        Self {
            limits,
            chain,
            declared,
            announced,
            state: State::Header,
            line: Line::default(),
            decoded: 0,
            running: Running::new(),
            signature: [0; 32],
            small: false,
            trailers: Vec::new(),
            gap: false,
        }
    }

    /// Takes the next part of the body and hands its data to `out`. The data is not proven before the end.
    ///
    /// # Errors
    /// The first fault; every later call says it again.
    pub fn push(&mut self, input: &[u8], mut out: impl FnMut(&[u8])) -> Result<(), ChunkError> {
        let result = self.advance(input, &mut out);
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    /// Ends the body.
    ///
    /// # Errors
    /// [`ChunkError::Incomplete`] if it is not whole, or the fault told before.
    pub fn finish(self) -> Result<Vec<Trailer>, ChunkError> {
        match self.state {
            State::End => Ok(self.trailers),
            State::Failed(error) => Err(error),
            State::Header | State::Data { .. } | State::DataEnd { .. } | State::Trailers => {
                Err(ChunkError::Incomplete)
            }
        }
    }

    fn advance(&mut self, mut input: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(), ChunkError> {
        while let Some((&first, rest)) = input.split_first() {
            match self.state {
                State::Header => {
                    let (rest, line) = self.line.take(input, self.limits.line)?;
                    input = rest;
                    if let Some(line) = line {
                        self.header(&line)?;
                    }
                }
                State::Data { left } => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    let (data, rest) = input.split_at(length);
                    input = rest;
                    self.data(data, left, out)?;
                }
                State::DataEnd { cr } => {
                    input = rest;
                    self.state = match (cr, first) {
                        (false, b'\r') => State::DataEnd { cr: true },
                        (true, b'\n') => State::Header,
                        _ => return Err(ChunkError::Framing),
                    };
                }
                State::Trailers => {
                    let (rest, line) = self.line.take(input, self.limits.line)?;
                    input = rest;
                    if let Some(line) = line {
                        self.trailer(&line)?;
                    }
                }
                State::End => return Err(ChunkError::After),
                State::Failed(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn header(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        let (size, signature) = line::chunk_header(line, self.chain.is_some())?;
        self.signature = signature.unwrap_or_default();
        if size == 0 {
            return self.last();
        }
        if size > self.limits.chunk {
            return Err(ChunkError::TooLarge);
        }
        if self.small {
            return Err(ChunkError::TooSmall);
        }
        self.small = size < self.limits.small_chunk;
        self.decoded = self.decoded.checked_add(size).ok_or(ChunkError::TooLarge)?;
        match self.declared {
            Some(declared) if self.decoded > declared => {
                return Err(ChunkError::Length { declared, decoded: self.decoded });
            }
            _ => {}
        }
        self.running = Running::new();
        self.state = State::Data { left: size };
        Ok(())
    }

    fn data(&mut self, data: &[u8], left: u64, out: &mut impl FnMut(&[u8])) -> Result<(), ChunkError> {
        if self.chain.is_some() {
            self.running.update(data);
        }
        out(data);
        let left = left.saturating_sub(data.len() as u64);
        self.state = State::Data { left };
        if left == 0 {
            let running = std::mem::replace(&mut self.running, Running::new());
            self.accept(&running.finish())?;
            self.state = State::DataEnd { cr: false };
        }
        Ok(())
    }

    /// The chunk of size zero, which ends the data.
    fn last(&mut self) -> Result<(), ChunkError> {
        self.accept(&sha256::EMPTY)?;
        match self.declared {
            Some(declared) if declared != self.decoded => {
                Err(ChunkError::Length { declared, decoded: self.decoded })
            }
            _ => {
                self.state = State::Trailers;
                Ok(())
            }
        }
    }

    fn accept(&mut self, data: &sha256::Sha256Digest) -> Result<(), ChunkError> {
        let signature = self.signature;
        match self.chain.as_mut().is_none_or(|chain| chain.accepts_chunk(data, &signature)) {
            true => Ok(()),
            false => Err(ChunkError::Signature),
        }
    }

    fn trailer(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        match line::trailer(line)? {
            None => self.empty_line(),
            Some(trailer) if trailer.name == TRAILER_SIGNATURE => self.trailer_signature(&trailer.value),
            Some(trailer) => {
                let known = self.announced.contains(&trailer.name);
                let repeated = self.trailers.iter().any(|earlier| earlier.name == trailer.name);
                if !known || repeated || self.gap || self.trailers.len() >= self.limits.trailers {
                    return Err(ChunkError::Trailer);
                }
                self.trailers.push(trailer);
                Ok(())
            }
        }
    }

    /// The end, if all that was announced has come and is signed.
    fn empty_line(&mut self) -> Result<(), ChunkError> {
        if self.trailers.len() != self.announced.len() {
            return Err(ChunkError::Trailer);
        }
        // Signed trailers end by clearing the chain.
        if self.chain.is_some() && !self.announced.is_empty() {
            return match std::mem::replace(&mut self.gap, true) {
                false => Ok(()),
                true => Err(ChunkError::Trailer),
            };
        }
        self.state = State::End;
        Ok(())
    }

    fn trailer_signature(&mut self, text: &str) -> Result<(), ChunkError> {
        if self.trailers.len() != self.announced.len() || self.announced.is_empty() {
            return Err(ChunkError::Trailer);
        }
        let chain = self.chain.take().ok_or(ChunkError::Trailer)?;
        let signature = crate::hex::decode(text.as_bytes()).ok_or(ChunkError::Signature)?;
        match chain.accepts_trailers(&sha256(&trailer_lines(&self.trailers)), &signature) {
            true => Ok(()),
            false => Err(ChunkError::Signature),
        }
    }
}

/// What the trailers' signature covers: `name:value` and LF for each, in the order sent.
pub(super) fn trailer_lines(trailers: &[Trailer]) -> Vec<u8> {
    let mut lines = Vec::new();
    for trailer in trailers {
        lines.extend_from_slice(trailer.name.as_bytes());
        lines.push(b':');
        lines.extend_from_slice(trailer.value.as_bytes());
        lines.push(b'\n');
    }
    lines
}

fn decoded_length(request: &Request<'_>) -> Result<Option<u64>, ChunkError> {
    match request.single("x-amz-decoded-content-length") {
        Single::Absent => Ok(None),
        Single::Once(value) if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
            let text = std::str::from_utf8(value).map_err(|_| ChunkError::DecodedLengthInvalid)?;
            text.parse().map(Some).map_err(|_| ChunkError::DecodedLengthInvalid)
        }
        Single::Once(_) | Single::Repeated => Err(ChunkError::DecodedLengthInvalid),
    }
}

/// The names in `x-amz-trailer`; at least one, each once, each a checksum.
fn announced(request: &Request<'_>) -> Result<Vec<String>, ChunkError> {
    let mut names = Vec::new();
    for value in request.values("x-amz-trailer") {
        let value = std::str::from_utf8(value).map_err(|_| ChunkError::TrailerHeader)?;
        for name in value.split(',') {
            let name = name.trim_ascii().to_ascii_lowercase();
            if !CHECKSUM_TRAILERS.contains(&name.as_str()) || names.contains(&name) {
                return Err(ChunkError::TrailerHeader);
            }
            names.push(name);
        }
    }
    match names.is_empty() {
        true => Err(ChunkError::TrailerHeader),
        false => Ok(names),
    }
}
