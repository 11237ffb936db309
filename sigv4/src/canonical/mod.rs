//! The canonical request: one spelling for all requests that mean the same.
//!
//! Source: IAM User Guide, "Create a signed AWS API request", and for S3 the API reference, "Signature Calculations for
//! the Authorization Header". Where they are silent, the published test suite and the common signers decide.

mod headers;
mod path;
mod query;
mod sink;

pub(crate) use path::PathStyle;
pub(crate) use query::{Pairs, SIGNATURE};
pub(crate) use sink::{Hashing, Sink};

use crate::payload::PayloadLine;
use crate::request::Request;
use crate::sha256::Sha256Digest;
use crate::signed_headers::SignedHeaders;

/// A request with all that decides its canonical form.
///
/// The hot path only hashes it ([`CanonicalRequest::sha256`]); the text is for people who look for the difference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CanonicalRequest<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) signed: &'a SignedHeaders<'a>,
    pub(crate) style: PathStyle,
    pub(crate) payload: PayloadLine,
    /// Whether the signature sits in the query, where it cannot cover itself.
    pub(crate) presigned: bool,
}

impl CanonicalRequest<'_> {
    /// The text that the client hashed. It may hold secrets that were sent in headers or the query.
    pub(crate) fn text(&self) -> String {
        let mut bytes = Vec::with_capacity(512);
        self.write(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Its SHA-256, which the string to sign carries.
    pub(crate) fn sha256(&self) -> Sha256Digest {
        let mut hashing = Hashing::new();
        self.write(&mut hashing);
        hashing.finish()
    }

    fn write<S: Sink>(&self, sink: &mut S) {
        sink.put(self.request.method.as_bytes());
        sink.put(b"\n");
        path::write(sink, self.request.path, self.style);
        sink.put(b"\n");
        query::write(sink, self.request.query, self.presigned);
        sink.put(b"\n");
        headers::write(sink, self.request, self.signed);
        sink.put(b"\n");
        sink.put(self.signed.as_str().as_bytes());
        sink.put(b"\n");
        self.payload.write(sink);
    }
}
