//! Requests as a client's bytes: signed before the measurement begins, sent again and again within the clock's window.

use std::time::SystemTime;

use alcazar_sigv4::{Credentials, Payload, Request, Signer, Timestamp, sha256};

/// Who signs.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// A call of an operation.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `kms`, `sts`, `iam`: the signing name.
    pub(crate) service: &'static str,
    /// `TrentService.Encrypt`; for the query protocol none.
    pub(crate) target: Option<&'static str>,
    /// JSON, or a form.
    pub(crate) body: String,
}

impl Call {
    /// A call of KMS.
    pub(crate) fn kms(target: &'static str, body: String) -> Self {
        Self { service: "kms", target: Some(target), body }
    }

    /// A call in the query protocol.
    pub(crate) fn query(service: &'static str, form: &str) -> Self {
        Self { service, target: None, body: form.to_owned() }
    }

    /// The whole request, signed now. The headers are those of a stock client.
    pub(crate) fn signed(&self, key: &Key, address: &str) -> Vec<u8> {
        let content_type = match self.target {
            Some(_) => "application/x-amz-json-1.1",
            None => "application/x-www-form-urlencoded; charset=utf-8",
        };
        let mut headers = vec![("host", address.to_owned()), ("content-type", content_type.to_owned())];
        headers.extend(self.target.map(|target| ("x-amz-target", target.to_owned())));
        headers.push((
            "user-agent",
            "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux md/arch#x86_64".to_owned(),
        ));
        let body = self.body.as_bytes();
        let signer = Signer {
            credentials: Credentials { access_key_id: &key.id, secret: &key.secret, token: None },
            region: "us-east-1",
            service: self.service,
        };
        let borrowed: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let request = Request { method: "POST", path: "/", query: "", headers: &borrowed };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let time = Timestamp::from_unix(now.as_secs() as i64);
        let signed = signer.sign(&request, Payload::Sha256(sha256(body)), time);
        headers.extend(signed.headers);
        headers.push(("content-length", body.len().to_string()));
        headers.push(("accept-encoding", "identity".to_owned()));
        let head: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        [b"POST / HTTP/1.1\r\n", head.as_bytes(), b"\r\n", body].concat()
    }
}
