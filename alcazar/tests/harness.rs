//! A program of its own for each test: free ports, fresh folders, no environment but its own.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use alcazar::credentials::{EndpointFile, RootFile, read};
use alcazar_ports::{Clock, SystemClock};
use alcazar_sigv4::{Credentials, Payload, Request, Signer, Timestamp, sha256};
use tempfile::TempDir;

/// The installation's folders, which outlive its processes.
pub(crate) struct Home {
    folder: TempDir,
}

/// A running server.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) endpoint: EndpointFile,
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A connection, raw.
pub(crate) struct Wire(pub(crate) TcpStream);

/// An access key and how to sign with it.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    /// Seconds that the signer's clock is ahead.
    pub(crate) ahead: i64,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn private(&self) -> PathBuf {
        self.path().join("config/alcazar")
    }

    /// The command with nothing of this test's environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alcazar"));
        command
            .args(arguments)
            .env_clear()
            .env("XDG_DATA_HOME", self.path().join("data"))
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts the server on free ports and waits until it accepts connections.
    pub(crate) fn start(&self, arguments: &[&str]) -> Program {
        self.start_with(arguments, &[])
    }

    pub(crate) fn start_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Program {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--log-level", "warn"]);
        command.args(arguments).envs(environment.iter().copied());
        self.started(command)
    }

    /// Starts the server with everything in a log that a log can have, and the account that examples name.
    pub(crate) fn start_logged(&self, log: &Path) -> Program {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--log-level", "trace"]);
        command.stderr(fs::File::create(log).unwrap()).env("ALCAZAR_ACCOUNT_ID", "111122223333");
        self.started(command)
    }

    fn started(&self, mut command: Command) -> Program {
        let _ = fs::remove_file(self.private().join("endpoint.toml"));
        let mut child = command.spawn().unwrap();
        for _ in 0..1500 {
            if let Ok(Some(endpoint)) = read::<EndpointFile>(&self.private().join("endpoint.toml")) {
                let address = endpoint.endpoint.split_once("://").unwrap().1.parse().unwrap();
                return Program { child, address, endpoint };
            }
            assert!(child.try_wait().unwrap().is_none(), "the server ended at its start");
            sleep(Duration::from_millis(20));
        }
        panic!("the server did not start within half a minute");
    }

    /// Starts the server where it must refuse, and returns what it says.
    pub(crate) fn refused(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        let output = command.args(arguments).envs(environment.iter().copied()).output().unwrap();
        assert!(!output.status.success(), "the server stopped without an error");
        String::from_utf8(output.stderr).unwrap()
    }

    /// The root user's key.
    pub(crate) fn root(&self) -> Key {
        let root: RootFile = read(&self.private().join("root.toml")).unwrap().unwrap();
        Key {
            id: root.access_key_id,
            secret: root.secret_access_key.expose().to_owned(),
            token: None,
            ahead: 0,
        }
    }
}

impl Program {
    pub(crate) fn connect(&self) -> Wire {
        let stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(5)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
        Wire(stream)
    }

    /// One request on a connection of its own.
    pub(crate) fn ask(&self, request: &[u8]) -> Answer {
        let mut wire = self.connect();
        wire.send(request);
        wire.answer()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(
            format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address).as_bytes(),
        )
    }

    /// A signed call of a JSON service.
    pub(crate) fn json(&self, key: &Key, target: &str, body: &[u8]) -> Vec<u8> {
        let service = match target.rsplit_once('.').unwrap().0 {
            "TrentService" => "kms",
            "Alcazar_20261101" => "alcazar",
            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101" => "cloudtrail",
            other => panic!("{other}"),
        };
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        self.signed(key, service, &headers, body)
    }

    /// A signed call of a query service: `Action=...`, without the version.
    pub(crate) fn query(&self, key: &Key, service: &str, parameters: &str) -> Vec<u8> {
        let version = match service {
            "sts" => "2011-06-15",
            "iam" => "2010-05-08",
            other => panic!("{other}"),
        };
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        self.signed(key, service, &headers, format!("{parameters}&Version={version}").as_bytes())
    }

    pub(crate) fn signed(&self, key: &Key, service: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        self.signed_in("us-east-1", key, service, headers, body)
    }

    /// The same in another Region.
    pub(crate) fn signed_in(
        &self,
        region: &str,
        key: &Key,
        service: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Vec<u8> {
        let host = self.address.to_string();
        let mut named: Vec<(&str, &[u8])> = vec![("host", host.as_bytes())];
        named.extend(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let signer = Signer {
            credentials: Credentials {
                access_key_id: &key.id,
                secret: &key.secret,
                token: key.token.as_deref(),
            },
            region,
            service,
        };
        let request = Request { method: "POST", path: "/", query: "", headers: &named };
        let now = Timestamp::from_unix(SystemClock::default().wall().seconds() + key.ahead);
        let signed = signer.sign(&request, Payload::Sha256(sha256(body)), now);
        let mut bytes = b"POST / HTTP/1.1\r\n".to_vec();
        let added = signed.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        for (name, value) in named.iter().copied().chain(added) {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend(body);
        bytes
    }

    /// Resident memory now and at its highest, in KiB.
    pub(crate) fn memory(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
        };
        (line("VmRSS:"), line("VmHWM:"))
    }

    /// A line of the metrics.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let address: SocketAddr = self.endpoint.metrics.as_deref().unwrap().parse().unwrap();
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: metrics\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .map_or(0, |value| value.parse().unwrap())
    }

    /// As an operator stops it; returns how long it took.
    pub(crate) fn terminate(mut self) -> Duration {
        let asked = alcazar::metrics::Stopwatch::start();
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        asked.elapsed()
    }

    /// As the power fails.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Wire {
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// Sends as far as the server lets it.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).is_ok()
    }

    /// The next answer: head and announced body.
    pub(crate) fn answer(&mut self) -> Answer {
        self.try_answer().expect("an answer before the end of the connection")
    }

    /// The next answer, or `None` when the connection ends without one.
    pub(crate) fn try_answer(&mut self) -> Option<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match self.0.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                Ok(_) => return None,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("no answer in time"),
                Err(_) => return None,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let lower = head.to_ascii_lowercase();
        let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length = length.map_or(0, |length| length.trim().parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        let status = head.get(9..12).unwrap().parse().unwrap();
        Some(Answer { status, head: lower, body: String::from_utf8(body).unwrap() })
    }

    /// Whether the server ends the connection within some seconds.
    pub(crate) fn ends(&mut self) -> bool {
        self.0.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

impl Answer {
    /// The error's code in either form: `__type` or `<Code>`.
    pub(crate) fn code(&self) -> String {
        let between = |before: &str, after: &str| {
            let rest = self.body.split_once(before)?.1;
            Some(rest.split_once(after)?.0.to_owned())
        };
        let json = between("\"__type\":\"", "\"");
        json.or_else(|| between("<Code>", "</Code>")).unwrap_or_else(|| format!("none in {:?}", self.body))
    }

    pub(crate) fn is(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.body);
    }

    /// The text of the first such member or element.
    pub(crate) fn text(&self, name: &str) -> String {
        let json: Option<String> = serde_json::from_str::<serde_json::Value>(&self.body)
            .ok()
            .and_then(|body| found(&body, name).map(str::to_owned));
        let xml = || Some(self.body.split_once(&format!("<{name}>"))?.1.split_once('<')?.0.to_owned());
        json.or_else(xml).unwrap_or_else(|| panic!("no {name} in {}", self.body))
    }
}

fn found<'v>(value: &'v serde_json::Value, name: &str) -> Option<&'v str> {
    match value {
        serde_json::Value::Object(members) => members
            .get(name)
            .and_then(serde_json::Value::as_str)
            .or_else(|| members.values().find_map(|value| found(value, name))),
        serde_json::Value::Array(items) => items.iter().find_map(|value| found(value, name)),
        _ => None,
    }
}
