//! Reads wait their turn: however many ask, a few threads answer.

use std::sync::Condvar;
use std::sync::atomic::AtomicUsize;

use tokio::time::timeout;

use super::*;

/// Holds whoever passes until it is opened.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
    inside: AtomicUsize,
}

impl Gate {
    fn pass(&self) {
        self.inside.fetch_add(1, Ordering::SeqCst);
        let open = self.open.lock().unwrap();
        drop(self.opened.wait_while(open, |open| !*open).unwrap());
    }

    /// Waits until so many are inside; more of them would come in within the time that the test then waits for others.
    async fn holds(&self, count: usize) {
        while self.inside.load(Ordering::SeqCst) < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

/// Opens its gate even when the test fails, for a runtime waits for its threads.
struct Held(Arc<Gate>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// Asks for more slow reads than may run.
fn slow_reads(store: &Arc<EmbeddedStore>, of: impl Fn(&EmbeddedStore) -> Arc<Semaphore>) -> Held {
    let gate = Arc::new(Gate::default());
    let held = Held(gate.clone());
    for _ in 0..100 {
        let (store, turns, gate) = (store.clone(), of(store), gate.clone());
        tokio::spawn(async move {
            let pass = move |_: &Shared| {
                gate.pass();
                Ok(())
            };
            store.blocking(&turns, pass).await
        });
    }
    held
}

const SOON: Duration = Duration::from_millis(100);

#[tokio::test]
async fn reads_of_rows_wait_their_turn_and_those_in_memory_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()).unwrap());
    store.append(frame(1)).await.unwrap();
    let held = slow_reads(&store, |store| store.row_reads.clone());
    let gate = held.0.clone();
    gate.holds(ROW_READS).await;
    let (unknown, range) = (key(7), KeyWriter::new().part(b"t").range());
    assert!(timeout(SOON, store.get(unknown.as_bytes())).await.is_err(), "a turn was free");
    assert!(timeout(SOON, store.scan(&range, 10)).await.is_err(), "a turn was free");
    assert_eq!(gate.inside.load(Ordering::SeqCst), ROW_READS);
    assert!(store.get(key(1).as_bytes()).await.unwrap().exists(), "what is in memory needs no thread");
    store.append(frame(2)).await.unwrap();
    assert_eq!(store.records(&query(10)).await.unwrap().records.len(), 2, "the history has its own turns");
    gate.open();
    assert!(!store.get(unknown.as_bytes()).await.unwrap().exists());
    assert_eq!(store.scan(&range, 10).await.unwrap().len(), 2);
    assert_eq!(gate.inside.load(Ordering::SeqCst), 100, "everybody had a turn before");
}

#[tokio::test]
async fn searches_of_the_history_wait_their_turn_and_keep_nobody_from_rows() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()).unwrap());
    store.append(frame(1)).await.unwrap();
    let held = slow_reads(&store, |store| store.history_reads.clone());
    let gate = held.0.clone();
    gate.holds(HISTORY_READS).await;
    assert!(timeout(SOON, store.records(&query(10))).await.is_err(), "a turn was free");
    assert!(timeout(SOON, store.facts(Position(0), 10)).await.is_err(), "a turn was free");
    assert_eq!(gate.inside.load(Ordering::SeqCst), HISTORY_READS);
    assert!(!store.get(key(7).as_bytes()).await.unwrap().exists());
    gate.open();
    assert_eq!(store.records(&query(10)).await.unwrap().records.len(), 1);
}
