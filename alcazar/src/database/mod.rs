//! The operator's databases, over the network: where rotation logs in.

mod anybody;
mod mysql;
mod postgresql;

use std::time::Duration;

use alcazar_ports::{Awaited, Connection, DatabaseError, Databases, Engine, Login};

use crate::trust::Trust;

/// How long a login may take, and how long a statement.
const PATIENCE: Duration = Duration::from_secs(10);

/// Real databases.
pub(crate) struct Network {
    trust: Trust,
}

impl Network {
    /// Databases that prove themselves by these authorities, where they must.
    pub(crate) fn new(trust: Trust) -> Self {
        Self { trust }
    }
}

impl Databases for Network {
    fn connect<'a>(&'a self, login: &'a Login) -> Awaited<'a, Result<Box<dyn Connection>, DatabaseError>> {
        Box::pin(async {
            // A path would be a local socket, whose server takes this program for one of its own users.
            if login.host.starts_with(['/', '@']) {
                let told = "a database is reached over the network, not by a path";
                return Err(DatabaseError::Unreachable(told.to_owned()));
            }
            match login.engine {
                Engine::PostgreSql => in_time(postgresql::connect(login, &self.trust)).await,
                Engine::MySql => in_time(mysql::connect(login, &self.trust)).await,
            }
        })
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, DatabaseError>>) -> Result<T, DatabaseError> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => Err(DatabaseError::Unreachable("the database does not answer in time".to_owned())),
    }
}
