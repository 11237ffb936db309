//! What lists cost: rows that the store is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use alcazar_core::Timestamp;
use alcazar_store::engines::memory::MemoryStore;
use alcazar_store::{
    AppendError, Fact, Frame, KeyRange, Pending, Position, RecordPage, RecordQuery, Row, Rows, Store,
    StoreError,
};
use alcazar_testkit::World;
use serde_json::{Value, json};

/// Counts the rows of scans.
struct Counting {
    inner: MemoryStore,
    scanned: AtomicUsize,
}

impl Store for Counting {
    fn append(&self, frame: Frame) -> Pending<'_, Result<Position, AppendError>> {
        self.inner.append(frame)
    }

    fn cached(&self, key: &[u8]) -> Option<Arc<Row>> {
        self.inner.cached(key)
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        self.inner.get(key)
    }

    fn scan<'a>(&'a self, range: &'a KeyRange, limit: usize) -> Pending<'a, Result<Rows, StoreError>> {
        Box::pin(async move {
            let rows = self.inner.scan(range, limit).await?;
            self.scanned.fetch_add(rows.len(), Ordering::Relaxed);
            Ok(rows)
        })
    }

    fn changed_at(&self) -> Position {
        self.inner.changed_at()
    }

    fn records<'a>(&'a self, query: &'a RecordQuery) -> Pending<'a, Result<RecordPage, StoreError>> {
        self.inner.records(query)
    }

    fn facts(&self, after: Position, limit: usize) -> Pending<'_, Result<Vec<(Position, Fact)>, StoreError>> {
        self.inner.facts(after, limit)
    }

    fn forget_records(&self, before: Timestamp) -> Pending<'_, Result<u64, StoreError>> {
        self.inner.forget_records(before)
    }

    fn changed(&self, after: Position) -> Pending<'_, Position> {
        self.inner.changed(after)
    }

    fn close(&self) -> Pending<'_, Result<(), StoreError>> {
        self.inner.close()
    }
}

async fn put(world: &World, name: &str) {
    let input = json!({"Name": name, "Value": "v", "Type": "String"});
    let _ = world.call("ssm:PutParameter", &input.to_string()).await.ok();
}

#[tokio::test]
async fn a_page_of_a_path_reads_what_it_holds_however_many_there_are() {
    let store = Arc::new(Counting { inner: MemoryStore::new(), scanned: AtomicUsize::new(0) });
    let world = World::over(&[alcazar_ssm::SERVICE], store.clone(), 1).await;
    for number in 0..600 {
        put(&world, &format!("/app/deep/{number:04}")).await;
        put(&world, &format!("/app/deep/{number:04}/child")).await;
        put(&world, &format!("/zoo/{number:04}")).await;
    }
    for number in 0..15 {
        put(&world, &format!("/app/{number:02}")).await;
    }
    let mut lines = Vec::new();
    for (path, recursive) in [("/app", false), ("/app", true), ("/zoo", true), ("/", false), ("/none", true)]
    {
        let mut input = json!({"Path": path, "Recursive": recursive});
        for page in 1..=3 {
            store.scanned.store(0, Ordering::Relaxed);
            let answer: Value = world.call("ssm:GetParametersByPath", &input.to_string()).await.ok().json();
            let held = answer["Parameters"].as_array().unwrap().len();
            let scanned = store.scanned.load(Ordering::Relaxed);
            lines.push(format!("{path} {recursive} page {page}: {held} told, {scanned} read"));
            match answer.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => break,
            }
        }
    }
    for filter in [
        json!({"Key": "Name", "Values": ["/zoo/0300", "/zoo/0301"]}),
        json!({"Key": "Name", "Option": "BeginsWith", "Values": ["/zoo/030"]}),
        json!({"Key": "Path", "Values": ["/app"]}),
    ] {
        store.scanned.store(0, Ordering::Relaxed);
        let input = json!({"ParameterFilters": [filter], "MaxResults": 50});
        let answer = world.call("ssm:DescribeParameters", &input.to_string()).await.ok().json();
        let (held, scanned) =
            (answer["Parameters"].as_array().unwrap().len(), store.scanned.load(Ordering::Relaxed));
        lines.push(format!("{filter}: {held} told, {scanned} read"));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    /app false page 1: 10 told, 11 read
    /app false page 2: 5 told, 5 read
    /app true page 1: 10 told, 11 read
    /app true page 2: 10 told, 11 read
    /app true page 3: 10 told, 11 read
    /zoo true page 1: 10 told, 11 read
    /zoo true page 2: 10 told, 11 read
    /zoo true page 3: 10 told, 11 read
    / false page 1: 0 told, 0 read
    /none true page 1: 0 told, 0 read
    {"Key":"Name","Values":["/zoo/0300","/zoo/0301"]}: 2 told, 2 read
    {"Key":"Name","Option":"BeginsWith","Values":["/zoo/030"]}: 10 told, 10 read
    {"Key":"Path","Values":["/app"]}: 15 told, 15 read
    "#);
}
