//! The lines between the data.

use crate::chunked::{ChunkError, Trailer};
use crate::hex;

/// Collects a line that may come in parts, up to a limit.
#[derive(Debug, Default)]
pub(super) struct Line(Vec<u8>);

impl Line {
    /// Takes bytes up to and with the first LF. Returns what is left, and the line without its LF once it is whole.
    pub(super) fn take<'i>(
        &mut self,
        input: &'i [u8],
        limit: usize,
    ) -> Result<(&'i [u8], Option<Vec<u8>>), ChunkError> {
        let end = input.iter().take(limit + 1).position(|&byte| byte == b'\n');
        let (part, rest) = match end {
            Some(end) => (input.get(..end).unwrap_or_default(), input.get(end + 1..).unwrap_or_default()),
            None => (input, [].as_slice()),
        };
        if self.0.len() + part.len() > limit {
            return Err(ChunkError::HeaderTooLong);
        }
        self.0.extend_from_slice(part);
        Ok((rest, end.map(|_| std::mem::take(&mut self.0))))
    }
}

/// A chunk's size and, where chunks are signed, its signature.
pub(super) fn chunk_header(line: &[u8], signed: bool) -> Result<(u64, Option<[u8; 32]>), ChunkError> {
    let line = line.strip_suffix(b"\r").ok_or(ChunkError::Framing)?;
    let mut parts = line.split(|&byte| byte == b';');
    let size = size(parts.next().unwrap_or_default()).ok_or(ChunkError::Header)?;
    let extension = parts.next();
    if parts.next().is_some() {
        return Err(ChunkError::Header);
    }
    match (extension, signed) {
        (None, false) => Ok((size, None)),
        (Some(extension), true) => {
            let text = extension.strip_prefix(b"chunk-signature=").ok_or(ChunkError::Header)?;
            // What is no signature matches none.
            Ok((size, Some(hex::decode(text).ok_or(ChunkError::Signature)?)))
        }
        _ => Err(ChunkError::Header),
    }
}

/// Hexadecimal, in either case, up to 16 digits.
fn size(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    digits.iter().try_fold(0u64, |size, &digit| {
        let value = char::from(digit).to_digit(16)?;
        Some(size << 4 | u64::from(value))
    })
}

/// A trailer; none at the empty line. The LF alone may end it, as the S3 page has it and some clients send it.
pub(super) fn trailer(line: &[u8]) -> Result<Option<Trailer>, ChunkError> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(line).map_err(|_| ChunkError::Trailer)?;
    let (name, value) = text.split_once(':').ok_or(ChunkError::Trailer)?;
    let blank = [' ', '\t'];
    let (name, value) = (name.trim_matches(blank).to_ascii_lowercase(), value.trim_matches(blank).to_owned());
    match name.is_empty() || value.bytes().any(|byte| byte.is_ascii_control()) {
        true => Err(ChunkError::Trailer),
        false => Ok(Some(Trailer { name, value })),
    }
}
