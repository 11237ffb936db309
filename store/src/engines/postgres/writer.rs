//! Appending: the frames that wait go in one transaction, which holds the head of the log from its first statement on.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{Client, Config, Statement, Transaction};

use super::link::connect;
use super::{PostgresError, Shared};
use crate::stored::{record_terms, write_record};
use crate::{AppendError, Frame, Key, KeyRange, Position, RecordEntry, StoreError, Version};

/// A frame on its way.
pub(super) struct Request {
    pub(super) frame: Frame,
    pub(super) reply: Reply,
}

type Reply = oneshot::Sender<Result<Position, AppendError>>;

/// The most frames in one transaction.
const GROUP: usize = 256;

const LOCK: &str = "SELECT position, changed FROM alcazar_head FOR UPDATE";
const VERSIONS: &str = "SELECT key, version FROM alcazar_rows WHERE key = ANY($1)";
const OCCUPIED: &str =
    "SELECT EXISTS (SELECT 1 FROM alcazar_rows WHERE key >= $1 AND key < $2 AND NOT key = ANY($3))";
/// Everything that a group writes. A record's terms come as the text of an array.
const APPEND: &str = "WITH put AS (
        INSERT INTO alcazar_rows (key, version, value) SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bytea[])
        ON CONFLICT (key) DO UPDATE SET version = excluded.version, value = excluded.value),
    removed AS (DELETE FROM alcazar_rows WHERE key = ANY($4::bytea[])),
    fresh AS (
        SELECT position, number, time, entry, terms::bigint[] AS terms
        FROM unnest($5::bigint[], $6::bigint[], $7::bigint[], $8::bytea[], $9::text[])
            AS r (position, number, time, entry, terms)),
    recorded AS (
        INSERT INTO alcazar_records (position, number, time, entry, terms)
        SELECT position, number, time, entry, terms FROM fresh),
    listed AS (
        INSERT INTO alcazar_terms (term, position, number)
        SELECT DISTINCT unnest(terms), position, number FROM fresh),
    told AS (
        INSERT INTO alcazar_facts (position, number, name, body)
        SELECT * FROM unnest($10::bigint[], $11::bigint[], $12::text[], $13::bytea[])),
    head AS (UPDATE alcazar_head SET position = $14, changed = $15)
    SELECT pg_notify('alcazar', '')";

/// A connection to write on.
struct Writing {
    client: Client,
    lock: Statement,
    versions: Statement,
    occupied: Statement,
    append: Statement,
}

/// A group that is being put together.
struct Group {
    position: Position,
    changed: Position,
    /// The versions that expected rows had before the group.
    known: HashMap<Key, Version>,
    rows: BTreeMap<Key, (Version, Option<Bytes>)>,
    columns: Columns,
}

/// What [`APPEND`] takes besides the rows.
#[derive(Default)]
struct Columns {
    record_position: Vec<i64>,
    record_number: Vec<i64>,
    record_time: Vec<i64>,
    record_entry: Vec<Vec<u8>>,
    record_terms: Vec<String>,
    fact_position: Vec<i64>,
    fact_number: Vec<i64>,
    fact_name: Vec<String>,
    fact_body: Vec<Bytes>,
}

/// Serves until nobody can send any more.
pub(super) async fn run(config: Config, mut inbox: mpsc::UnboundedReceiver<Request>, shared: &Shared) {
    let mut writing: Option<Writing> = None;
    let mut waiting = Vec::with_capacity(GROUP);
    while inbox.recv_many(&mut waiting, GROUP).await > 0 {
        let (frames, replies): (Vec<Frame>, Vec<Reply>) =
            waiting.drain(..).map(|r| (r.frame, r.reply)).unzip();
        match append(&config, &mut writing, frames, shared).await {
            Ok(outcomes) => {
                for (reply, outcome) in replies.into_iter().zip(outcomes) {
                    // Who has gone away meanwhile has no interest in it.
                    let _ = reply.send(outcome.ok_or(AppendError::Conflict));
                }
            }
            Err(error) => {
                // After a failed commit the frames may be there: the callers learn that they must not say so.
                writing = None;
                let reason = error.to_string();
                for reply in replies {
                    let _ = reply.send(Err(StoreError::new(reason.clone()).into()));
                }
            }
        }
    }
}

/// Appends a group; gives each frame's position, or nothing for a conflict.
async fn append(
    config: &Config,
    writing: &mut Option<Writing>,
    frames: Vec<Frame>,
    shared: &Shared,
) -> Result<Vec<Option<Position>>, PostgresError> {
    if writing.as_ref().is_none_or(|known| known.client.is_closed()) {
        *writing = Some(Writing::prepare(connect(config).await?).await?);
    }
    let Some(writing) = writing.as_mut() else { return Err(PostgresError::Closed) };
    let Writing { client, lock, versions, occupied, append } = writing;
    let transaction = client.transaction().await?;
    let head = transaction.query_one(&*lock, &[]).await?;
    let position = |column| Position(head.get::<_, i64>(column).cast_unsigned());
    let mut group = Group::new(position(0), position(1));
    group.load(&transaction, versions, &frames).await?;
    let mut outcomes = Vec::with_capacity(frames.len());
    for frame in frames {
        let holds = group.expectations_hold(&transaction, occupied, &frame).await?;
        outcomes.push(holds.then(|| group.accept(frame)));
    }
    if outcomes.iter().all(Option::is_none) {
        return Ok(outcomes);
    }
    group.write(&transaction, append).await?;
    transaction.commit().await?;
    shared.note(group.position, group.changed);
    Ok(outcomes)
}

impl Writing {
    async fn prepare(client: Client) -> Result<Self, PostgresError> {
        Ok(Self {
            lock: client.prepare(LOCK).await?,
            versions: client.prepare(VERSIONS).await?,
            occupied: client.prepare(OCCUPIED).await?,
            append: client.prepare(APPEND).await?,
            client,
        })
    }
}

impl Group {
    fn new(position: Position, changed: Position) -> Self {
        let (known, rows, columns) = (HashMap::new(), BTreeMap::new(), Columns::default());
        Self { position, changed, known, rows, columns }
    }

    /// Reads the versions of all rows that the frames expect something of.
    async fn load(
        &mut self,
        transaction: &Transaction<'_>,
        versions: &Statement,
        frames: &[Frame],
    ) -> Result<(), PostgresError> {
        let keys: Vec<&[u8]> = frames.iter().flat_map(|f| &f.expect).map(|(key, _)| key.as_bytes()).collect();
        if keys.is_empty() {
            return Ok(());
        }
        for row in transaction.query(versions, &[&keys]).await? {
            self.known.insert(Key::from_bytes(row.get(0)), Version(row.get::<_, i64>(1).cast_unsigned()));
        }
        Ok(())
    }

    async fn expectations_hold(
        &self,
        transaction: &Transaction<'_>,
        occupied: &Statement,
        frame: &Frame,
    ) -> Result<bool, PostgresError> {
        if frame.read_at > Position(0) && self.changed <= frame.read_at {
            return Ok(true);
        }
        if frame.expect.iter().any(|(key, version)| self.version(key) != *version) {
            return Ok(false);
        }
        for range in &frame.expect_empty {
            if !self.is_empty(transaction, occupied, range).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The version after the frames accepted so far.
    fn version(&self, key: &Key) -> Version {
        let before = || self.known.get(key).copied().unwrap_or(Version::ABSENT);
        self.rows.get(key).map_or_else(before, |(version, _)| *version)
    }

    async fn is_empty(
        &self,
        transaction: &Transaction<'_>,
        occupied: &Statement,
        range: &KeyRange,
    ) -> Result<bool, PostgresError> {
        let written =
            |(key, (_, value)): (&Key, &(Version, Option<Bytes>))| range.contains(key) && value.is_some();
        if self.rows.iter().any(written) {
            return Ok(false);
        }
        let touched: Vec<&[u8]> = self.rows.keys().map(Key::as_bytes).collect();
        let (start, end) = (range.start.as_bytes(), range.end.as_bytes());
        let occupied = transaction.query_one(occupied, &[&start, &end, &touched]).await?;
        Ok(!occupied.get::<_, bool>(0))
    }

    fn accept(&mut self, frame: Frame) -> Position {
        let position = Position(self.position.0 + 1);
        self.position = position;
        if frame.changes_rows() {
            self.changed = position;
        }
        let version = Version(position.0);
        self.rows.extend(frame.delete.into_iter().map(|key| (key, (Version::ABSENT, None))));
        self.rows.extend(frame.put.into_iter().map(|(key, value)| (key, (version, Some(value)))));
        for (number, record) in (0..).zip(&frame.records) {
            self.columns.add_record(position, number, record);
        }
        for (number, fact) in (0..).zip(frame.facts) {
            self.columns.fact_position.push(position.0.cast_signed());
            self.columns.fact_number.push(number);
            self.columns.fact_name.push(fact.name);
            self.columns.fact_body.push(fact.body);
        }
        position
    }

    async fn write(&self, transaction: &Transaction<'_>, append: &Statement) -> Result<(), PostgresError> {
        let (mut keys, mut versions, mut values, mut removed) = (vec![], vec![], vec![], vec![]);
        for (key, (version, value)) in &self.rows {
            match value {
                Some(value) => {
                    keys.push(key.as_bytes());
                    versions.push(version.0.cast_signed());
                    values.push(&value[..]);
                }
                None => removed.push(key.as_bytes()),
            }
        }
        let c = &self.columns;
        let bodies: Vec<&[u8]> = c.fact_body.iter().map(|body| &body[..]).collect();
        let (position, changed) = (self.position.0.cast_signed(), self.changed.0.cast_signed());
        transaction
            .query_one(
                append,
                &[
                    &keys,
                    &versions,
                    &values,
                    &removed,
                    &c.record_position,
                    &c.record_number,
                    &c.record_time,
                    &c.record_entry,
                    &c.record_terms,
                    &c.fact_position,
                    &c.fact_number,
                    &c.fact_name,
                    &bodies,
                    &position,
                    &changed,
                ],
            )
            .await?;
        Ok(())
    }
}

impl Columns {
    fn add_record(&mut self, position: Position, number: i64, record: &RecordEntry) {
        let mut entry = Vec::with_capacity(record.body.len() + 256);
        write_record(&mut entry, record);
        let mut terms = Vec::new();
        record_terms(record, |term| terms.push(term.to_string()));
        self.record_position.push(position.0.cast_signed());
        self.record_number.push(number);
        self.record_time.push(record.time.millis());
        self.record_entry.push(entry);
        self.record_terms.push(format!("{{{}}}", terms.join(",")));
    }
}
