//! What the program counts, and how Prometheus reads it (text exposition format 0.0.4).
//!
//! A request costs two atomic additions here; what the corridor counts by operation is read from its tally.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use alcazar_corridor::Count;
use alcazar_store::engines::embedded::Appends;

/// Upper bounds of the latency histogram's buckets, in microseconds.
const BUCKETS: [u64; 14] =
    [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

/// The counters.
#[derive(Debug, Default)]
pub struct Metrics {
    latency: [AtomicU64; BUCKETS.len() + 1],
    latency_micros: AtomicU64,
    accepted: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
    /// Counted by the store.
    pub(crate) appends: Arc<Appends>,
    history_forgotten: AtomicU64,
}

/// What is known elsewhere at the moment of reading.
#[derive(Debug)]
pub(crate) struct Gauges {
    pub(crate) connections: usize,
    pub(crate) calls: Vec<Count>,
    pub(crate) resident_bytes: Option<u64>,
}

/// Measures how long something takes.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// From now on.
    #[expect(clippy::disallowed_methods, reason = "the one place that measures; nothing is decided by it")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Until now.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

impl Metrics {
    /// A request was answered.
    pub(crate) fn answered(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.partition_point(|bound| *bound < micros);
        if let Some(count) = self.latency.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.latency_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// A connection was accepted.
    pub(crate) fn connected(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    /// The listener refused a connection or a request, or ended it.
    pub(crate) fn refused(&self, kind: &'static str) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += 1;
    }

    /// Whether the newest append failed: then no call can be answered.
    pub(crate) fn store_is_failing(&self) -> bool {
        self.appends.failing()
    }

    /// Records were forgotten.
    pub(crate) fn forgot(&self, records: u64) {
        self.history_forgotten.fetch_add(records, Ordering::Relaxed);
    }

    /// Everything, as Prometheus reads it.
    pub(crate) fn render(&self, gauges: &Gauges) -> String {
        let mut page = Page::default();
        page.metric(
            "alcazar_calls_total",
            "counter",
            "Calls by service, operation and error code; answers have no code.",
        );
        for line in &gauges.calls {
            let labels = [("service", line.service), ("operation", line.operation), ("code", line.code)];
            page.line("alcazar_calls_total", &labels, line.count);
        }
        self.render_latency(&mut page);
        page.metric(
            "alcazar_refused_total",
            "counter",
            "Connections and requests ended by the listener, by kind.",
        );
        for (kind, count) in self.refused.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            page.line("alcazar_refused_total", &[("kind", kind)], *count);
        }
        let counter = |value: &AtomicU64| value.load(Ordering::Relaxed);
        page.single("alcazar_connections", "gauge", "Open connections.", gauges.connections as u64);
        page.single("alcazar_connections_total", "counter", "Connections let in.", counter(&self.accepted));
        page.single("alcazar_store_appends_total", "counter", "Frames appended.", self.appends.appended());
        let failed = "Appends that failed; conflicts are not among them.";
        page.single("alcazar_store_append_failures_total", "counter", failed, self.appends.failed());
        page.single(
            "alcazar_store_position",
            "gauge",
            "Newest position seen in the log.",
            self.appends.head().0,
        );
        let forgotten = "Records that retention has removed.";
        page.single(
            "alcazar_history_forgotten_total",
            "counter",
            forgotten,
            counter(&self.history_forgotten),
        );
        if let Some(bytes) = gauges.resident_bytes {
            page.single("process_resident_memory_bytes", "gauge", "Resident memory.", bytes);
        }
        page.0
    }

    fn render_latency(&self, page: &mut Page) {
        const NAME: &str = "alcazar_request_duration_seconds";
        page.metric(NAME, "histogram", "From a request's headers to its answer.");
        let mut below = 0;
        for (index, count) in self.latency.iter().enumerate() {
            below += count.load(Ordering::Relaxed);
            let bound =
                BUCKETS.get(index).map_or("+Inf".to_owned(), |micros| (*micros as f64 / 1e6).to_string());
            page.line("alcazar_request_duration_seconds_bucket", &[("le", &bound)], below);
        }
        let seconds = self.latency_micros.load(Ordering::Relaxed) as f64 / 1e6;
        page.line("alcazar_request_duration_seconds_sum", &[], seconds);
        page.line("alcazar_request_duration_seconds_count", &[], below);
    }
}

/// The exposition being written. (Writing to a string cannot fail.)
#[derive(Default)]
struct Page(String);

impl Page {
    fn metric(&mut self, name: &str, kind: &str, about: &str) {
        let _ = writeln!(self.0, "# HELP {name} {about}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        // All label values are names from static tables: none needs escaping.
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn single(&mut self, name: &str, kind: &str, about: &str, value: u64) {
        self.metric(name, kind, about);
        self.line(name, &[], value);
    }
}

/// Resident memory of this process, where the system tells it.
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_what_prometheus_reads() {
        let metrics = Metrics::default();
        metrics.answered(Duration::from_micros(50));
        metrics.answered(Duration::from_micros(51));
        metrics.answered(Duration::from_secs(60));
        metrics.refused("malformed");
        let calls = vec![Count { service: "kms", operation: "Encrypt", code: "", count: 3 }];
        let page = metrics.render(&Gauges { connections: 2, calls, resident_bytes: None });
        for line in [
            "alcazar_calls_total{service=\"kms\",operation=\"Encrypt\",code=\"\"} 3",
            "alcazar_request_duration_seconds_bucket{le=\"0.00005\"} 1",
            "alcazar_request_duration_seconds_bucket{le=\"0.0001\"} 2",
            "alcazar_request_duration_seconds_bucket{le=\"+Inf\"} 3",
            "alcazar_request_duration_seconds_count 3",
            "alcazar_refused_total{kind=\"malformed\"} 1",
            "alcazar_connections 2",
            "alcazar_store_appends_total 0",
            "alcazar_store_position 0",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is not in\n{page}");
        }
    }
}
