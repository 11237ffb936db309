//! Signing keys.

use aws_lc_rs::{constant_time, hmac};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::ecdsa::VerifyingKey;
use crate::presented::{Presented, Signature};
use crate::scope::Scope;

/// The key of one secret for one day, Region and service (or, for SigV4A, of one secret). It does not print, and its bytes
/// are wiped when it is dropped.
#[derive(Clone)]
pub struct SigningKey(Kind);

#[derive(Clone)]
enum Kind {
    /// On the heap, so that moving the key leaves no copies behind.
    Hmac(Box<hmac::Key>),
    /// Signs nothing.
    Ecdsa(VerifyingKey),
    /// Matches nothing.
    Nothing,
}

impl SigningKey {
    /// `HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")` (IAM User Guide, "Create a signed
    /// AWS API request", step 4).
    pub fn derive(secret: &str, scope: Scope<'_>) -> Self {
        let mut seed = Zeroizing::new(Vec::with_capacity(4 + secret.len()));
        seed.extend_from_slice(b"AWS4");
        seed.extend_from_slice(secret.as_bytes());
        let date = next(&key(&seed), scope.date);
        let region = next(&date, scope.region);
        let service = next(&region, scope.service);
        Self(Kind::Hmac(Box::new(next(&service, crate::TERMINATOR))))
    }

    /// The key that a claim calls for, in either algorithm: what a server derives.
    pub fn of(presented: &Presented<'_>, secret: &str) -> Self {
        match presented.algorithm() {
            Algorithm::Hmac => Self::derive(secret, presented.scope()),
            Algorithm::Ecdsa => Self(
                VerifyingKey::derive(secret, presented.access_key_id()).map_or(Kind::Nothing, Kind::Ecdsa),
            ),
        }
    }

    /// The HMAC over a string to sign; zeros from a key that cannot sign.
    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 32] {
        let mut signature = [0; 32];
        if let Kind::Hmac(key) = &self.0 {
            for (to, from) in signature.iter_mut().zip(hmac::sign(key, text).as_ref()) {
                *to = *from;
            }
        }
        signature
    }

    /// Whether a tag is the one over a string to sign; takes the same time wherever the two differ.
    pub(crate) fn matches(&self, text: &[u8], tag: &[u8; 32]) -> bool {
        matches!(self.0, Kind::Hmac(_))
            && constant_time::verify_slices_are_equal(&self.sign(text), tag).is_ok()
    }

    /// Whether a signature as presented is one over a string to sign.
    pub(crate) fn accepts(&self, text: &[u8], signature: &Signature) -> bool {
        match (&self.0, signature) {
            (Kind::Hmac(_), Signature::Tag(tag)) => self.matches(text, tag),
            (Kind::Ecdsa(key), Signature::Der(der)) => key.matches(text, der),
            _ => false,
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

fn key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

fn next(previous: &hmac::Key, part: &str) -> hmac::Key {
    key(hmac::sign(previous, part.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    #[test]
    fn a_key_signs_as_published_and_does_not_print() {
        let scope = Scope { date: "20150830", region: "us-east-1", service: "service" };
        let key = SigningKey::derive("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope);
        // get-vanilla of the published suite.
        let text = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n\
            bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63";
        let signature = key.sign(text.as_bytes());
        assert_eq!(
            hex::to_string(&signature),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
        assert!(key.matches(text.as_bytes(), &signature));
        assert!(!key.matches(b"other", &signature));
        assert_eq!(format!("{key:?}"), "SigningKey(..)");
    }
}
