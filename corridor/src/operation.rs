use std::future::Future;

use alcazar_core::Shape;

use crate::{Call, Committed, Located, Refusal, View};

/// An API call of a service: what it touches, and what it does. One file each; the service's list names it.
pub trait Operation: Sized + Send + Sync + 'static {
    /// The wire shape: `wire_kms::Encrypt`.
    type Shape: Shape;
    /// What `locate` found for `run`.
    type Target: Send + Sync + 'static;

    /// Reads what the call touches and says which rights it needs. It changes nothing and tells nothing: whether a thing exists is
    /// for `run` to say, to a caller who may know.
    ///
    /// # Errors
    /// Only for inputs that name nothing that could be decided on.
    fn locate(
        input: &Input<Self>,
        view: &View,
    ) -> impl Future<Output = Result<Located<Self>, Refusal<Self::Shape>>> + Send;

    /// Does it. Runs only for a caller who may; ends in a commit (or in an answer, which is recorded too).
    ///
    /// # Errors
    /// Those that the model declares, and the common ones.
    fn run(
        call: Call<Self>,
    ) -> impl Future<Output = Result<Committed<Output<Self>>, Refusal<Self::Shape>>> + Send;

    /// A world and an input from which the goldens of answer and record are made.
    fn example() -> Example;
}

/// The request of an operation.
pub type Input<O> = <<O as Operation>::Shape as Shape>::Input;

/// The answer of an operation.
pub type Output<O> = <<O as Operation>::Shape as Shape>::Output;

/// An example of a call: calls that make the world, then the call itself. Inputs are JSON by model names; `${name}` stands for a value
/// that an earlier call answered, taken by a JSON pointer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Example {
    /// Calls before: operation (`kms:CreateKey`; `kms:CreateKey@eu-west-1` in another Region than the call itself), input, and what to
    /// keep of the answer: `("key", "/KeyMetadata/KeyId")`. What a call elsewhere brings about has come to pass before the call itself.
    pub world: &'static [Earlier],
    /// The input of the call itself.
    pub input: &'static str,
}

/// A call that makes an example's world: operation, input, and what to keep of its answer, by name and JSON pointer.
pub type Earlier = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
