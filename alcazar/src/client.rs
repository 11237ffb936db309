//! A small client of a running server: signed calls of its own `alcazar` service, and its gates. One connection a call.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alcazar_core::SecretText;
use alcazar_ports::{Clock, SystemClock};
use alcazar_sigv4::{Credentials, Payload, Request, Signer, Timestamp, sha256};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use serde_json::Value;

use crate::trust::Trust;

/// How long a connection, and then each read and write, may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers are small; what is longer is not this server's.
const LONGEST: u64 = 16 << 20;

/// Whom to call, and as whom.
#[derive(Debug, Clone)]
pub struct Client {
    /// `http://127.0.0.1:4566`.
    pub endpoint: String,
    /// The Region to sign for.
    pub region: String,
    /// What the server's certificate is trusted by; needed for `https`.
    pub ca_bundle: Option<PathBuf>,
    /// Whose call it is; gates need none.
    pub credentials: Option<ClientCredentials>,
}

/// An access key.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// `AKIA...`.
    pub access_key_id: String,
    /// The secret.
    pub secret: SecretText,
    /// The session token of temporary credentials.
    pub token: Option<SecretText>,
}

impl Client {
    /// Calls an operation of the server's own service.
    ///
    /// # Errors
    /// In words for the user: no server, no credentials, or the error that the server answered.
    pub fn call(&self, operation: &str, input: &Value) -> Result<Value, String> {
        let credentials = self
            .credentials
            .as_ref()
            .ok_or("no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")?;
        let (target, body) = (format!("Alcazar_20261101.{operation}"), input.to_string());
        let host = self.authority()?.to_owned();
        let named = [
            ("host", host.as_bytes()),
            ("content-type", b"application/x-amz-json-1.1".as_slice()),
            ("x-amz-target", target.as_bytes()),
        ];
        let signer = Signer {
            credentials: Credentials {
                access_key_id: &credentials.access_key_id,
                secret: credentials.secret.expose(),
                token: credentials.token.as_ref().map(SecretText::expose),
            },
            region: &self.region,
            service: "alcazar",
        };
        let request = Request { method: "POST", path: "/", query: "", headers: &named };
        let now = Timestamp::from_unix(SystemClock::default().wall().seconds());
        let signed = signer.sign(&request, Payload::Sha256(sha256(body.as_bytes())), now);
        let mut headers = format!("content-type: application/x-amz-json-1.1\r\nx-amz-target: {target}\r\n");
        for (name, value) in &signed.headers {
            headers.push_str(&format!("{name}: {value}\r\n"));
        }
        let (status, answer) = self.exchange("POST", "/", &headers, body.as_bytes())?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or(Value::Null);
        if status == 200 {
            return Ok(answer);
        }
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let code = text("__type").unwrap_or_else(|| format!("HTTP status {status}"));
        let message = text("message").or_else(|| text("Message")).unwrap_or_default();
        Err(format!("{code}: {message}"))
    }

    /// Reads an unsigned gate: the status and the body.
    ///
    /// # Errors
    /// When no server answers.
    pub fn gate(&self, path: &str) -> Result<(u16, String), String> {
        let (status, body) = self.exchange("GET", path, "", b"")?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", self.endpoint);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
            self.authority()?,
            body.len()
        );
        let mut stream = self.connect()?;
        let answer = (|| {
            stream.write_all(&[head.as_bytes(), body].concat())?;
            stream.flush()?;
            let mut answer = Vec::new();
            match stream.take(LONGEST).read_to_end(&mut answer) {
                // A server that closes without TLS's goodbye has still said all that its content-length announced.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                other => drop(other?),
            }
            Ok::<_, io::Error>(answer)
        })();
        parsed(&answer.map_err(|error| told(&error))?).ok_or_else(|| told(&"the answer is not HTTP"))
    }

    fn connect(&self) -> Result<Box<dyn Stream>, String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", self.endpoint);
        let authority = self.authority()?;
        let secure = self.endpoint.starts_with("https://");
        let (host, port) =
            split(authority, if secure { 443 } else { 80 }).ok_or_else(|| told(&"no host and port"))?;
        let stream = open((host, port)).map_err(|error| told(&error))?;
        if !secure {
            return Ok(Box::new(stream));
        }
        let bundle = self.ca_bundle.as_deref().ok_or("https wants a CA bundle: set AWS_CA_BUNDLE")?;
        let config = Trust::of(Some(bundle))?.proven()?;
        let name = ServerName::try_from(host.to_owned()).map_err(|error| told(&error))?;
        let session = ClientConnection::new(Arc::new(config), name).map_err(|error| told(&error))?;
        Ok(Box::new(StreamOwned::new(session, stream)))
    }

    /// `127.0.0.1:4566`.
    fn authority(&self) -> Result<&str, String> {
        let rest = self.endpoint.strip_prefix("http://").or_else(|| self.endpoint.strip_prefix("https://"));
        let rest = rest
            .map(|rest| rest.trim_end_matches('/'))
            .filter(|rest| !rest.is_empty() && !rest.contains('/'));
        rest.ok_or_else(|| format!("{:?} is no endpoint; write http://127.0.0.1:4566", self.endpoint))
    }
}

trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

fn open(address: (&str, u16)) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
    let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// `[::1]:80`, `host:80`, `host`.
fn split(authority: &str, default: u16) -> Option<(&str, u16)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        let port = rest.strip_prefix(':').map_or(Some(default), |port| port.parse().ok())?;
        return Some((host, port));
    }
    match authority.rsplit_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((authority, default)),
    }
}

/// Status and body; the body is what its content-length says, or all there is.
fn parsed(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(answer.get(..end)?).ok()?, answer.get(end + 4..)?);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse().ok());
    let body = match length {
        Some(length) => body.get(..length)?,
        None => body,
    };
    Some((status, body.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_announced_end() {
        let whole = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}rest";
        assert_eq!(parsed(whole), Some((400, b"{}".to_vec())));
        assert_eq!(parsed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"), None);
        assert_eq!(parsed(b"SSH-2.0"), None);
    }

    #[test]
    fn endpoints_have_a_scheme_and_no_path() {
        let authority = |endpoint: &str| {
            let client = Client {
                endpoint: endpoint.to_owned(),
                region: String::new(),
                ca_bundle: None,
                credentials: None,
            };
            client.authority().map(str::to_owned).ok()
        };
        assert_eq!(authority("http://[::1]:4566/").as_deref(), Some("[::1]:4566"));
        assert_eq!(authority("127.0.0.1:4566"), None);
        assert_eq!(authority("http://host/path"), None);
        assert_eq!(split("[::1]:4566", 80), Some(("::1", 4566)));
        assert_eq!(split("localhost", 443), Some(("localhost", 443)));
    }
}
