//! A connection that is made again when it breaks, with its prepared statements.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::{FORMAT, OLDEST_READER, PostgresError};
use crate::Position;

/// Made at the first use, and again after it broke.
pub(super) struct Link {
    config: Config,
    current: Mutex<Option<Arc<Connected>>>,
}

/// A live connection.
pub(super) struct Connected {
    pub(super) client: Client,
    pub(super) get: Statement,
    pub(super) scan: Statement,
    pub(super) scan_back: Statement,
    pub(super) records: Statement,
    pub(super) records_of_any: Statement,
    pub(super) facts: Statement,
    pub(super) forget: Statement,
}

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS alcazar_head (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        position bigint NOT NULL, changed bigint NOT NULL, format bigint NOT NULL, oldest_reader bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS alcazar_rows (key bytea PRIMARY KEY, version bigint NOT NULL, value bytea NOT NULL);
    CREATE TABLE IF NOT EXISTS alcazar_records (
        position bigint, number bigint, time bigint NOT NULL, terms bigint[] NOT NULL, entry bytea NOT NULL,
        PRIMARY KEY (position, number));
    CREATE INDEX IF NOT EXISTS alcazar_records_time ON alcazar_records (time);
    CREATE TABLE IF NOT EXISTS alcazar_terms (
        term bigint, position bigint, number bigint, PRIMARY KEY (term, position, number));
    CREATE TABLE IF NOT EXISTS alcazar_facts (
        position bigint, number bigint, name text NOT NULL, body bytea NOT NULL, PRIMARY KEY (position, number));";
const FIRST: &str =
    "INSERT INTO alcazar_head (position, changed, format, oldest_reader) VALUES (0, 0, $1, $2)
    ON CONFLICT DO NOTHING";
const GET: &str = "SELECT version, value FROM alcazar_rows WHERE key = $1";
const SCAN: &str =
    "SELECT key, version, value FROM alcazar_rows WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3";
const SCAN_BACK: &str =
    "SELECT key, version, value FROM alcazar_rows WHERE key >= $1 AND key < $2 ORDER BY key DESC LIMIT $3";
const RECORDS: &str = "SELECT r.position, r.number, r.entry FROM alcazar_terms t
    JOIN alcazar_records r ON r.position = t.position AND r.number = t.number
    WHERE t.term = $1 AND (t.position, t.number) < ($2, $3) AND r.time BETWEEN $4 AND $5
    ORDER BY t.position DESC, t.number DESC LIMIT $6";
/// Of several terms, under two of which a record may stand. (One term alone is read in the order of its index.)
const RECORDS_OF_ANY: &str = "SELECT r.position, r.number, r.entry FROM alcazar_records r
    WHERE (r.position, r.number) IN (
        SELECT position, number FROM alcazar_terms WHERE term = ANY($1) AND (position, number) < ($2, $3))
    AND r.time BETWEEN $4 AND $5
    ORDER BY r.position DESC, r.number DESC LIMIT $6";
const FACTS: &str =
    "SELECT position, name, body FROM alcazar_facts WHERE position > $1 ORDER BY position, number LIMIT $2";
const FORGET: &str = "WITH gone AS (
        DELETE FROM alcazar_records WHERE time < $1 RETURNING position, number, terms),
    unlisted AS (
        DELETE FROM alcazar_terms t
        USING (SELECT position, number, unnest(terms) AS term FROM gone) g
        WHERE t.term = g.term AND t.position = g.position AND t.number = g.number)
    SELECT count(*) FROM gone";
/// Any number that other users of the database do not lock.
const CREATION_LOCK: i64 = 0x616c_6361_7a61_7201;

impl Link {
    pub(super) fn new(config: &Config) -> Self {
        Self { config: config.clone(), current: Mutex::new(None) }
    }

    /// The connection, made anew if it is gone.
    pub(super) async fn connected(&self) -> Result<Arc<Connected>, PostgresError> {
        let mut current = self.current.lock().await;
        if let Some(live) = current.as_ref().filter(|known| !known.client.is_closed()) {
            return Ok(live.clone());
        }
        let fresh = Arc::new(Connected::prepare(connect(&self.config).await?).await?);
        *current = Some(fresh.clone());
        Ok(fresh)
    }

    /// Makes the tables if they are not there, and tells how far the log is and when rows changed last.
    pub(super) async fn prepare_database(&self) -> Result<(Position, Position), PostgresError> {
        let mut client = connect(&self.config).await?;
        let transaction = client.transaction().await?;
        // Two nodes that start at once would both create.
        transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&CREATION_LOCK]).await?;
        transaction.batch_execute(TABLES).await?;
        transaction.execute(FIRST, &[&FORMAT, &OLDEST_READER]).await?;
        let head = "SELECT position, changed, oldest_reader FROM alcazar_head";
        let head = transaction.query_one(head, &[]).await?;
        let oldest_reader: i64 = head.get(2);
        if oldest_reader > FORMAT {
            return Err(PostgresError::NewerFormat { oldest_reader });
        }
        transaction.commit().await?;
        let position = |column| Position(head.get::<_, i64>(column).cast_unsigned());
        Ok((position(0), position(1)))
    }
}

impl Connected {
    async fn prepare(client: Client) -> Result<Self, PostgresError> {
        Ok(Self {
            get: client.prepare(GET).await?,
            scan: client.prepare(SCAN).await?,
            scan_back: client.prepare(SCAN_BACK).await?,
            records: client.prepare(RECORDS).await?,
            records_of_any: client.prepare(RECORDS_OF_ANY).await?,
            facts: client.prepare(FACTS).await?,
            forget: client.prepare(FORGET).await?,
            client,
        })
    }
}

/// Connects, and sees to it that a commit is durable when it returns, whatever the server's default.
pub(super) async fn connect(config: &Config) -> Result<Client, PostgresError> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "the connection to the database broke");
        }
    });
    let durable = "SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') IN ('off', 'local')";
    client.execute(durable, &[]).await?;
    Ok(client)
}
