//! Wycheproof's ML-KEM vectors through `Material` and `PublicKey`, and what an encapsulation promises.

use alcazar_core::secret::SecretBytes;
use alcazar_material::{EncapsulationAlgorithm, Error, KeyPair, KeySpec, KeyUsage, Material, PublicKey};
use wycheproof::{TestResult, mlkem};

use crate::seeded;

const ML_KEM: EncapsulationAlgorithm = EncapsulationAlgorithm::MlKem;
const USAGE: KeyUsage = KeyUsage::EncapsulateDecapsulate;

/// The pair of a seed, as the service makes it.
fn pair(spec: KeySpec, seed: &[u8]) -> KeyPair {
    KeyPair::generate(spec, &|bytes: &mut [u8]| bytes.copy_from_slice(seed)).unwrap()
}

/// The 22 bytes before a public key are the same for all keys of a spec.
fn head(spec: KeySpec) -> Vec<u8> {
    pair(spec, &[0; 64]).public_key[..22].to_vec()
}

#[test]
fn keys_grow_from_their_seed_as_published() {
    use mlkem::TestName;
    for (name, spec) in [
        (TestName::MlKem512KeyGenSeed, KeySpec::MlKem512),
        (TestName::MlKem768KeyGenSeed, KeySpec::MlKem768),
        (TestName::MlKem1024KeyGenSeed, KeySpec::MlKem1024),
    ] {
        let mut seen = 0;
        for group in mlkem::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                assert_eq!(test.result, TestResult::Valid);
                let pair = pair(spec, test.seed.as_ref().unwrap());
                assert_eq!(pair.public_key[22..], **test.encaps_key.as_ref().unwrap());
                assert_eq!(pair.private_key.expose()[22..], **test.seed.as_ref().unwrap());
                seen += 1;
            }
        }
        assert!(seen > 20, "{name:?}: {seen}");
    }
}

/// The bytes before the key, as OpenSSL 4.0 writes them for ML-KEM-768 (by Python's `cryptography`, a seed chosen).
#[test]
fn keys_are_encoded_as_openssl_does() {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let pair = pair(KeySpec::MlKem768, &[7; 64]);
    assert_eq!(hex(&pair.public_key[..22]), "308204b2300b0609608648016503040402038204a100");
    assert_eq!(hex(&pair.private_key.expose()[..22]), "3054020100300b060960864801650304040204428040");
    assert_eq!((pair.public_key.len(), pair.private_key.len()), (22 + 1184, 22 + 64));
}

#[test]
fn decapsulation_vectors_are_judged_as_published() {
    use mlkem::TestName;
    for (name, spec) in [
        (TestName::MlKem512, KeySpec::MlKem512),
        (TestName::MlKem768, KeySpec::MlKem768),
        (TestName::MlKem1024, KeySpec::MlKem1024),
    ] {
        let head = pair(spec, &[0; 64]).private_key.expose()[..22].to_vec();
        let mut seen = [0; 3];
        for group in mlkem::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let seed = test.seed.as_ref().unwrap();
                let pkcs8 = [&head[..], seed].concat();
                let key = Material::from_bytes(spec, USAGE, SecretBytes::new(pkcs8));
                if seed.len() != 64 {
                    assert_eq!((key.err(), test.result), (Some(Error::InvalidMaterial), TestResult::Invalid));
                    seen[0] += 1;
                    continue;
                }
                match key.unwrap().decapsulate(ML_KEM, test.ct.as_ref().unwrap()) {
                    Ok(secret) => {
                        assert_eq!(secret.expose(), &***test.shared_secret.as_ref().unwrap());
                        assert_eq!(test.result, TestResult::Valid, "{name:?} {}", test.tc_id);
                        seen[1] += 1;
                    }
                    Err(error) => {
                        assert_eq!(error, Error::InvalidCiphertext);
                        assert_eq!(test.result, TestResult::Invalid, "{name:?} {}", test.tc_id);
                        seen[2] += 1;
                    }
                }
            }
        }
        assert!(seen[1] > 100 && seen[0] + seen[2] > 10, "{name:?}: {seen:?} seeds, opened, refused");
    }
}

/// Only what makes a public key invalid can be judged here: the randomness is the library's.
#[test]
fn public_keys_outside_the_modulus_are_refused_as_published() {
    use mlkem::TestName;
    for (name, spec) in [
        (TestName::MlKem512Encaps, KeySpec::MlKem512),
        (TestName::MlKem768Encaps, KeySpec::MlKem768),
        (TestName::MlKem1024Encaps, KeySpec::MlKem1024),
    ] {
        let head = head(spec);
        let mut seen = [0; 2];
        for group in mlkem::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let spki = [&head[..], test.encaps_key.as_ref().unwrap()].concat();
                match PublicKey::from_spki(spec, USAGE, &spki) {
                    Ok(key) => {
                        assert_eq!(test.result, TestResult::Valid, "{name:?} {}", test.tc_id);
                        assert_eq!(key.as_spki(), spki);
                        key.encapsulate(ML_KEM).unwrap();
                        seen[0] += 1;
                    }
                    Err(error) => {
                        assert_eq!(error, Error::InvalidPublicKey);
                        assert_eq!(test.result, TestResult::Invalid, "{name:?} {}", test.tc_id);
                        seen[1] += 1;
                    }
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 5), "{name:?}: {seen:?} accepted, refused");
    }
}

#[test]
fn both_sides_share_a_secret_that_each_encapsulation_draws_anew() {
    for (spec, length) in [(KeySpec::MlKem512, 768), (KeySpec::MlKem768, 1088), (KeySpec::MlKem1024, 1568)] {
        let key = Material::generate(spec, USAGE, &seeded(1)).unwrap();
        let public = PublicKey::from_spki(spec, USAGE, key.public_key().unwrap().as_spki()).unwrap();
        let [first, second] = [public.encapsulate(ML_KEM).unwrap(), key.encapsulate(ML_KEM).unwrap()];
        for made in [&first, &second] {
            assert_eq!((made.ciphertext.len(), made.shared_secret.len()), (length, 32));
            let opened = key.decapsulate(ML_KEM, &made.ciphertext).unwrap();
            assert_eq!(opened.expose(), made.shared_secret.expose());
        }
        assert_ne!(first.shared_secret.expose(), second.shared_secret.expose());

        // An altered ciphertext and another key: a secret, but not that one; a wrong length: an error.
        let mut altered = first.ciphertext.clone();
        altered[7] ^= 1;
        let wrong = key.decapsulate(ML_KEM, &altered).unwrap();
        assert_ne!(wrong.expose(), first.shared_secret.expose());
        assert_eq!(wrong.expose(), key.decapsulate(ML_KEM, &altered).unwrap().expose());
        let other = Material::generate(spec, USAGE, &seeded(2)).unwrap();
        let wrong = other.decapsulate(ML_KEM, &first.ciphertext).unwrap();
        assert_ne!(wrong.expose(), first.shared_secret.expose());
        for length in [0, length - 1] {
            let answer = key.decapsulate(ML_KEM, &first.ciphertext[..length]);
            assert_eq!(answer.err(), Some(Error::InvalidCiphertext));
        }
    }
}
