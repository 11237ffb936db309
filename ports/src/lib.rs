//! Ports: what the program takes from the world, as small traits, and the real ones.
//!
//! Nothing else may read a clock, draw randomness or log in to a database (whose real port is in the program: its clients are large). A call sees one time, taken when it arrives; with the same seed a
//! simulated world gives the same bytes.

mod clock;
mod database;
mod entropy;
mod http;

pub use clock::{Clock, ManualClock, SystemClock};
pub use database::{Awaited, Connection, DatabaseError, Databases, Engine, Login, NoDatabases, Tls};
pub use entropy::{Entropy, SeededEntropy, SystemEntropy, array, id_array};
pub use http::{Http, HttpBounds, HttpError, HttpPending, Offline};
