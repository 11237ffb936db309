//! The credential scope: for which day, Region and service a key was derived.

/// The middle of a credential, `20150830/us-east-1/kms/aws4_request`, without its terminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope<'a> {
    /// Eight digits, `yyyyMMdd`, in UTC.
    pub date: &'a str,
    /// The Region, as the client named it.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
}

impl std::fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}/{}", self.date, self.region, self.service, crate::TERMINATOR)
    }
}
