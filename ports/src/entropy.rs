use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{digest, rand};

/// A source of random bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the whole buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// Random bytes of a fixed number.
pub fn array<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// aws-lc's generator, seeded by the operating system.
#[derive(Debug, Default)]
pub struct SystemEntropy;

/// The same bytes for the same seed: for tests and simulation. SHA-256 over seed and counter.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededEntropy {
    /// A source that gives the same bytes in the same order for the same seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // aws-lc's RAND_bytes aborts the process rather than return weak bytes; its error is documented as never returned.
        #[expect(
            clippy::expect_used,
            clippy::disallowed_methods,
            reason = "the one place that draws randomness; going on without it would be worse than stopping"
        )]
        rand::fill(bytes).expect("the operating system gives randomness");
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let mut block = self.seed.to_be_bytes().to_vec();
            block.extend(self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            chunk.copy_from_slice(&digest::digest(&digest::SHA256, &block).as_ref()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let draw = |seed| {
            let entropy = SeededEntropy::new(seed);
            (array::<40>(&entropy), array::<8>(&entropy))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
