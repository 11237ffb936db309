//! What the judges share: a request that owns its parts, and a server with one key.

use alcazar_sigv4::{
    Credentials, Dialect, Endpoint, Family, Payload, PayloadHash, Presented, Request, SignatureError, Signed,
    Signer, SigningKey, Timestamp, sha256,
};

pub(crate) const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const TIME: &str = "20150830T123600Z";

pub(crate) fn time() -> Timestamp {
    Timestamp::parse_basic(TIME.as_bytes()).unwrap()
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn with_request<T>(&self, f: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        f(&Request { method: &self.method, path: &self.path, query: &self.query, headers: &headers })
    }

    pub(crate) fn sign(&mut self, service: &str, region: &str, payload: Payload) -> Signed {
        let credentials = Credentials { access_key_id: ACCESS_KEY_ID, secret: SECRET, token: None };
        let signer = Signer { credentials, region, service };
        let signed = self.with_request(|request| signer.sign(request, payload, time()));
        let added =
            signed.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into_bytes()));
        self.headers.extend(added);
        signed
    }

    /// What a server of this service says of the request; it hashes the body first unless it is S3.
    pub(crate) fn judged(
        &self,
        service: &str,
        region: &str,
        now: Timestamp,
    ) -> Result<Payload, SignatureError> {
        self.with_request(|request| {
            let presented = Presented::read(request)?;
            let dialect = Dialect::of(service, Family::Json);
            let checked =
                presented.check(request, &Endpoint { service, region: Some(region), dialect, now })?;
            if presented.access_key_id() != ACCESS_KEY_ID {
                return Err(SignatureError::UnknownAccessKey(presented.access_key_id().to_owned()));
            }
            let key = SigningKey::derive(SECRET, presented.scope());
            let verified = alcazar_sigv4::verify(request, &checked, &key, self.payload_hash(service))?;
            if let Some(mut check) = verified.payload_check() {
                self.body.chunks(7).for_each(|part| check.update(part));
                check.finish()?;
            }
            Ok(verified.payload())
        })
    }

    pub(crate) fn payload_hash(&self, service: &str) -> PayloadHash {
        match service {
            "s3" => PayloadHash::AsDeclared,
            _ => PayloadHash::Sha256(sha256(&self.body)),
        }
    }
}
