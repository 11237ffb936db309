use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{digest, rand};
use zeroize::Zeroize;

/// A source of random bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the whole buffer: for keys, secrets, nonces and salts.
    fn fill(&self, bytes: &mut [u8]);

    /// Fills the whole buffer with bytes of which everybody may learn, and which only must not meet others by chance: for ids.
    fn fill_id(&self, bytes: &mut [u8]) {
        self.fill(bytes);
    }
}

/// Random bytes of a fixed number.
pub fn array<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// Random bytes of a fixed number, for an id.
pub fn id_array<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill_id(&mut bytes);
    bytes
}

/// aws-lc's generator, seeded by the operating system.
///
/// A draw from it costs about the same for sixteen bytes as for hundreds, and every call draws a few ids. So each thread draws a block of
/// them at a time. Secrets and nonces never come from a block: two copies of a machine that was saved and resumed would both hand out
/// what is left of it.
#[derive(Debug, Default)]
pub struct SystemEntropy;

/// How many bytes a thread draws at a time, and the longest piece that comes from such a block.
const BLOCK: usize = 512;
const SHORT: usize = 16;

struct Block {
    bytes: [u8; BLOCK],
    /// From here on the bytes are fresh.
    fresh: usize,
}

impl Block {
    const EMPTY: Self = Self { bytes: [0; BLOCK], fresh: BLOCK };

    fn hand_out(&mut self, piece: &mut [u8]) {
        if BLOCK - self.fresh < piece.len() {
            draw(&mut self.bytes);
            self.fresh = 0;
        }
        let end = self.fresh + piece.len();
        if let Some(fresh) = self.bytes.get_mut(self.fresh..end) {
            piece.copy_from_slice(fresh);
            fresh.zeroize();
        }
        self.fresh = end;
    }
}

thread_local! {
    static DRAWN: RefCell<Block> = const { RefCell::new(Block::EMPTY) };
}

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
        draw(bytes);
    }

    fn fill_id(&self, bytes: &mut [u8]) {
        if bytes.len() > SHORT {
            return draw(bytes);
        }
        // A thread that is ending has no block any more.
        if DRAWN.try_with(|block| block.borrow_mut().hand_out(bytes)).is_err() {
            draw(bytes);
        }
    }
}

fn draw(bytes: &mut [u8]) {
    // aws-lc's RAND_bytes aborts the process rather than return weak bytes; its error is documented as never returned.
    #[expect(
        clippy::expect_used,
        clippy::disallowed_methods,
        reason = "the one place that draws randomness; going on without it would be worse than stopping"
    )]
    rand::fill(bytes).expect("the operating system gives randomness");
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
    fn pieces_of_a_block_are_fresh_and_wiped_when_handed_out() {
        let mut block = Block::EMPTY;
        let mut pieces: Vec<[u8; 24]> = (0..100)
            .map(|_| {
                let mut piece = [0; 24];
                block.hand_out(&mut piece);
                assert!(block.bytes[..block.fresh].iter().all(|byte| *byte == 0));
                piece
            })
            .collect();
        pieces.sort_unstable();
        pieces.dedup();
        assert_eq!(pieces.len(), 100);
        let (mut short, mut long, mut secret) = ([0; SHORT], [0; SHORT + 1], [0; SHORT]);
        SystemEntropy.fill_id(&mut short);
        SystemEntropy.fill_id(&mut long);
        SystemEntropy.fill(&mut secret);
        assert!(short != [0; SHORT] && long != [0; SHORT + 1] && secret != [0; SHORT]);
    }

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
