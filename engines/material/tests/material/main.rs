//! The crate from outside: published vectors through its own doors, round trips, and properties of the ciphertext.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod agreement_vectors;
mod ciphertext;
mod encapsulation_vectors;
mod encryption_vectors;
mod every_spec;
mod import;
mod import_wrapping;
mod signature_vectors;
#[cfg(feature = "sm2")]
mod sm2;

use std::cell::Cell;

/// Bytes that differ from each other and are the same in each run: a counter through a multiplication.
fn seeded(seed: u64) -> impl Fn(&mut [u8]) {
    let state = Cell::new(seed.wrapping_add(1));
    move |bytes: &mut [u8]| {
        for byte in bytes {
            state.set(
                state.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407),
            );
            *byte = (state.get() >> 56) as u8;
        }
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// Lines of a file, by their words; comments are none.
fn lines(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split(' ').collect())
}
