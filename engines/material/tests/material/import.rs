//! Imported material: what is taken for a key, and what its id tells.

use alcazar_core::secret::SecretBytes;
use alcazar_material::{
    Ciphertext, EncryptionContext, Error, Header, KeyId, KeySpec, KeyUsage, MacAlgorithm, Material, Message,
    SigningAlgorithm,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::{lines, seeded, unhex};

#[test]
fn plain_bytes_have_their_lengths() {
    for (spec, lengths) in [
        (KeySpec::SymmetricDefault, 32..=32),
        (KeySpec::Hmac224, 28..=128),
        (KeySpec::Hmac256, 32..=128),
        (KeySpec::Hmac384, 48..=128),
        (KeySpec::Hmac512, 64..=128),
    ] {
        for length in 0..140 {
            let answer = Material::import(spec, spec.usages()[0], SecretBytes::new(vec![3; length]));
            let expected = if lengths.contains(&length) { None } else { Some(Error::InvalidMaterial) };
            assert_eq!(answer.err(), expected, "{} {length}", spec.text());
        }
    }
}

#[test]
fn imported_keys_do_what_made_ones_do() {
    let symmetric = SecretBytes::new(vec![5; 32]);
    let key = Material::import(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt, symmetric).unwrap();
    let header = Header { key: key_id(), material: key.id(&key_id()).unwrap() };
    let blob = key.encrypt(header, &EncryptionContext::empty(), b"secret", &seeded(1)).unwrap();
    let opened = key.decrypt(&Ciphertext::parse(&blob).unwrap(), &EncryptionContext::empty());
    assert_eq!(opened.unwrap().expose(), b"secret");

    let long = SecretBytes::new(vec![0xaa; 128]);
    let key = Material::import(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac, long).unwrap();
    assert_eq!(key.to_bytes().expose(), [0xaa; 128]);
    let mac = unhex("9ea54431c0b29c031b3ea3b6d28b26d82d83280af5dba1c821f1ec91d35c53ba");
    assert_eq!(
        key.generate_mac(MacAlgorithm::HmacSha256, b"what do ya want for nothing?"),
        Ok(mac),
        "as Python's hmac has it"
    );
}

struct PrivateKey {
    spec: KeySpec,
    form: &'static str,
    bytes: Vec<u8>,
}

fn openssl_keys() -> Vec<PrivateKey> {
    let key = |line: Vec<&'static str>| {
        let [kind, form, hex] = line[..] else { panic!("{line:?}") };
        let spec = match kind {
            "P-256" => KeySpec::EccNistP256,
            "P-384" => KeySpec::EccNistP384,
            "P-521" => KeySpec::EccNistP521,
            "K-256" => KeySpec::EccSecgP256k1,
            _ => KeySpec::Rsa2048,
        };
        let form = if kind == "RSA-1024" { "too short" } else { form };
        PrivateKey { spec, form, bytes: unhex(hex) }
    };
    lines(include_str!("openssl/private_keys.txt")).map(key).collect()
}

/// With the public half, whole or compressed, or without: one key, one encoding, one id, and it signs.
#[test]
fn a_private_key_is_the_same_in_each_of_its_encodings() {
    let mut seen = 0;
    let keys = openssl_keys();
    for whole in keys.iter().filter(|key| key.form == "whole") {
        let import =
            |bytes: &[u8], usage| Material::import(whole.spec, usage, SecretBytes::new(bytes.to_vec()));
        let first = import(&whole.bytes, KeyUsage::SignVerify).unwrap();
        assert_eq!(first.to_bytes().expose(), whole.bytes, "openssl's encoding is the canonical one");
        let algorithm = whole.spec.signing_algorithms()[0];
        let signature = first.sign(algorithm, Message::Raw(b"message")).unwrap();
        for same in keys.iter().filter(|key| {
            key.spec == whole.spec && ["whole", "compressed", "without-public"].contains(&key.form)
        }) {
            for usage in whole.spec.usages() {
                let again = import(&same.bytes, *usage).unwrap();
                assert_eq!(
                    again.to_bytes().expose(),
                    first.to_bytes().expose(),
                    "{:?} {}",
                    same.spec,
                    same.form
                );
                assert_eq!(again.id(&key_id()), first.id(&key_id()));
                let spki = again.public_key().unwrap().as_spki();
                assert_eq!(spki, first.public_key().unwrap().as_spki());
            }
            let again = import(&same.bytes, KeyUsage::SignVerify).unwrap();
            assert_eq!(again.verify(algorithm, Message::Raw(b"message"), &signature), Ok(()));
            seen += 1;
        }
    }
    assert_eq!(seen, 4 * 3 + 1);
}

#[test]
fn other_encodings_and_keys_of_another_spec_are_no_material() {
    let keys = openssl_keys();
    for key in &keys {
        let good = ["whole", "compressed", "without-public"].contains(&key.form);
        for spec in KeySpec::ALL.into_iter().filter(|spec| spec.is_importable() && spec.is_asymmetric()) {
            let answer = Material::import(spec, KeyUsage::SignVerify, SecretBytes::new(key.bytes.clone()));
            let expected = if good && key.spec == spec { None } else { Some(Error::InvalidMaterial) };
            assert_eq!(answer.err(), expected, "{:?} {} as {}", key.spec, key.form, spec.text());
        }
    }
    let refused = ["explicit", "bare", "encrypted", "three-primes", "too short"];
    assert!(refused.iter().all(|form| keys.iter().any(|key| key.form == *form)));
}

#[test]
fn a_private_key_with_something_behind_it_or_cut_short_is_no_material() {
    for key in openssl_keys().into_iter().filter(|key| key.form == "whole") {
        for wrong in [
            [&key.bytes[..], &[0]].concat(),
            [&key.bytes[..], &key.bytes[..]].concat(),
            key.bytes[..key.bytes.len() - 1].to_vec(),
            key.bytes[1..].to_vec(),
            Vec::new(),
        ] {
            let answer = Material::import(key.spec, KeyUsage::SignVerify, SecretBytes::new(wrong));
            assert_eq!(answer.err(), Some(Error::InvalidMaterial));
        }
    }
}

/// HMAC itself takes a key for the same with zeros behind it and a long one for its digest; an id that did too would let
/// one key be imported in the place of another.
#[test]
fn hmac_keys_of_other_lengths_have_ids_of_their_own() {
    let id = |spec: KeySpec, bytes: &[u8]| {
        let key = Material::import(spec, KeyUsage::GenerateVerifyMac, SecretBytes::new(bytes.to_vec()));
        key.unwrap().id(&key_id()).unwrap()
    };
    let long = [1; 100];
    let digest =
        |bytes: &[u8]| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec();
    let padded = |bytes: &[u8], length: usize| [bytes, &vec![0; length - bytes.len()]].concat();
    let ids = [
        id(KeySpec::Hmac224, &long),
        id(KeySpec::Hmac224, &digest(&long)),
        id(KeySpec::Hmac224, &padded(&digest(&long), 48)),
        id(KeySpec::Hmac224, &padded(&long, 101)),
        id(KeySpec::Hmac224, &long[..28]),
        id(KeySpec::Hmac224, &padded(&long[..28], 64)),
    ];
    for (at, one) in ids.iter().enumerate() {
        assert!(ids[at + 1..].iter().all(|other| other != one), "{at}");
    }
    assert_eq!(id(KeySpec::Hmac224, &long), ids[0]);
}

fn key_id() -> KeyId {
    KeyId::from_text("1234abcd-12ab-34cd-56ef-1234567890ab").unwrap()
}

proptest! {
    #[test]
    fn any_bytes_are_imported_or_refused(bytes in vec(any::<u8>(), 0..300)) {
        for spec in KeySpec::ALL.into_iter().filter(|spec| spec.is_importable()) {
            for usage in spec.usages() {
                let answer = Material::import(spec, *usage, bytes.clone().into());
                if spec.is_asymmetric() {
                    prop_assert_eq!(answer.err(), Some(Error::InvalidMaterial));
                } else if let Ok(key) = answer {
                    prop_assert_eq!(key.to_bytes().expose(), &bytes);
                }
            }
        }
    }

    /// Any one byte of a real key altered: refused, or another key, which works; never a panic.
    #[test]
    fn an_altered_private_key_is_refused_or_a_key(which in 0_usize..22, at in any::<usize>(), to in any::<u8>()) {
        let keys = openssl_keys();
        let key = &keys[which % keys.len()];
        let mut bytes = key.bytes.clone();
        let at = at % bytes.len();
        bytes[at] = to;
        if let Ok(read) = Material::import(key.spec, KeyUsage::SignVerify, bytes.into()) {
            let algorithm: SigningAlgorithm = key.spec.signing_algorithms()[0];
            let signature = read.sign(algorithm, Message::Raw(b"message"));
            if let Ok(signature) = signature {
                prop_assert_eq!(read.verify(algorithm, Message::Raw(b"message"), &signature), Ok(()));
            }
        }
    }
}
