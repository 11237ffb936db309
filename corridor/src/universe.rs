use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use alcazar_core::{SecretBytes, Timestamp, id};
use alcazar_directory::Sealed;
use alcazar_ports::{Clock, Databases, Entropy, Http, id_array};
use alcazar_store::Store;
use alcazar_store::seal::Sealer;

use crate::Failure;

/// Everything the program takes from the world: built once by the program (real) or by the test kit (simulated).
#[derive(Clone)]
pub struct Universe {
    /// The two times.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// The operator's databases, whose passwords are rotated.
    pub databases: Arc<dyn Databases>,
    /// The log and its view.
    pub store: Arc<dyn Store>,
    /// Seals secrets under the installation's root key.
    pub sealer: Arc<Sealer>,
    /// HTTP to others.
    pub http: Arc<dyn Http>,
    /// The times that event ids carry.
    pub event_times: Arc<EventTimes>,
}

/// The times in event ids: none is before the one given last, so that the ids of a process stand in the order of its log even
/// when its clock is set back (RFC 9562, section 6.1, on clocks that go back). They say nothing of when a thing happened; the record does.
#[derive(Debug, Default)]
pub struct EventTimes(AtomicI64);

impl EventTimes {
    /// That time in milliseconds, or the latest one given, which was later.
    fn no_earlier(&self, millis: i64) -> i64 {
        self.0.fetch_max(millis, Ordering::Relaxed).max(millis)
    }
}

impl Universe {
    /// A fresh UUID of version 4.
    pub fn uuid(&self) -> String {
        id::uuid_v4(id_array(&*self.entropy))
    }

    /// A fresh event id: sixteen bytes of UUIDv7, of a millisecond that is never before that of the id given last.
    pub fn event_id(&self, at: Timestamp) -> [u8; 16] {
        id::uuid_v7(self.event_times.no_earlier(at.millis()), id_array(&*self.entropy))
    }

    /// Seals a secret for one place: it opens only with the same context.
    ///
    /// # Errors
    /// When the cryptography fails, which no input can bring about.
    pub fn seal(&self, context: &[u8], secret: &[u8]) -> Result<Sealed, Failure> {
        let fill = |bytes: &mut [u8]| self.entropy.fill(bytes);
        self.sealer.seal(&fill, context, secret).map(Sealed).map_err(Failure::internal)
    }

    /// Opens a sealed secret.
    ///
    /// # Errors
    /// When it was sealed for another place or root, or was altered.
    pub fn open(&self, context: &[u8], sealed: &Sealed) -> Result<SecretBytes, Failure> {
        self.sealer.open(context, &sealed.0).map_err(Failure::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::EventTimes;

    #[test]
    fn the_times_of_event_ids_never_go_back() {
        let times = EventTimes::default();
        assert_eq!([5, 9, 7, 9, 10].map(|millis| times.no_earlier(millis)), [5, 9, 9, 9, 10]);
    }
}
