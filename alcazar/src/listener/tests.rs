//! The workers over real sockets, with a world that panics.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use alcazar_corridor::{Corridor, Registry, Universe};
use alcazar_ports::{Clock, Entropy, NoDatabases, SystemClock, SystemEntropy};
use alcazar_sigv4::{Credentials, Payload, Request, Signer, sha256};
use alcazar_store::engines::memory::MemoryStore;
use alcazar_store::seal::Sealer;
use alcazar_store::{Layer, Pending, Row, Store, StoreError};

use super::serve::Accepted;
use super::{Admission, Front, Limits, Pacer, TrustedProxies, Workers};
use crate::metrics::Metrics;
use crate::server::SERVICES;

/// An empty store whose reads can be made to panic.
#[derive(Default)]
struct Panicking {
    inner: MemoryStore,
    panics: AtomicBool,
}

impl Layer for Panicking {
    fn beneath(&self) -> &dyn Store {
        &self.inner
    }

    fn cached(&self, _: &[u8]) -> Option<Arc<Row>> {
        None
    }

    fn get<'a>(&'a self, key: &'a [u8]) -> Pending<'a, Result<Arc<Row>, StoreError>> {
        Box::pin(async move {
            assert!(!self.panics.load(Ordering::SeqCst), "the store panics");
            self.inner.get(key).await
        })
    }
}

/// The system's entropy, until it panics.
#[derive(Default)]
struct PanickingEntropy(AtomicBool);

impl Entropy for PanickingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        assert!(!self.0.load(Ordering::SeqCst), "the entropy panics");
        SystemEntropy.fill(bytes);
    }
}

/// One worker, with all that it needs.
struct Served {
    store: Arc<Panicking>,
    entropy: Arc<PanickingEntropy>,
    metrics: Arc<Metrics>,
    workers: Workers,
    admission: Arc<Admission>,
    pacer: Arc<Pacer>,
    listener: TcpListener,
}

impl Served {
    fn start() -> Self {
        let (store, entropy) = (Arc::new(Panicking::default()), Arc::new(PanickingEntropy::default()));
        let universe = Universe {
            clock: Arc::new(SystemClock::default()),
            entropy: entropy.clone(),
            databases: Arc::new(NoDatabases),
            store: store.clone(),
            sealer: Arc::new(Sealer::new(&[7; 32])),
            http: Arc::new(alcazar_ports::Offline),
            event_times: Arc::default(),
        };
        let (limits, metrics) = (Limits::default(), Arc::new(Metrics::default()));
        let corridor = Corridor::new(universe, Registry::new(SERVICES));
        let front = Front::new(corridor, limits, TrustedProxies::default(), metrics.clone(), None);
        Self {
            store,
            entropy,
            metrics,
            workers: Workers::start(1, &Arc::new(front)).unwrap(),
            admission: Admission::new(limits),
            pacer: Arc::new(Pacer::default()),
            listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(),
        }
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// A connection that the worker serves.
    fn connect(&self) -> TcpStream {
        let client = TcpStream::connect_timeout(&self.address(), Duration::from_secs(10)).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let (stream, _) = self.listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let place = self.admission.enter(peer, false).unwrap();
        self.workers.give(Accepted { stream, peer, place, beat: self.pacer.join() });
        client
    }

    /// A call that is signed with a key nobody has: the store is asked for it.
    fn call(&self, target: Option<&str>) -> Vec<u8> {
        let (service, body) = if target.is_some() {
            ("kms", "{}")
        } else {
            ("sts", "Action=GetCallerIdentity&Version=2011-06-15")
        };
        let host = self.address().to_string();
        let mut headers: Vec<(&str, &[u8])> = vec![("host", host.as_bytes())];
        match target {
            Some(target) => headers.extend([
                ("content-type", &b"application/x-amz-json-1.1"[..]),
                ("x-amz-target", target.as_bytes()),
            ]),
            None => headers.push(("content-type", b"application/x-www-form-urlencoded")),
        }
        let credentials =
            Credentials { access_key_id: "AKIAIOSFODNN7EXAMPLE", secret: "nobody knows", token: None };
        let signer = Signer { credentials, region: "us-east-1", service };
        let request = Request { method: "POST", path: "/", query: "", headers: &headers };
        let now = alcazar_sigv4::Timestamp::from_unix(SystemClock::default().wall().seconds());
        let signed = signer.sign(&request, Payload::Sha256(sha256(body.as_bytes())), now);
        let mut bytes = b"POST / HTTP/1.1\r\n".to_vec();
        let added = signed.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        for (name, value) in headers.iter().copied().chain(added) {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend(format!("content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
        bytes
    }

    fn waits_for_load(&self, load: usize) -> bool {
        (0..2000).any(|_| {
            sleep(Duration::from_millis(5));
            self.workers.loads() == [load]
        })
    }
}

/// Sends a request and reads its answer, in lower case.
fn ask(client: &mut TcpStream, request: &[u8]) -> String {
    client.write_all(request).unwrap();
    let mut answer = Vec::new();
    loop {
        let mut some = [0; 4096];
        let count = client.read(&mut some).unwrap();
        answer.extend_from_slice(&some[..count]);
        let text = String::from_utf8_lossy(&answer).to_lowercase();
        let length =
            |head: &str| head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && Some(body.len()) == length(head)
        {
            return text;
        }
        assert!(count > 0, "the connection ended after {text:?}");
    }
}

#[test]
fn a_call_that_panics_is_answered_and_its_connection_goes_on() {
    let served = Served::start();
    let mut client = served.connect();
    let known = ask(&mut client, &served.call(None));
    assert!(known.starts_with("http/1.1 403") && known.contains("invalidclienttokenid"), "{known}");
    served.store.panics.store(true, Ordering::SeqCst);
    for (target, expected) in [
        (None, "<code>internalfailure</code>"),
        (Some("TrentService.CreateKey"), r#""__type":"internalfailure""#),
    ] {
        let told = ask(&mut client, &served.call(target));
        assert!(told.starts_with("http/1.1 500") && told.contains(expected), "{told}");
        assert!(told.contains("x-amzn-requestid: ") && !told.contains("store panics"), "{told}");
    }
    served.store.panics.store(false, Ordering::SeqCst);
    assert_eq!(
        ask(&mut client, &served.call(None)).lines().next(),
        known.lines().next(),
        "the same connection is served as before"
    );
    let page = served.metrics.render(&crate::metrics::Gauges {
        connections: 0,
        calls: Vec::new(),
        resident_bytes: None,
    });
    assert!(page.contains("alcazar_refused_total{kind=\"call_panicked\"} 2"), "{page}");
    drop(client);
    assert!(served.waits_for_load(0), "{:?}", served.workers.loads());
    served.workers.end();
}

#[test]
fn a_connection_that_panics_gives_its_load_back_and_the_worker_goes_on() {
    let served = Served::start();
    let mut client = served.connect();
    assert!(served.waits_for_load(1));
    served.entropy.0.store(true, Ordering::SeqCst);
    // Too large: the listener itself refuses it, and draws the refusal's request id.
    client.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n").unwrap();
    let mut rest = Vec::new();
    // Whether it was closed or reset does not matter.
    let _ = client.read_to_end(&mut rest);
    assert!(rest.is_empty());
    assert!(served.waits_for_load(0), "{:?}", served.workers.loads());
    served.entropy.0.store(false, Ordering::SeqCst);
    let told = ask(&mut served.connect(), &served.call(None));
    assert!(told.starts_with("http/1.1 403"), "{told}");
    served.workers.end();
}
