//! What the client is told.

mod common;
mod s3;

use crate::dialect::{Dialect, Family};
use crate::error::SignatureError;

/// An error answer, for the protocol's own encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The error code, with `Exception` where the family says so.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// AWS's text.
    pub message: String,
    /// Further elements of S3's error document, in order.
    pub details: Vec<(&'static str, String)>,
}

impl Dialect {
    /// Says a fault as the service would.
    pub fn answer(self, error: &SignatureError) -> Answer {
        match self.family() {
            Family::S3 => s3::answer(self, error),
            Family::Json | Family::RestJson | Family::Query | Family::Ec2 => common::answer(self, error),
        }
    }
}

impl Answer {
    fn new(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), details: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }
}
