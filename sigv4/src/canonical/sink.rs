//! Where canonical bytes go: into text, or through a small buffer straight into the hash.

use crate::sha256::{Running, Sha256Digest, sha256};

/// Takes bytes in order.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Nearly every canonical request fits, and is then hashed in one call without any allocation.
const BUFFER: usize = 1024;

pub(crate) struct Hashing {
    buffer: [u8; BUFFER],
    used: usize,
    spilled: Option<Running>,
}

impl Hashing {
    pub(crate) fn new() -> Self {
        Self { buffer: [0; BUFFER], used: 0, spilled: None }
    }

    pub(crate) fn finish(mut self) -> Sha256Digest {
        let rest = self.buffer.get(..self.used).unwrap_or_default();
        match self.spilled.take() {
            None => sha256(rest),
            Some(mut running) => {
                running.update(rest);
                running.finish()
            }
        }
    }

    #[cold]
    fn spill(&mut self, bytes: &[u8]) {
        let running = self.spilled.get_or_insert_with(Running::new);
        running.update(self.buffer.get(..self.used).unwrap_or_default());
        running.update(bytes);
        self.used = 0;
    }
}

impl Sink for Hashing {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.used + bytes.len();
        match self.buffer.get_mut(self.used..end) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.used = end;
            }
            None => self.spill(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashing_in_pieces_equals_hashing_the_text_around_the_buffer_size() {
        for length in [0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER + 7] {
            let text: Vec<u8> = (0..length).map(|i| i as u8).collect();
            for piece in [1, 7, 64, 5000] {
                let mut hashing = Hashing::new();
                text.chunks(piece).for_each(|piece| hashing.put(piece));
                assert_eq!(hashing.finish(), sha256(&text), "{length} bytes by {piece}");
            }
        }
    }
}
