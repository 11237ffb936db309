/// How much of a request is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the body that a reader takes; streaming payloads are not held in memory and do not count.
    pub body: usize,
    /// Levels of nested structures, lists, maps and documents.
    pub depth: usize,
    /// Values in one request: members, elements, entries, form parameters, XML nodes, unknown ones included.
    pub members: usize,
    /// Headers of one request.
    pub headers: usize,
}

impl Limits {
    /// 1 MiB of body, 128 levels, 65,536 values, 128 headers.
    pub const DEFAULT: Self = Self { body: 1 << 20, depth: 128, members: 1 << 16, headers: 128 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What is left of the limits while one request is read.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    depth: usize,
    members: usize,
}

/// The request is larger than the limits allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverLimit;

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { depth: limits.depth, members: limits.members }
    }

    /// One more value.
    pub(crate) fn spend(&mut self) -> Result<(), OverLimit> {
        self.members = self.members.checked_sub(1).ok_or(OverLimit)?;
        Ok(())
    }

    /// One level deeper; [`Budget::leave`] undoes it.
    pub(crate) fn enter(&mut self) -> Result<(), OverLimit> {
        self.depth = self.depth.checked_sub(1).ok_or(OverLimit)?;
        self.spend()
    }

    pub(crate) fn leave(&mut self) {
        self.depth += 1;
    }
}
