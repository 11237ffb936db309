use http::request::Parts;
use http::{HeaderMap, Method};

use super::answer::Refusal;
use super::token::Token;
use crate::upstream::VersionOf;

/// A request that may be answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Ping,
    Secret { of: VersionOf, refresh: bool },
}

/// Reads a request, and finds fault in the agent's order.
pub(super) fn read(head: &Parts, token: &Token, prefix: &str, crowded: bool) -> Result<Asked, Refusal> {
    let path = head.uri.path();
    if crowded {
        return Err(Refusal::plain(429, "Connection limit exceeded"));
    }
    if path != "/ping" {
        may_ask(&head.headers, token)?;
    }
    if head.method != Method::GET {
        return Err(Refusal::plain(405, "Not allowed"));
    }
    let query = head.uri.query().unwrap_or_default();
    match path {
        "/ping" => Ok(Asked::Ping),
        "/secretsmanager/get" => asked(None, query),
        _ => match path.strip_prefix(prefix) {
            Some("") => Err(Refusal::plain(400, "missing secret ID")),
            Some(id) => asked(Some(decoded(id, false)?), query),
            None => Err(Refusal::plain(404, "Not found")),
        },
    }
}

/// A page in a browser, or a server that was talked into fetching an address, has no token; a proxy says for whom it asks.
fn may_ask(headers: &HeaderMap, token: &Token) -> Result<(), Refusal> {
    if headers.contains_key("x-forwarded-for") {
        return Err(Refusal::plain(400, "Forwarded"));
    }
    let given = ["x-aws-parameters-secrets-token", "x-vault-token"];
    let right = given.iter().filter_map(|name| headers.get(*name)).any(|given| token.is(given.as_bytes()));
    right.then_some(()).ok_or_else(|| Refusal::plain(403, "Bad Token"))
}

fn asked(of_path: Option<String>, query: &str) -> Result<Asked, Refusal> {
    let by_path = of_path.is_some();
    let (mut of, mut refresh) =
        (VersionOf { secret_id: of_path.unwrap_or_default(), ..VersionOf::default() }, false);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name, true)?, decoded(value, true)?);
        match name.as_str() {
            "secretId" if !by_path => of.secret_id = value,
            "versionId" => of.version_id = Some(value),
            "versionStage" => of.version_stage = Some(value),
            "refreshNow" => {
                refresh = match value.to_ascii_lowercase().as_str() {
                    "true" | "1" => true,
                    "false" | "0" => false,
                    _ => return Err(Refusal::plain(400, "invalid refreshNow value")),
                }
            }
            _ => return Err(Refusal::plain(400, &format!("unknown parameter: {name}"))),
        }
    }
    if of.secret_id.is_empty() {
        return Err(Refusal::plain(400, "missing parameter secretId"));
    }
    Ok(Asked::Secret { of, refresh })
}

/// `%41` and, in queries, `+`.
fn decoded(text: &str, plus: bool) -> Result<String, Refusal> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match byte {
            b'+' if plus => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                match (digit(ahead.next()), digit(ahead.next())) {
                    (Some(high), Some(low)) => {
                        bytes.push((high * 16 + low) as u8);
                        rest = ahead;
                    }
                    // A lone percent sign stands for itself, as browsers read it.
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| Refusal::plain(400, "the address is no text"))
}

#[cfg(test)]
mod tests {
    use http::Request;
    use proptest::prelude::*;

    use super::*;

    fn told(method: &str, uri: &str, headers: &[(&str, &str)]) -> String {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        match read(&head, &Token::new("t".to_owned()), "/v1/", false) {
            Ok(Asked::Ping) => "ping".to_owned(),
            Ok(Asked::Secret { of: VersionOf { secret_id, version_id, version_stage }, refresh }) => {
                format!("{secret_id} {version_id:?} {version_stage:?} {refresh}")
            }
            Err(Refusal { status, body }) => format!("{status} {body}"),
        }
    }

    #[test]
    fn both_forms_are_read() {
        let get = |uri: &str| told("GET", uri, &[("X-Aws-Parameters-Secrets-Token", "t")]);
        assert_eq!(get("/secretsmanager/get?secretId=a"), "a None None false");
        let all = "/secretsmanager/get?secretId=a%2Fb+c&versionId=v&versionStage=S&refreshNow=TRUE";
        assert_eq!(get(all), r#"a/b c Some("v") Some("S") true"#);
        assert_eq!(get("/v1/app/db?versionStage=S"), r#"app/db None Some("S") false"#);
        assert_eq!(get("/v1/a%3Ab+c%"), "a:b+c% None None false");
        assert_eq!(get("/v1/"), "400 missing secret ID");
        assert_eq!(get("/secretsmanager/get?versionId=v"), "400 missing parameter secretId");
        assert_eq!(get("/secretsmanager/get?secretId=a&refreshNow=2"), "400 invalid refreshNow value");
        assert_eq!(get("/v1/a?secretId=b"), "400 unknown parameter: secretId");
        assert_eq!(get("/v1/%ff"), "400 the address is no text");
        assert_eq!(get("/other"), "404 Not found");
    }

    #[test]
    fn only_who_knows_the_token_asks_and_nobody_for_another() {
        let uri = "/v1/a";
        assert_eq!(told("GET", uri, &[]), "403 Bad Token");
        assert_eq!(told("GET", uri, &[("x-aws-parameters-secrets-token", "tt")]), "403 Bad Token");
        assert_eq!(told("GET", uri, &[("x-vault-token", "t")]), "a None None false");
        assert_eq!(told("GET", uri, &[("x-vault-token", "t"), ("x-forwarded-for", "b")]), "400 Forwarded");
        assert_eq!(told("POST", uri, &[("x-vault-token", "t")]), "405 Not allowed");
        assert_eq!(told("GET", "/ping", &[("x-forwarded-for", "b")]), "ping");
        assert_eq!(told("GET", "/none", &[]), "403 Bad Token");
    }

    #[test]
    fn who_finds_no_seat_is_told_so_whatever_he_asks() {
        let (head, ()) = Request::get("/v1/a").body(()).unwrap().into_parts();
        let refused = read(&head, &Token::new("t".to_owned()), "/v1/", true);
        assert_eq!(refused, Err(Refusal::plain(429, "Connection limit exceeded")));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_nothing_passes_without_a_token(tail in "[!-~]{0,40}") {
            if let Ok(uri) = format!("/{tail}").parse::<http::Uri>() {
                let uri = uri.to_string();
                let without = told("GET", &uri, &[]);
                prop_assert!(without == "403 Bad Token" || uri.starts_with("/ping"), "{}", without);
                let _ = told("GET", &uri, &[("x-vault-token", "t")]);
            }
        }

        #[test]
        fn any_name_comes_through(id in "\\PC{1,20}") {
            let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let told = told("GET", &format!("/secretsmanager/get?secretId={encoded}"), &[("x-vault-token", "t")]);
            prop_assert_eq!(told, format!("{id} None None false"));
        }
    }
}
