//! Prints operations per second of CPU time on one thread, with cached keys, beside the bare primitives they stand on.
//!
//! `cargo run --release -p alcazar-material --example speed`

#![expect(clippy::disallowed_methods, reason = "a benchmark measures time and draws real randomness")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use alcazar_material::{
    Ciphertext, EncryptionAlgorithm, EncryptionContext, Header, KeyId, KeyPair, KeySpec, KeyUsage,
    MacAlgorithm, Material, Message, SigningAlgorithm,
};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use aws_lc_rs::{aead, hmac, rand};

type Outcome = Result<(), Box<dyn Error>>;

/// Seconds of CPU time for each line.
const AT_LEAST: f64 = 1.0;

fn main() -> Outcome {
    symmetric()?;
    mac()?;
    p256()?;
    secp256k1()?;
    rsa()?;
    others()
}

fn entropy(bytes: &mut [u8]) {
    if rand::fill(bytes).is_err() {
        std::process::abort();
    }
}

fn report(what: &str, mut operation: impl FnMut() -> Outcome) -> Outcome {
    operation()?;
    let wall = Instant::now();
    let start = cpu_seconds(wall);
    let mut done = 0_u32;
    while cpu_seconds(wall) - start < AT_LEAST {
        // Reading the clock costs microseconds: not too often for the fast ones, not too seldom for the slow.
        let batch = (done / 8).clamp(1, 4096);
        for _ in 0..batch {
            operation()?;
        }
        done += batch;
    }
    let each = (cpu_seconds(wall) - start) / f64::from(done);
    println!("{what:52} {:>12.0}/s {:>12.2} us", 1.0 / each, each * 1e6);
    Ok(())
}

/// What this thread has used of a CPU, where Linux tells it, so that a busy machine does not count; else wall time.
fn cpu_seconds(wall: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.as_deref().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| wall.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn symmetric() -> Outcome {
    let key = Material::generate(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt, &entropy)?;
    let id = KeyId::from_text("1234abcd-12ab-34cd-56ef-1234567890ab").ok_or("no key id")?;
    let header = Header { key: id, material: key.id(&id)? };
    let context = EncryptionContext::new([("tenant", "blue")])?;
    let plaintext = [7; 1024];
    let blob = key.encrypt(header, &context, &plaintext, &entropy)?;
    report("encrypt 1 KiB", || {
        black_box(key.encrypt(header, &context, black_box(&plaintext), &entropy)?);
        Ok(())
    })?;
    report("decrypt 1 KiB, parsing included", || {
        black_box(key.decrypt(&Ciphertext::parse(black_box(&blob))?, &context)?);
        Ok(())
    })?;
    let data_key = key.encrypt(header, &context, &[7; 32], &entropy)?;
    report("decrypt 32 bytes", || {
        black_box(key.decrypt(&Ciphertext::parse(black_box(&data_key))?, &context)?);
        Ok(())
    })?;
    let secret = [3; 32];
    report("  raw: random, HMAC, key set-up, AES-256-GCM 1 KiB", || {
        let mut random = [0; 28];
        entropy(&mut random);
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), &random);
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, derived.as_ref())?);
        let mut sealed = plaintext.to_vec();
        let nonce = aead::Nonce::assume_unique_for_key([0; 12]);
        key.seal_in_place_append_tag(nonce, aead::Aad::from(&random), &mut sealed)?;
        black_box(sealed);
        Ok(())
    })?;
    report("make a symmetric key", || {
        black_box(Material::generate(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt, &entropy)?);
        Ok(())
    })
}

fn mac() -> Outcome {
    let key = Material::generate(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac, &entropy)?;
    let raw = hmac::Key::new(hmac::HMAC_SHA256, key.to_bytes().expose());
    let message = [7; 1024];
    report("HMAC_SHA_256 of 1 KiB", || {
        black_box(key.generate_mac(MacAlgorithm::HmacSha256, black_box(&message))?);
        Ok(())
    })?;
    report("  raw", || {
        black_box(hmac::sign(&raw, black_box(&message)));
        Ok(())
    })
}

fn p256() -> Outcome {
    let key = Material::generate(KeySpec::EccNistP256, KeyUsage::SignVerify, &entropy)?;
    let raw = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.to_bytes().expose())?;
    let message = [7; 1024];
    let signature = key.sign(SigningAlgorithm::EcdsaSha256, Message::Raw(&message))?;
    report("ECDSA P-256 sign 1 KiB", || {
        black_box(key.sign(SigningAlgorithm::EcdsaSha256, Message::Raw(black_box(&message)))?);
        Ok(())
    })?;
    report("  raw", || {
        black_box(raw.sign(&SystemRandom::new(), black_box(&message))?);
        Ok(())
    })?;
    report("ECDSA P-256 verify", || {
        Ok(key.verify(SigningAlgorithm::EcdsaSha256, Message::Raw(&message), black_box(&signature))?)
    })
}

fn secp256k1() -> Outcome {
    let key = Material::generate(KeySpec::EccSecgP256k1, KeyUsage::SignVerify, &entropy)?;
    let raw = EcdsaKeyPair::generate(&ECDSA_P256K1_SHA256_ASN1_SIGNING)?;
    let message = [7; 1024];
    report("secp256k1 sign 1 KiB", || {
        black_box(key.sign(SigningAlgorithm::EcdsaSha256, Message::Raw(black_box(&message)))?);
        Ok(())
    })?;
    report("  raw, by aws-lc", || {
        black_box(raw.sign(&SystemRandom::new(), black_box(&message))?);
        Ok(())
    })
}

fn rsa() -> Outcome {
    let pair = KeyPair::generate(KeySpec::Rsa2048, &entropy)?;
    let key = Material::from_bytes(KeySpec::Rsa2048, KeyUsage::SignVerify, pair.private_key.clone())?;
    let raw = RsaKeyPair::from_pkcs8(pair.private_key.expose())?;
    let message = [7; 1024];
    report("RSA-2048 PKCS #1 sign 1 KiB", || {
        black_box(key.sign(SigningAlgorithm::RsassaPkcs1V15Sha256, Message::Raw(black_box(&message)))?);
        Ok(())
    })?;
    let mut signature = vec![0; raw.public_modulus_len()];
    report("  raw", || {
        Ok(raw.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), black_box(&message), &mut signature)?)
    })?;
    report("RSA-2048 PKCS #1 verify", || {
        Ok(key.verify(
            SigningAlgorithm::RsassaPkcs1V15Sha256,
            Message::Raw(&message),
            black_box(&signature),
        )?)
    })?;
    report("RSA-2048 read from PKCS#8", || {
        let bytes = pair.private_key.clone();
        black_box(Material::from_bytes(KeySpec::Rsa2048, KeyUsage::SignVerify, bytes)?);
        Ok(())
    })?;
    let key = Material::from_bytes(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt, pair.private_key.clone())?;
    let ciphertext = key.encrypt_asymmetric(EncryptionAlgorithm::RsaesOaepSha256, &[7; 32], &|_| ())?;
    report("RSA-2048 OAEP decrypt", || {
        black_box(key.decrypt_asymmetric(EncryptionAlgorithm::RsaesOaepSha256, black_box(&ciphertext))?);
        Ok(())
    })
}

fn others() -> Outcome {
    let message = [7; 1024];
    for (spec, algorithm) in [
        (KeySpec::EccNistEdwards25519, SigningAlgorithm::Ed25519Sha512),
        (KeySpec::MlDsa65, SigningAlgorithm::MlDsaShake256),
        (KeySpec::EccNistP384, SigningAlgorithm::EcdsaSha384),
        (KeySpec::EccNistP521, SigningAlgorithm::EcdsaSha512),
    ] {
        let key = Material::generate(spec, KeyUsage::SignVerify, &entropy)?;
        report(&format!("{} sign 1 KiB", spec.text()), || {
            black_box(key.sign(algorithm, Message::Raw(black_box(&message)))?);
            Ok(())
        })?;
        report(&format!("{} make", spec.text()), || {
            black_box(Material::generate(spec, KeyUsage::SignVerify, &entropy)?);
            Ok(())
        })?;
    }
    for spec in [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096] {
        report(&format!("{} make", spec.text()), || {
            black_box(KeyPair::generate(spec, &entropy)?);
            Ok(())
        })?;
    }
    Ok(())
}
