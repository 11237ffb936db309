//! Worlds for tests: a corridor over the store in memory, a clock that stands still, randomness from a seed; and a client that
//! signs and sends what a real one would. Answers and audit records are compared as text.
//!
//! ```ignore
//! let world = World::of(&[alcazar_kms::SERVICE]).await;
//! let answer = world.call("kms:CreateKey", "{}").await;
//! expect![...].assert_eq(&world.told(&answer).await);
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod answer;
mod derived;
mod keeper;
mod outside;
mod request;
mod world;

pub use answer::Answer;
pub use derived::derived;
pub use outside::Outside;
pub use request::Credentials;
pub use world::World;
