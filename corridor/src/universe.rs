use std::sync::Arc;

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
}

impl Universe {
    /// A fresh UUID of version 4.
    pub fn uuid(&self) -> String {
        id::uuid_v4(id_array(&*self.entropy))
    }

    /// A fresh event id: sixteen bytes of UUIDv7, ordered by time.
    pub fn event_id(&self, at: Timestamp) -> [u8; 16] {
        id::uuid_v7(at.millis(), id_array(&*self.entropy))
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
