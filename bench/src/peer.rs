//! The peer: OpenBao's transit engine with its file audit on, which is what people run who want keys on their own machines.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::Outcome;
use crate::load::once;
use crate::process::Server;

/// A running OpenBao with a key of each kind.
pub(crate) struct Peer {
    pub(crate) server: Server,
    pub(crate) address: String,
    token: String,
}

impl Peer {
    /// Starts it in that folder: storage in memory (transit writes none when it encrypts), every call in an audit file.
    pub(crate) fn start(executable: &Path, folder: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(folder)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let configuration = format!(
            r#"disable_mlock = true
log_level = "error"
storage "inmem" {{}}
listener "tcp" {{
  address = "{address}"
  tls_disable = true
}}
audit "file" "calls" {{
  options {{ file_path = "{}" }}
}}
"#,
            folder.canonicalize()?.join("audit.log").display()
        );
        let file = folder.join("configuration.hcl");
        std::fs::write(&file, configuration)?;
        let mut command = Command::new(executable);
        command.args(["server", "-config"]).arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let mut peer = Self { server: Server::start(&mut command)?, address, token: String::new() };
        let shares = json!({"secret_shares": 1, "secret_threshold": 1});
        let made = (0..100).find_map(|_| {
            std::thread::sleep(Duration::from_millis(100));
            peer.ask("PUT", "sys/init", &shares).ok()
        });
        let made = made.ok_or("OpenBao does not answer")?;
        let text = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let key = text("/keys/0").ok_or("OpenBao gave no key")?;
        peer.token = text("/root_token").ok_or("OpenBao gave no token")?;
        peer.ask("PUT", "sys/unseal", &json!({"key": key}))?;
        // It becomes active a moment later.
        let mounted = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            peer.ask("POST", "sys/mounts/transit", &json!({"type": "transit"})).is_ok()
        });
        if !mounted {
            return Err("OpenBao does not mount transit".into());
        }
        for (name, kind) in [("aes", "aes256-gcm96"), ("rsa", "rsa-2048"), ("p256", "ecdsa-p256")] {
            peer.ask("POST", &format!("transit/keys/{name}"), &json!({"type": kind}))?;
        }
        Ok(peer)
    }

    /// Encrypts so many bytes.
    pub(crate) fn encrypt(&self, length: usize) -> Vec<u8> {
        self.request("POST", "transit/encrypt/aes", &json!({"plaintext": crate::program::base64(length)}))
    }

    /// Signs 1 KiB with that key.
    pub(crate) fn sign(&self, key: &str) -> Vec<u8> {
        let body = json!({"input": crate::program::base64(1024), "signature_algorithm": "pkcs1v15"});
        self.request("POST", &format!("transit/sign/{key}"), &body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Outcome<Value> {
        let answer = once(&self.address, &self.request(method, path, body))?;
        Ok(if answer.is_empty() { Value::Null } else { serde_json::from_str(&answer)? })
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Vec<u8> {
        let (body, Self { address, token, .. }) = (body.to_string(), self);
        let length = body.len();
        format!(
            "{method} /v1/{path} HTTP/1.1\r\nhost: {address}\r\nx-vault-token: {token}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}
