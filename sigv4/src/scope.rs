//! The credential scope: for which day, Region and service a key was derived.

/// The middle of a credential, `20150830/us-east-1/kms/aws4_request`, without its terminator. SigV4A has no Region in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope<'a> {
    /// Eight digits, `yyyyMMdd`, in UTC.
    pub date: &'a str,
    /// The Region, as the client named it; empty in SigV4A, where `X-Amz-Region-Set` names Regions.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
}

impl std::fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.region.is_empty() {
            true => write!(f, "{}/{}/{}", self.date, self.service, crate::TERMINATOR),
            false => write!(f, "{}/{}/{}/{}", self.date, self.region, self.service, crate::TERMINATOR),
        }
    }
}
