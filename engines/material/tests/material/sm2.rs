//! SM2 from outside: what is told of its keys, what is refused, and openssl as the other side.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use alcazar_core::secret::SecretBytes;
use alcazar_material::{
    EncryptionAlgorithm, Error, ImportWrapping, KeyPair, KeySpec, KeyUsage, Material, Message, PublicKey,
    SigningAlgorithm, WrappingAlgorithm,
};

use crate::seeded;

const DSA: SigningAlgorithm = SigningAlgorithm::Sm2Dsa;
const PKE: EncryptionAlgorithm = EncryptionAlgorithm::Sm2Pke;

fn key(seed: u64, usage: KeyUsage) -> Material {
    Material::generate(KeySpec::Sm2, usage, &seeded(seed)).unwrap()
}

fn public(key: &Material) -> PublicKey {
    PublicKey::from_spki(KeySpec::Sm2, key.usage(), key.public_key().unwrap().as_spki()).unwrap()
}

#[test]
fn a_signature_is_of_one_message_by_one_key_in_one_form() {
    let (signer, other) = (key(1, KeyUsage::SignVerify), key(2, KeyUsage::SignVerify));
    let public = public(&signer);
    let signature = signer.sign(DSA, Message::Raw(b"attack at dawn")).unwrap();
    assert_eq!(signer.sign(DSA, Message::Raw(b"attack at dawn")).unwrap(), signature, "it is deterministic");
    assert_eq!(public.verify(DSA, Message::Raw(b"attack at dawn"), &signature), Ok(()));

    let refused = Err(Error::InvalidSignature);
    assert_eq!(public.verify(DSA, Message::Raw(b"attack at dusk"), &signature), refused);
    assert_eq!(other.verify(DSA, Message::Raw(b"attack at dawn"), &signature), refused);
    for at in 0..signature.len() {
        let mut altered = signature.clone();
        altered[at] ^= 1;
        assert_eq!(public.verify(DSA, Message::Raw(b"attack at dawn"), &altered), refused, "byte {at}");
        assert_eq!(
            public.verify(DSA, Message::Raw(b"attack at dawn"), &signature[..at]),
            refused,
            "cut at {at}"
        );
    }
    let longer = [&signature[..], &[0]].concat();
    assert_eq!(public.verify(DSA, Message::Raw(b"attack at dawn"), &longer), refused);
    let zeros = [0x30, 6, 2, 1, 0, 2, 1, 0];
    assert_eq!(public.verify(DSA, Message::Raw(b"attack at dawn"), &zeros), refused);
}

/// A digest is taken as it is; SM3 of the message alone, without the signer, is another one.
#[test]
fn a_digest_is_signed_as_it_is() {
    let signer = key(1, KeyUsage::SignVerify);
    let signature = signer.sign(DSA, Message::Digest(&[7; 32])).unwrap();
    assert_eq!(signer.verify(DSA, Message::Digest(&[7; 32]), &signature), Ok(()));
    assert_eq!(signer.verify(DSA, Message::Digest(&[8; 32]), &signature), Err(Error::InvalidSignature));
    assert_eq!(signer.verify(DSA, Message::Raw(&[7; 32]), &signature), Err(Error::InvalidSignature));
    assert_eq!(
        signer.sign(DSA, Message::Digest(&[7; 31])),
        Err(Error::DigestLength { algorithm: "SM2DSA", expected: 32 })
    );
}

#[test]
fn a_ciphertext_opens_whole_and_under_its_key_alone() {
    let (key, other) = (key(1, KeyUsage::EncryptDecrypt), key(2, KeyUsage::EncryptDecrypt));
    for length in [1, 31, 32, 33, 1024] {
        let plaintext = vec![9; length];
        let ciphertext = public(&key).encrypt(PKE, &plaintext, &seeded(3)).unwrap();
        assert_eq!(key.decrypt_asymmetric(PKE, &ciphertext).unwrap().expose(), plaintext);
    }
    let ciphertext = key.encrypt_asymmetric(PKE, b"secret", &seeded(3)).unwrap();
    let refused = Some(Error::InvalidCiphertext);
    assert_eq!(other.decrypt_asymmetric(PKE, &ciphertext).err(), refused);
    for at in 0..ciphertext.len() {
        let mut altered = ciphertext.clone();
        altered[at] ^= 1;
        assert_eq!(key.decrypt_asymmetric(PKE, &altered).err(), refused, "byte {at}");
        assert_eq!(key.decrypt_asymmetric(PKE, &ciphertext[..at]).err(), refused, "cut at {at}");
    }
    assert_eq!(key.decrypt_asymmetric(PKE, &[&ciphertext[..], &[0]].concat()).err(), refused);
    assert_eq!(
        key.encrypt_asymmetric(PKE, &[9; 1025], &seeded(3)).err(),
        Some(Error::TooLong { limit: 1024 })
    );
    assert_eq!(key.encrypt_asymmetric(PKE, b"", &seeded(3)).err(), Some(Error::Failed));
}

#[test]
fn both_sides_agree_and_no_point_of_another_curve_is_a_peer() {
    let [alice, bob] = [1, 2].map(|seed| key(seed, KeyUsage::KeyAgreement));
    let secret = alice.derive_shared_secret(bob.public_key().unwrap().as_spki()).unwrap();
    let same = bob.derive_shared_secret(alice.public_key().unwrap().as_spki()).unwrap();
    assert_eq!((secret.expose(), secret.len()), (same.expose(), 32));
    let p256 = KeyPair::generate(KeySpec::EccNistP256, &seeded(1)).unwrap().public_key;
    let mut off = bob.public_key().unwrap().as_spki().to_vec();
    *off.last_mut().unwrap() ^= 1;
    for peer in [&p256[..], &off, b"", &off[..off.len() - 1]] {
        assert_eq!(alice.derive_shared_secret(peer).err(), Some(Error::InvalidPublicKey));
    }
}

/// Of SM2 the order less one is no key, though it is one of every other curve (GM/T 0003.1, section 6.1).
#[test]
fn the_order_less_one_is_no_key() {
    let good = key(1, KeyUsage::SignVerify).to_bytes().expose().to_vec();
    // The private key without its public half: RFC 5915, section 3.
    let bare = |secret: &[u8]| {
        let algorithm = &good[6..8 + usize::from(good[7])];
        let ec = [&[0x30, 0x25, 2, 1, 1, 4, 0x20][..], secret].concat();
        let body = [&[2, 1, 0][..], algorithm, &[4, 0x27], &ec].concat();
        SecretBytes::new([&[0x30, body.len() as u8][..], &body].concat())
    };
    let order = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123";
    let mut secret = crate::unhex(order);
    let import =
        |secret: &[u8]| Material::import(KeySpec::Sm2, KeyUsage::SignVerify, bare(secret)).map(|_| ());
    assert_eq!(import(&secret), Err(Error::InvalidMaterial), "the order");
    secret[31] -= 1;
    assert_eq!(import(&secret), Err(Error::InvalidMaterial), "the order less one");
    secret[31] -= 1;
    assert_eq!(import(&secret), Ok(()), "the order less two");
    assert_eq!(import(&[0; 32]), Err(Error::InvalidMaterial));
}

/// The table of the Developer Guide, "Select a wrapping algorithm".
#[test]
fn pairs_are_imported_under_sm2_and_plain_bytes_are_not() {
    let allowed = |algorithm: WrappingAlgorithm, wrapping_key, material| {
        algorithm.check(wrapping_key, material).is_ok()
    };
    let sm2 = |material| allowed(WrappingAlgorithm::Sm2Pke, KeySpec::Sm2, material);
    assert!(
        [KeySpec::Rsa2048, KeySpec::Rsa4096, KeySpec::EccNistP256, KeySpec::EccNistP521].into_iter().all(sm2)
    );
    assert!([KeySpec::EccSecgP256k1, KeySpec::Sm2].into_iter().all(sm2));
    assert!(![KeySpec::SymmetricDefault, KeySpec::Hmac256].into_iter().any(sm2));
    for (algorithm, wrapping_key, expected) in [
        (WrappingAlgorithm::RsaesOaepSha1, KeySpec::Rsa2048, true),
        (WrappingAlgorithm::RsaesOaepSha256, KeySpec::Rsa4096, true),
        (WrappingAlgorithm::RsaAesKeyWrapSha256, KeySpec::Rsa4096, false),
        (WrappingAlgorithm::RsaesOaepSha256, KeySpec::Sm2, false),
        (WrappingAlgorithm::Sm2Pke, KeySpec::Rsa4096, false),
    ] {
        assert_eq!(
            allowed(algorithm, wrapping_key, KeySpec::Sm2),
            expected,
            "{algorithm:?} {wrapping_key:?}"
        );
    }

    let pair = KeyPair::generate(KeySpec::Sm2, &seeded(1)).unwrap();
    let wrapping = ImportWrapping::new(WrappingAlgorithm::Sm2Pke, KeySpec::Sm2, &pair.private_key).unwrap();
    assert_eq!(wrapping.public_key(), pair.public_key);
    assert_eq!(format!("{wrapping:?}"), "ImportWrapping(SM2PKE)");
    let public = PublicKey::from_spki(KeySpec::Sm2, KeyUsage::EncryptDecrypt, wrapping.public_key()).unwrap();
    let material = key(2, KeyUsage::SignVerify);
    let wrapped = public.encrypt(PKE, material.to_bytes().expose(), &seeded(3)).unwrap();
    let unwrapped = wrapping.unwrap(&wrapped).unwrap();
    assert_eq!(unwrapped.expose(), material.to_bytes().expose());
    let imported = Material::import(KeySpec::Sm2, KeyUsage::SignVerify, unwrapped).unwrap();
    assert_eq!(imported.to_bytes().expose(), material.to_bytes().expose());
    assert_eq!(wrapping.unwrap(&wrapped[1..]).err(), Some(Error::InvalidCiphertext));
    let rsa = ImportWrapping::new(WrappingAlgorithm::Sm2Pke, KeySpec::Rsa2048, &pair.private_key);
    assert_eq!(rsa.err(), Some(Error::Unsupported("RSA_2048")));
}

/// A folder of its own, in which openssl runs.
struct OpenSsl(PathBuf);

impl OpenSsl {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sm2-{name}"));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::File::create(self.0.join(name)).unwrap().write_all(bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }

    fn run(&self, arguments: &str) {
        let done = Command::new("openssl").args(arguments.split(' ')).current_dir(&self.0).output().unwrap();
        assert!(done.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

const IDENTIFIED: &str = "-rawin -digest sm3 -pkeyopt distid:1234567812345678";

#[test]
fn openssl_verifies_what_is_signed_here_and_its_signatures_verify_here() {
    let openssl = OpenSsl::new("signatures");
    let signer = key(1, KeyUsage::SignVerify);
    openssl.write("public.der", signer.public_key().unwrap().as_spki());
    openssl.write("private.der", signer.to_bytes().expose());
    for message in [&b"signed by a key that never leaves"[..], &[7; 4096]] {
        openssl.write("message", message);
        openssl.write("signature", &signer.sign(DSA, Message::Raw(message)).unwrap());
        openssl.run(&format!(
            "pkeyutl -verify -pubin -inkey public.der -keyform DER -in message -sigfile signature {IDENTIFIED}"
        ));
        openssl.run(&format!(
            "pkeyutl -sign -inkey private.der -keyform DER -in message -out theirs {IDENTIFIED}"
        ));
        assert_eq!(signer.verify(DSA, Message::Raw(message), &openssl.read("theirs")), Ok(()));
    }
}

#[test]
fn openssl_decrypts_what_is_encrypted_here_and_its_ciphertexts_open_here() {
    let openssl = OpenSsl::new("ciphertexts");
    let key = key(1, KeyUsage::EncryptDecrypt);
    openssl.write("public.der", key.public_key().unwrap().as_spki());
    openssl.write("private.der", key.to_bytes().expose());
    for length in [2, 32, 33, 1024] {
        let plaintext = vec![9; length];
        openssl.write("plain", &plaintext);
        openssl.run("pkeyutl -encrypt -pubin -inkey public.der -keyform DER -in plain -out theirs");
        assert_eq!(key.decrypt_asymmetric(PKE, &openssl.read("theirs")).unwrap().expose(), plaintext);
        openssl.write("ours", &key.encrypt_asymmetric(PKE, &plaintext, &seeded(3)).unwrap());
        openssl.run("pkeyutl -decrypt -inkey private.der -keyform DER -in ours -out opened");
        assert_eq!(openssl.read("opened"), plaintext);
    }
}

/// Openssl agrees on no secret with such keys; that the common point is right is shown by its ciphertexts.
#[test]
fn keys_of_openssl_are_imported() {
    let openssl = OpenSsl::new("keys");
    openssl.run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out private.pem");
    openssl.run("pkcs8 -topk8 -nocrypt -in private.pem -outform DER -out private.der");
    openssl.run("pkey -inform DER -in private.der -pubout -outform DER -out public.der");
    let theirs = SecretBytes::new(openssl.read("private.der"));
    let theirs = Material::import(KeySpec::Sm2, KeyUsage::KeyAgreement, theirs).unwrap();
    assert_eq!(theirs.public_key().unwrap().as_spki(), openssl.read("public.der"));
}
