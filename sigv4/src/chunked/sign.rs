//! Puts a body into signed chunks; the client's side.

use crate::chunked::chain::Chain;
use crate::chunked::decoder::trailer_lines;
use crate::chunked::{TRAILER_SIGNATURE, Trailer};
use crate::hex;
use crate::key::SigningKey;
use crate::scope::Scope;
use crate::sha256::{self, sha256};
use crate::time::Timestamp;

/// Signs chunk after chunk, each over the one before.
#[derive(Debug)]
pub struct ChunkSigner(Chain);

impl ChunkSigner {
    /// Begins after a request that was signed with this key, at this time, and has this signature.
    pub fn new(key: &SigningKey, time: Timestamp, scope: Scope<'_>, signature: [u8; 32]) -> Self {
        Self(Chain::new(key, time, scope, signature))
    }

    /// A chunk on the wire. Empty data makes the last chunk's header line; [`ChunkSigner::end`] writes it with the rest.
    pub fn chunk(&mut self, data: &[u8]) -> Vec<u8> {
        let signature = self.0.sign_chunk(&sha256(data));
        let mut bytes = header(data.len(), &signature);
        bytes.extend_from_slice(data);
        bytes.extend_from_slice(b"\r\n");
        bytes
    }

    /// The last chunk, the trailers and, if there are any, their signature.
    pub fn end(mut self, trailers: &[Trailer]) -> Vec<u8> {
        let signature = self.0.sign_chunk(&sha256::EMPTY);
        let mut bytes = header(0, &signature);
        for Trailer { name, value } in trailers {
            bytes.extend_from_slice(format!("{name}:{value}\r\n").as_bytes());
        }
        if !trailers.is_empty() {
            let signature = self.0.sign_trailers(&sha256(&trailer_lines(trailers)));
            let line = format!("{TRAILER_SIGNATURE}:{}\r\n", hex::to_string(&signature));
            bytes.extend_from_slice(line.as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes
    }
}

fn header(size: usize, signature: &[u8; 32]) -> Vec<u8> {
    format!("{size:x};chunk-signature={}\r\n", hex::to_string(signature)).into_bytes()
}
