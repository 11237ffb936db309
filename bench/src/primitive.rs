//! The bare primitives that signing stands on, on all cores at once: a core whose neighbour rests is faster than one of a machine at work.

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use crate::Outcome;

/// CPU time of one signature, in microseconds, with the key parsed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Primitives {
    pub(crate) rsa_2048: f64,
    pub(crate) p256: f64,
}

impl Primitives {
    /// Measures for so many seconds of CPU each.
    pub(crate) fn measure(seconds: f64) -> Outcome<Self> {
        let rsa = RsaKeyPair::generate(KeySize::Rsa2048)?;
        let rsa_2048 = everywhere(seconds, || {
            let mut signature = vec![0; rsa.public_modulus_len()];
            rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), black_box(MESSAGE), &mut signature)?;
            black_box(signature);
            Ok(())
        })?;
        let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
        let p256 = everywhere(seconds, || {
            black_box(p256.sign(&SystemRandom::new(), black_box(MESSAGE))?);
            Ok(())
        })?;
        Ok(Self { rsa_2048, p256 })
    }
}

const MESSAGE: &[u8] = &[b'm'; 1024];

/// The same on a thread for each core; the mean of all.
fn everywhere(seconds: f64, operation: impl Fn() -> Outcome + Sync) -> Outcome<f64> {
    let cores = std::thread::available_parallelism()?.get();
    let each = std::thread::scope(|scope| -> Outcome<Vec<f64>> {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(|| micros(seconds, &operation))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a measurement panicked")?).collect()
    })?;
    Ok(each.iter().sum::<f64>() / each.len() as f64)
}

fn micros(seconds: f64, mut operation: impl FnMut() -> Outcome) -> Outcome<f64> {
    let (start, mut done) = (cpu()?, 0_u32);
    while (cpu()? - start).as_secs_f64() < seconds {
        for _ in 0..200 {
            operation()?;
        }
        done += 200;
    }
    Ok((cpu()? - start).as_secs_f64() * 1e6 / f64::from(done))
}

/// What this thread has run. Source: proc(5), `/proc/PID/schedstat`: nanoseconds on the CPU first.
fn cpu() -> Outcome<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split_whitespace().next().ok_or("no schedstat")?;
    Ok(Duration::from_nanos(nanos.parse()?))
}
