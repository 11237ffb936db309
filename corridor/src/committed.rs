use alcazar_store::Position;

/// Proof that a call's change and record are durable, with what is to be answered. Only [`Call::commit`](crate::Call::commit) and
/// [`Call::answer`](crate::Call::answer) make one, from the store's own answer.
#[derive(Debug)]
pub struct Committed<T> {
    output: T,
    position: Position,
}

impl<T> Committed<T> {
    pub(crate) fn new(output: T, position: Position) -> Self {
        Self { output, position }
    }

    /// Where in the log it stands.
    pub fn position(&self) -> Position {
        self.position
    }

    pub(crate) fn into_output(self) -> T {
        self.output
    }
}
