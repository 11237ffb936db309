use alcazar_store::engines::faults::seeded;

/// The numbers of a run: everything that is left to chance is drawn here, so that the same seed gives the same run.
pub(crate) struct Draw(Box<dyn FnMut() -> u64 + Send>);

impl Draw {
    /// The numbers of that seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Box::new(seeded(seed)))
    }

    /// Any number.
    pub(crate) fn number(&mut self) -> u64 {
        (self.0)()
    }

    /// A number below `end`; 0 when `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.number() % end as u64) as usize }
    }

    /// Whether something happens that happens so many times in a thousand.
    pub(crate) fn chance(&mut self, per_thousand: u64) -> bool {
        self.number() % 1000 < per_thousand
    }

    /// One of these, if there is any.
    pub(crate) fn of<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len()))
    }

    /// Random text of letters, to be recognised wherever it turns up.
    pub(crate) fn letters(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(b'a' + self.below(26) as u8)).collect()
    }
}
