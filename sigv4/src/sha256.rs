//! SHA-256 (FIPS 180-4) as the other modules use it.

use aws_lc_rs::digest;

/// The 32 bytes of a SHA-256.
pub type Sha256Digest = [u8; 32];

/// The hash of no bytes at all.
pub(crate) const EMPTY: Sha256Digest = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// SHA-256 of bytes that are all at hand.
pub fn sha256(bytes: &[u8]) -> Sha256Digest {
    taken(&digest::digest(&digest::SHA256, bytes))
}

/// SHA-256 of bytes that come in parts.
#[derive(Clone)]
pub(crate) struct Running(digest::Context);

impl Running {
    pub(crate) fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Sha256Digest {
        taken(&self.0.finish())
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sha256::Running")
    }
}

fn taken(digest: &digest::Digest) -> Sha256Digest {
    let mut bytes = [0; 32];
    // Both are 32 bytes: the algorithm is fixed above.
    for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hash_like_the_whole_and_nothing_hashes_to_empty() {
        let mut running = Running::new();
        running.update(b"al");
        running.update(b"cazar");
        assert_eq!(running.finish(), sha256(b"alcazar"));
        assert_eq!(sha256(b""), EMPTY);
    }
}
