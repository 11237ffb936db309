//! The key pair of SigV4A, derived from a secret.
//!
//! Source: NIST SP 800-108r1, section 4.1 (counter mode, HMAC-SHA256), with the label and context that AWS's published
//! signers use, and FIPS 186-5, appendix A.2.2, for the range of the scalar.

use aws_lc_rs::{agreement, hmac, signature};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;

/// The order of P-256, less two.
const ORDER_LESS_TWO: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
];

/// What verifies the signatures of one access key. The private half is forgotten once the public one is known.
#[derive(Clone)]
pub(crate) struct VerifyingKey(Vec<u8>);

impl VerifyingKey {
    /// None if no scalar can be found, which does not happen: one try in four thousand million fails.
    pub(crate) fn derive(secret: &str, access_key_id: &str) -> Option<Self> {
        let scalar = scalar(secret, access_key_id)?;
        let private = agreement::PrivateKey::from_private_key(&agreement::ECDH_P256, scalar.as_ref()).ok()?;
        Some(Self(private.compute_public_key().ok()?.as_ref().to_vec()))
    }

    pub(crate) fn matches(&self, text: &[u8], der: &[u8]) -> bool {
        signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, &self.0)
            .verify(text, der)
            .is_ok()
    }
}

fn scalar(secret: &str, access_key_id: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut seed = Zeroizing::new(Vec::with_capacity(5 + secret.len()));
    seed.extend_from_slice(b"AWS4A");
    seed.extend_from_slice(secret.as_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &seed);
    (1..=254u8).find_map(|counter| {
        let mut input = Vec::with_capacity(64 + access_key_id.len());
        input.extend_from_slice(&1u32.to_be_bytes());
        input.extend_from_slice(Algorithm::Ecdsa.name().as_bytes());
        input.push(0);
        input.extend_from_slice(access_key_id.as_bytes());
        input.push(counter);
        input.extend_from_slice(&256u32.to_be_bytes());
        let mut candidate = Zeroizing::new([0; 32]);
        for (to, from) in candidate.iter_mut().zip(hmac::sign(&key, &input).as_ref()) {
            *to = *from;
        }
        // A comparison that stops early tells only how a secret compares with a public constant, and nearly always at its
        // first four bytes.
        (*candidate <= ORDER_LESS_TWO).then(|| plus_one(candidate))
    })
}

fn plus_one(mut scalar: Zeroizing<[u8; 32]>) -> Zeroizing<[u8; 32]> {
    let mut carry = 1;
    for byte in scalar.iter_mut().rev() {
        let sum = u16::from(*byte) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    scalar
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// The example of AWS's own signer.
    #[test]
    fn the_published_secret_has_the_published_key() {
        let (id, secret) = ("AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom");
        let scalar = scalar(secret, id).unwrap();
        assert_eq!(
            hex::to_string(&scalar),
            "7fd3bd010c0d9c292141c2b77bfbde1042c92e6836fff749d1269ec890fca1bd"
        );
        let public = VerifyingKey::derive(secret, id).unwrap().0;
        let text: String = public.iter().map(|byte| format!("{byte:02x}")).collect();
        let x = "15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb";
        let y = "0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0";
        assert_eq!(text, format!("04{x}{y}"));
    }

    #[test]
    fn one_more_carries() {
        let mut bytes = [0xff; 32];
        bytes[0] = 0;
        let mut expected = [0; 32];
        expected[0] = 1;
        assert_eq!(*plus_one(Zeroizing::new(bytes)), expected);
    }
}
