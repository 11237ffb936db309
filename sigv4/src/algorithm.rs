//! The two algorithms of this signature version.

/// How a request is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `AWS4-HMAC-SHA256`: a key for one day, Region and service.
    Hmac,
    /// `AWS4-ECDSA-P256-SHA256`, also called SigV4A: a key pair derived from the secret, good for a set of Regions.
    Ecdsa,
}

impl Algorithm {
    /// The name in the `Authorization` header, in `X-Amz-Algorithm` and in the string to sign.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hmac => crate::ALGORITHM,
            Self::Ecdsa => "AWS4-ECDSA-P256-SHA256",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Hmac, Self::Ecdsa].into_iter().find(|algorithm| algorithm.name() == name)
    }
}
