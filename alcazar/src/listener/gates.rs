//! Gates: the endpoints that are not AWS's and are not signed. The list is short and pinned, each with its reason.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};

/// An endpoint outside of the corridor.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// Its path.
    pub path: &'static str,
    /// Why it is not signed.
    pub reason: &'static str,
    ask: Asked,
}

#[derive(Debug, Clone, Copy)]
enum Asked {
    Alive,
    Ready,
}

/// All of them.
pub static GATES: &[Gate] = &[
    Gate {
        path: "/_alcazar/health",
        reason: "whoever watches over the process has no key of its own; tells nothing but that it answers",
        ask: Asked::Alive,
    },
    Gate {
        path: "/_alcazar/ready",
        reason: "a load balancer has no key either; tells nothing but whether calls are taken",
        ask: Asked::Ready,
    },
];

/// The answer of the gate at that path, if there is one. `ready` is asked only where it matters.
pub(super) async fn answer(
    path: &str,
    method: &Method,
    ready: impl AsyncFnOnce() -> bool,
) -> Option<Response<Bytes>> {
    let gate = GATES.iter().find(|gate| gate.path == path)?;
    if method != Method::GET && method != Method::HEAD {
        let mut answer = told(StatusCode::METHOD_NOT_ALLOWED, r#"{"status":"only GET"}"#);
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return Some(answer);
    }
    let good = match gate.ask {
        Asked::Alive => true,
        Asked::Ready => ready().await,
    };
    Some(match (good, gate.ask) {
        (true, Asked::Alive) => told(StatusCode::OK, r#"{"status":"alive"}"#),
        (true, Asked::Ready) => told(StatusCode::OK, r#"{"status":"ready"}"#),
        (false, _) => told(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"not ready"}"#),
    })
}

fn told(status: StatusCode, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_unsigned_endpoints_is_this_one() {
        let paths: Vec<&str> = GATES.iter().map(|gate| gate.path).collect();
        assert_eq!(paths, ["/_alcazar/health", "/_alcazar/ready"]);
    }
}
