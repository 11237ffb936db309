use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What the listener bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time.
    pub connections: usize,
    /// Connections at a time from one address; of IPv6, from one /64.
    pub connections_per_source: usize,
    /// Bytes of a request's line and headers together.
    pub header_bytes: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of all bodies that are being read, or whose calls are not answered yet.
    pub body_bytes_together: usize,
    /// Bytes a second that extend the time for a body.
    pub body_rate: u64,
    /// Time for a request's headers, and for a TLS handshake.
    pub header_timeout: Duration,
    /// Time for a request's body, beside what its rate earns.
    pub body_timeout: Duration,
    /// Time between requests.
    pub idle_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_source: 1024,
            header_bytes: 64 << 10,
            // The largest request of the services served here is a policy or a batch of a few hundred KiB.
            body_bytes: 1 << 20,
            body_bytes_together: 128 << 20,
            body_rate: 16 << 10,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(75),
        }
    }
}

/// Counts connections against their limits.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: Limits,
    all: AtomicUsize,
    sources: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection's place; free again when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    admission: Arc<Admission>,
    source: Option<IpAddr>,
}

/// Which limit a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// All connections.
    All,
    /// Those of its source.
    Source,
}

impl Admission {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, all: AtomicUsize::new(0), sources: Mutex::default() })
    }

    /// A place for a connection. A trusted proxy's are counted in whole only, for it speaks for many.
    pub(crate) fn enter(self: &Arc<Self>, source: IpAddr, proxy: bool) -> Result<Place, Full> {
        if self.all.fetch_add(1, Ordering::Relaxed) >= self.limits.connections {
            self.all.fetch_sub(1, Ordering::Relaxed);
            return Err(Full::All);
        }
        // From here on, dropping the place gives the count back.
        let mut place = Place { admission: self.clone(), source: None };
        if !proxy {
            let source = network(source);
            let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
            let count = sources.entry(source).or_default();
            if *count >= self.limits.connections_per_source {
                drop(sources);
                return Err(Full::Source);
            }
            *count += 1;
            place.source = Some(source);
        }
        Ok(place)
    }

    #[cfg(test)]
    fn count(&self) -> usize {
        self.all.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.admission.all.fetch_sub(1, Ordering::Relaxed);
        let Some(source) = self.source else { return };
        let mut sources = self.admission.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = sources.get_mut(&source) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                sources.remove(&source);
            }
        }
    }
}

/// An IPv6 host has a whole /64 to choose its addresses from.
fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// Memory for bodies, shared by all connections.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
}

/// A part of the budget; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(bytes) })
    }

    pub(crate) fn share(self: &Arc<Self>) -> Share {
        Share { budget: self.clone(), bytes: 0 }
    }
}

impl Share {
    /// Takes that many bytes more, if there are so many.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let taken =
            self.budget.left.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        if taken.is_ok() {
            self.bytes += bytes;
        }
        taken.is_ok()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.left.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(connections: usize, connections_per_source: usize) -> Arc<Admission> {
        Admission::new(Limits { connections, connections_per_source, ..Limits::default() })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_source_and_all_together_have_their_limit() {
        let admission = admission(3, 2);
        let first = admission.enter(ip("10.0.0.1"), false).unwrap();
        let _second = admission.enter(ip("10.0.0.1"), false).unwrap();
        assert_eq!(admission.enter(ip("10.0.0.1"), false).unwrap_err(), Full::Source);
        let _third = admission.enter(ip("10.0.0.2"), false).unwrap();
        assert_eq!(admission.enter(ip("10.0.0.3"), false).unwrap_err(), Full::All);
        drop(first);
        assert_eq!(admission.count(), 2);
        assert!(admission.enter(ip("10.0.0.1"), false).is_ok());
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_source() {
        let admission = admission(9, 1);
        let _first = admission.enter(ip("2001:db8::1"), false).unwrap();
        assert_eq!(admission.enter(ip("2001:db8::ffff"), false).unwrap_err(), Full::Source);
        assert!(admission.enter(ip("2001:db8:0:1::1"), false).is_ok());
    }

    #[test]
    fn a_proxy_speaks_for_many() {
        let admission = admission(9, 1);
        let _first = admission.enter(ip("10.0.0.1"), true).unwrap();
        assert!(admission.enter(ip("10.0.0.1"), true).is_ok());
    }

    #[test]
    fn the_budget_gets_back_what_was_taken() {
        let budget = Budget::new(10);
        let mut share = budget.share();
        assert!(share.grow(6) && !share.grow(5) && share.grow(4));
        assert!(!budget.share().grow(1));
        drop(share);
        assert!(budget.share().grow(10));
    }
}
