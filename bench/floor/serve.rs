use std::convert::Infallible;
use std::rc::Rc;
use std::time::SystemTime;

use alcazar_sigv4::{
    Dialect, Endpoint, Family, PayloadHash, Presented, SignatureError, Timestamp, sha256, verify,
};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use crate::encrypt::Encrypt;
use crate::log::WorkerLog;

/// What the log takes for each call: as long as the audit record of an Encrypt.
static RECORD: [u8; 1024] = [b'r'; 1024];

/// Serves a connection until it ends.
pub(crate) async fn connection(
    stream: std::net::TcpStream,
    encrypt: Rc<Encrypt>,
    log: Option<Rc<WorkerLog>>,
) {
    let Ok(stream) = tokio::net::TcpStream::from_std(stream) else { return };
    let service = service_fn(|request| {
        let (encrypt, log) = (encrypt.clone(), log.clone());
        async move { Ok::<_, Infallible>(answer(request, &encrypt, log.as_deref()).await) }
    });
    let mut protocol = http1::Builder::new();
    // The program has these settings too.
    protocol.writev(false).header_read_timeout(None);
    let _ = protocol.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    encrypt: &Encrypt,
    log: Option<&WorkerLog>,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let answered = match whole(body).await {
        Some(body) => match verified(&head, &body, encrypt) {
            Ok(()) => encrypt.answer(&body),
            Err(_) => None,
        },
        None => None,
    };
    let Some(answered) = answered else {
        let mut refusal = Response::new(Full::new(Bytes::new()));
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        return refusal;
    };
    if let Some(log) = log {
        log.append(&RECORD).await;
    }
    let mut response = Response::new(Full::new(Bytes::from(answered)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    response
}

/// The body; most come in one piece, which is not copied.
async fn whole(mut body: Incoming) -> Option<Bytes> {
    let first = body.frame().await?.ok()?.into_data().ok()?;
    if body.is_end_stream() {
        return Some(first);
    }
    let rest = body.collect().await.ok()?.to_bytes();
    Some([first, rest].concat().into())
}

fn verified(head: &http::request::Parts, body: &[u8], encrypt: &Encrypt) -> Result<(), SignatureError> {
    let headers: Vec<(&str, &[u8])> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = alcazar_sigv4::Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers,
    };
    let presented = Presented::read(&request)?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let endpoint = Endpoint {
        service: "kms",
        region: Some("us-east-1"),
        dialect: Dialect::of("kms", Family::Json),
        now: Timestamp::from_unix(now.as_secs() as i64),
    };
    let checked = presented.check(&request, &endpoint)?;
    let key = encrypt.signing_key(&presented);
    verify(&request, &checked, &key, PayloadHash::Sha256(sha256(body))).map(drop)
}
