//! Calls of AWS services from the commands that bring secrets to programs: signed, over the HTTP port, to this installation or to AWS alike.

mod error;
mod secrets;

pub(crate) use error::CallError;
pub(crate) use secrets::{SecretValue, VersionOf};

use std::sync::Arc;
use std::time::Duration;

use alcazar_ports::{Clock, Http, HttpBounds};
use alcazar_sigv4::{Credentials, Payload, Request, Signer, Timestamp, sha256};
use bytes::Bytes;
use http::Uri;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::client::{Client, ClientCredentials};
use crate::configuration::text_variable;
use crate::outside::Outside;
use crate::trust::Trust;

/// How long a call may take; the longest answer is a page of secrets.
const BOUNDS: HttpBounds = HttpBounds { deadline: Duration::from_secs(30), body: 16 << 20, repeatable: true };

const FORM: &str = "application/x-amz-json-1.1";

/// By which AWS's tools are told the endpoint of a single service.
pub(crate) const ENDPOINT_VARIABLES: [&str; 2] = ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SSM"];

/// A service of the AWS JSON 1.1 protocol.
#[derive(Debug)]
pub(crate) struct AwsService {
    signing_name: &'static str,
    target: &'static str,
    /// Its own endpoint, as AWS's tools name it.
    variable: &'static str,
}

/// AWS Secrets Manager.
pub(crate) const SECRETS_MANAGER: AwsService =
    AwsService { signing_name: "secretsmanager", target: "secretsmanager", variable: ENDPOINT_VARIABLES[0] };

/// AWS Systems Manager, of which Parameter Store is a part.
pub(crate) const SSM: AwsService =
    AwsService { signing_name: "ssm", target: "AmazonSSM", variable: ENDPOINT_VARIABLES[1] };

/// Where the services are, and as whom they are called.
pub(crate) struct Upstream {
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    endpoint: String,
    region: String,
    credentials: ClientCredentials,
    own_endpoints: bool,
}

impl Upstream {
    /// Where that client calls, as whom it calls; AWS's variables for single services win if `own_endpoints`.
    ///
    /// # Errors
    /// Without credentials, or when what the server is trusted by cannot be read.
    pub(crate) fn of(client: Client, clock: Arc<dyn Clock>, own_endpoints: bool) -> Result<Self, String> {
        let credentials =
            client.credentials.ok_or("no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")?;
        let http = Arc::new(Outside::new(Trust::of(client.ca_bundle.as_deref())?, Arc::clone(&clock)));
        let Client { endpoint, region, .. } = client;
        Ok(Self { http, clock, endpoint, region, credentials, own_endpoints })
    }

    /// The same over another HTTP, for tests.
    #[cfg(test)]
    pub(crate) fn over(http: Arc<dyn Http>, clock: Arc<dyn Clock>) -> Self {
        let secret = "secret".to_owned().into();
        let credentials = ClientCredentials { access_key_id: "AKIAEXAMPLE".to_owned(), secret, token: None };
        let (endpoint, region) = ("http://127.0.0.1:4566".to_owned(), "us-east-1".to_owned());
        Self { http, clock, endpoint, region, credentials, own_endpoints: false }
    }

    /// Calls an operation.
    ///
    /// # Errors
    /// What the service answered, or why there is no answer.
    pub(crate) async fn call<O: DeserializeOwned>(
        &self,
        service: &AwsService,
        operation: &str,
        input: &impl Serialize,
    ) -> Result<O, CallError> {
        let unfit = |error: &dyn std::fmt::Display| CallError::Unreachable(error.to_string());
        let body = Zeroizing::new(serde_json::to_vec(input).map_err(|error| unfit(&error))?);
        let request = self.signed(service, operation, body)?;
        let answer = self.http.send(request, BOUNDS).await?;
        if answer.status().is_success() {
            // The parser's own words could hold a piece of the value.
            return serde_json::from_slice(answer.body()).map_err(|_| CallError::Malformed);
        }
        Err(CallError::of(answer.status().as_u16(), answer.headers(), answer.body()))
    }

    fn signed(
        &self,
        service: &AwsService,
        operation: &str,
        body: Zeroizing<Vec<u8>>,
    ) -> Result<http::Request<Bytes>, CallError> {
        let unfit = |error: &dyn std::fmt::Display| CallError::Unreachable(error.to_string());
        let endpoint = self.endpoint(service);
        let uri: Uri = endpoint.parse().map_err(|error| unfit(&error))?;
        let host = uri.authority().ok_or_else(|| unfit(&format!("{endpoint:?} is no endpoint")))?.to_string();
        let target = format!("{}.{operation}", service.target);
        let named = [
            ("content-type", FORM.as_bytes()),
            ("host", host.as_bytes()),
            ("x-amz-target", target.as_bytes()),
        ];
        let ClientCredentials { access_key_id, secret, token } = &self.credentials;
        let signer = Signer {
            credentials: Credentials {
                access_key_id,
                secret: secret.expose(),
                token: token.as_ref().map(alcazar_core::SecretText::expose),
            },
            region: &self.region,
            service: service.signing_name,
        };
        let path = uri.path();
        let request = Request { method: "POST", path, query: "", headers: &named };
        let now = Timestamp::from_unix(self.clock.wall().seconds());
        let signed = signer.sign(&request, Payload::Sha256(sha256(&body)), now);
        let mut request = http::Request::post(&uri)
            .header("content-type", FORM)
            .header("host", &host)
            .header("user-agent", concat!("alcazar/", env!("CARGO_PKG_VERSION")))
            .header("x-amz-target", &target);
        for (name, value) in &signed.headers {
            request = request.header(*name, value);
        }
        request.body(Bytes::from_owner(body)).map_err(|error| unfit(&error))
    }

    fn endpoint(&self, service: &AwsService) -> String {
        let own = self.own_endpoints.then(|| text_variable(service.variable)).flatten();
        // AWS has an endpoint for each service: `https://{service}.eu-west-1.amazonaws.com`.
        own.unwrap_or_else(|| self.endpoint.replace("{service}", service.signing_name))
    }
}
