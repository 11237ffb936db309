use std::fmt::Write;

/// What happened in a run, line by line, and one number for all of it.
#[derive(Default)]
pub struct Trace {
    lines: Vec<String>,
    hash: u64,
}

impl Trace {
    /// Adds a line.
    pub fn line(&mut self, line: String) {
        self.hash = fnv(self.hash, line.as_bytes());
        self.lines.push(line);
    }

    /// The same for the same lines.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The last lines.
    pub fn tail(&self, lines: usize) -> String {
        let start = self.lines.len().saturating_sub(lines);
        self.lines.iter().skip(start).fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "  {line}");
            text
        })
    }
}

/// FNV-1a, continued from `state`: to compare, not to protect.
pub(crate) fn fnv(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
