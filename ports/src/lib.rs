//! Ports: what the program takes from the world, as small traits, and the real ones.
//!
//! Nothing else may read a clock or draw randomness. A call sees one time, taken when it arrives; with the same seed a
//! simulated world gives the same bytes.

mod clock;
mod entropy;
mod http;

pub use clock::{Clock, ManualClock, SystemClock};
pub use entropy::{Entropy, SeededEntropy, SystemEntropy, array, id_array};
pub use http::{Http, HttpBounds, HttpError, HttpPending, Offline};
