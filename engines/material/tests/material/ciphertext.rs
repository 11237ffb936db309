//! What a symmetric ciphertext promises.

use alcazar_material::{
    Ciphertext, EncryptionContext, Error, Header, KeyId, KeySpec, KeyUsage, Material, PLAINTEXT_LIMIT,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::seeded;

fn key(seed: u64) -> Material {
    Material::generate(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt, &seeded(seed)).unwrap()
}

fn header(key: &Material) -> Header {
    let id = KeyId::from_text("1234abcd-12ab-34cd-56ef-1234567890ab").unwrap();
    Header { key: id, material: key.id(&id).unwrap() }
}

fn context(pairs: &[(&'static str, &'static str)]) -> EncryptionContext {
    EncryptionContext::new(pairs.iter().copied()).unwrap()
}

fn open(key: &Material, blob: &[u8], context: &EncryptionContext) -> Result<Vec<u8>, Error> {
    Ok(key.decrypt(&Ciphertext::parse(blob)?, context)?.expose().to_vec())
}

/// Every bit of every byte, and every length: one error and never a plaintext.
#[test]
fn an_altered_or_truncated_ciphertext_never_opens() {
    let key = key(1);
    let context = context(&[("tenant", "blue")]);
    let blob = key.encrypt(header(&key), &context, b"secret", &seeded(2)).unwrap();
    assert_eq!(open(&key, &blob, &context).as_deref(), Ok(&b"secret"[..]));
    for at in 0..blob.len() {
        for bit in 0..8 {
            let mut altered = blob.clone();
            altered[at] ^= 1 << bit;
            assert_eq!(open(&key, &altered, &context), Err(Error::InvalidCiphertext), "byte {at} bit {bit}");
        }
        assert_eq!(open(&key, &blob[..at], &context), Err(Error::InvalidCiphertext), "first {at} bytes");
        assert_eq!(open(&key, &blob[at + 1..], &context), Err(Error::InvalidCiphertext), "after {at}");
    }
    assert_eq!(open(&key, &[&blob[..], &[0]].concat(), &context), Err(Error::InvalidCiphertext));
}

#[test]
fn the_context_must_be_the_same_and_its_order_does_not_matter() {
    let key = key(1);
    let pairs = context(&[("a", "1"), ("b", "2")]);
    let blob = key.encrypt(header(&key), &pairs, b"secret", &seeded(2)).unwrap();
    assert!(open(&key, &blob, &context(&[("b", "2"), ("a", "1")])).is_ok());
    for other in [
        context(&[]),
        context(&[("a", "1")]),
        context(&[("a", "1"), ("b", "2"), ("c", "3")]),
        context(&[("a", "2"), ("b", "1")]),
        context(&[("A", "1"), ("b", "2")]),
        context(&[("a", "1b"), ("", "2")]),
    ] {
        assert_eq!(open(&key, &blob, &other), Err(Error::InvalidCiphertext), "{other:?}");
    }
}

#[test]
fn another_material_does_not_open_it() {
    let [first, second] = [1, 2].map(key);
    let context = EncryptionContext::empty();
    let blob = first.encrypt(header(&first), &context, b"secret", &seeded(3)).unwrap();
    assert_eq!(open(&second, &blob, &context), Err(Error::InvalidCiphertext));
}

/// The service finds key and material by the header alone, after a rotation too.
#[test]
fn the_header_names_key_and_material() {
    let key = key(1);
    for id in ["1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"] {
        let id = KeyId::from_text(id).unwrap();
        let header = Header { key: id, material: key.id(&id).unwrap() };
        let blob = key.encrypt(header, &EncryptionContext::empty(), b"secret", &seeded(2)).unwrap();
        assert_eq!(Ciphertext::parse(&blob).unwrap().header, header);
        assert_eq!(blob.len(), 94 + 6);
    }
}

/// Primary and replicas of a multi-Region key share the id and the bytes of the material; neither asks the other. Two
/// single-Region keys of the same (imported) bytes share nothing.
#[test]
fn a_replica_opens_what_its_primary_made_and_no_other_key_does() {
    let id = KeyId::from_text("mrk-1234abcd12ab34cd56ef1234567890ab").unwrap();
    let primary = key(1);
    let replicated = primary.to_bytes().clone();
    let replica =
        Material::from_bytes(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt, replicated).unwrap();
    assert_eq!(primary.id(&id), replica.id(&id));
    let context = context(&[("tenant", "blue")]);
    for (here, there) in [(&primary, &replica), (&replica, &primary)] {
        let header = Header { key: id, material: here.id(&id).unwrap() };
        let blob = here.encrypt(header, &context, b"secret", &seeded(2)).unwrap();
        assert_eq!(open(there, &blob, &context).as_deref(), Ok(&b"secret"[..]));

        // The same digits as a key of one Region, and another multi-Region key: not theirs, whatever the material.
        for other in ["1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-00000000000000000000000000000000"] {
            let other = KeyId::from_text(other).unwrap();
            assert_ne!(primary.id(&other), primary.id(&id));
            let theirs = Header { key: other, material: there.id(&other).unwrap() };
            let forged = there.encrypt(theirs, &context, b"secret", &seeded(2)).unwrap();
            let renamed = [&forged[..50], &blob[50..]].concat();
            assert_eq!(open(there, &renamed, &context), Err(Error::InvalidCiphertext));
        }
    }
}

#[test]
fn no_two_ciphertexts_are_alike() {
    let key = key(1);
    let entropy = seeded(2);
    let seal = || key.encrypt(header(&key), &EncryptionContext::empty(), &[0; 32], &entropy).unwrap();
    let (first, second) = (seal(), seal());
    assert_eq!(first[..50], second[..50], "the header");
    let alike = first[50..].iter().zip(&second[50..]).filter(|(first, second)| first == second).count();
    assert!(alike < 8, "{alike} of {} bytes", first.len() - 50);
}

#[test]
fn the_limit_is_4096_bytes() {
    let key = key(1);
    let context = EncryptionContext::empty();
    let blob = key.encrypt(header(&key), &context, &[1; PLAINTEXT_LIMIT], &seeded(2)).unwrap();
    assert!(blob.len() <= 6144, "the model's limit on a ciphertext");
    assert_eq!(open(&key, &blob, &context).unwrap().len(), PLAINTEXT_LIMIT);
    let answer = key.encrypt(header(&key), &context, &[1; PLAINTEXT_LIMIT + 1], &seeded(2));
    assert_eq!(answer.err(), Some(Error::TooLong { limit: PLAINTEXT_LIMIT }));
}

/// Stored ciphertexts must open for ever: this one was written by version 1 of the format. Another implementation of
/// AES-GCM and HMAC, following the table in `blob.rs` alone, has opened it.
#[test]
fn the_format_of_version_1_stays() {
    let key = key(1);
    let context = context(&[("tenant", "blue")]);
    let blob = key.encrypt(header(&key), &context, b"for ever", &seeded(2)).unwrap();
    let hex: String = blob.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, VERSION_1);
}

/// Header; salt and nonce; ciphertext and tag.
const VERSION_1: &str = concat!(
    "01001234abcd12ab34cd56ef1234567890ab029a9afb30a53e183e4663d30219f871bba03149ce602162040ab397d3dcdd87",
    "1c53bc589e61807b8db3f8e040c1e7da3fc471c93b70e87c31756a4b",
    "83f2487ef9b939943c57dd8ee69a6b9dfa72fa168f8cba21",
);

proptest! {
    #[test]
    fn what_is_encrypted_is_decrypted(
        plaintext in vec(any::<u8>(), 0..=PLAINTEXT_LIMIT),
        pairs in btree_map(".{0,20}", ".{0,20}", 0..6),
        seed in any::<u64>(),
    ) {
        let key = key(seed);
        let forth = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let context = EncryptionContext::new(forth.clone()).unwrap();
        let blob = key.encrypt(header(&key), &context, &plaintext, &seeded(seed ^ 1)).unwrap();
        let back = EncryptionContext::new(forth.rev()).unwrap();
        prop_assert_eq!(open(&key, &blob, &back), Ok(plaintext));
        if !pairs.is_empty() {
            prop_assert_eq!(open(&key, &blob, &EncryptionContext::empty()), Err(Error::InvalidCiphertext));
        }
    }

    #[test]
    fn different_pairs_are_different_bytes(
        first in btree_map("[ab]{0,2}", "[ab]{0,2}", 0..4),
        second in btree_map("[ab]{0,2}", "[ab]{0,2}", 0..4),
    ) {
        let [one, two] = [&first, &second].map(|pairs| {
            EncryptionContext::new(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))).unwrap()
        });
        prop_assert_eq!(one == two, first == second);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200), version in 0_u8..3, form in 0_u8..4) {
        let framed = [&[version, form][..], &bytes].concat();
        for bytes in [&bytes, &framed] {
            if let Ok(ciphertext) = Ciphertext::parse(bytes) {
                let answer = key(1).decrypt(&ciphertext, &EncryptionContext::empty());
                prop_assert_eq!(answer.err(), Some(Error::InvalidCiphertext));
            }
        }
    }

    #[test]
    fn any_bytes_are_no_key_but_of_plain_specs(bytes in vec(any::<u8>(), 0..300)) {
        for spec in KeySpec::ALL.into_iter().filter(|spec| spec.is_asymmetric() && spec.is_supported()) {
            for usage in spec.usages() {
                let answer = Material::from_bytes(spec, *usage, bytes.clone().into());
                prop_assert_eq!(answer.err(), Some(Error::InvalidMaterial));
                let answer = alcazar_material::PublicKey::from_spki(spec, *usage, &bytes);
                prop_assert_eq!(answer.err(), Some(Error::InvalidPublicKey));
            }
        }
    }
}
