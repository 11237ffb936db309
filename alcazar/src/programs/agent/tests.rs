use std::collections::VecDeque;

use alcazar_core::Timestamp;
use alcazar_ports::{Http, HttpBounds, HttpError, HttpPending, ManualClock};
use bytes::Bytes;
use http::{Request, Response};

use super::*;

/// Secrets Manager by a script: what it is asked for, and what it answers.
#[derive(Default)]
struct Script(Mutex<(VecDeque<Answer>, Vec<String>)>);

type Answer = Result<(u16, String), HttpError>;

impl Http for Script {
    fn send(&self, request: Request<Bytes>, _: HttpBounds) -> HttpPending<'_> {
        let target = request.headers()["x-amz-target"].to_str().unwrap().to_owned();
        let mut script = self.0.lock().unwrap();
        script.1.push(format!("{} {}", target, String::from_utf8_lossy(request.body())));
        let answer = script.0.pop_front().expect("nothing more is asked");
        Box::pin(std::future::ready(
            answer.map(|(status, body)| Response::builder().status(status).body(Bytes::from(body)).unwrap()),
        ))
    }
}

struct World {
    agent: Agent,
    clock: Arc<ManualClock>,
    script: Arc<Script>,
}

impl World {
    fn new(entries: usize) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_700_000_000_000)));
        let script = Arc::new(Script::default());
        let upstream =
            Upstream::over(Arc::clone(&script) as Arc<dyn Http>, Arc::clone(&clock) as Arc<dyn Clock>);
        let bounds = Bounds { ttl: Duration::from_secs(300), entries, connections: 1 };
        let token = Token::new("t".to_owned());
        let agent =
            Agent::new(upstream, Arc::clone(&clock) as Arc<dyn Clock>, token, "/v1/".to_owned(), bounds);
        Self { agent, clock, script }
    }

    /// What the agent answers, and what it asked for, while the service answers so.
    async fn get(&self, uri: &str, answers: &[Answer]) -> (String, Vec<String>) {
        self.script.0.lock().unwrap().0.extend(answers.iter().cloned());
        let request = Request::get(uri).header("x-vault-token", "t").body(()).unwrap();
        let told = match self.agent.answer(&request.into_parts().0, false).await {
            Ok(body) => String::from_utf8(body.to_vec()).unwrap(),
            Err(refusal) => format!("{} {}", refusal.status, refusal.body),
        };
        let mut script = self.script.0.lock().unwrap();
        assert!(script.0.is_empty(), "an answer was not asked for");
        (told, std::mem::take(&mut script.1))
    }
}

fn value(version: &str, text: &str) -> Answer {
    let body = serde_json::json!({
        "ARN": "arn:s", "Name": "s", "VersionId": version, "SecretString": text, "VersionStages": ["AWSCURRENT"],
        "CreatedDate": 1_569_534_789.046,
    });
    Ok((200, body.to_string()))
}

fn versions(current: &str) -> Answer {
    Ok((200, serde_json::json!({ "VersionIdsToStages": { current: ["AWSCURRENT"] } }).to_string()))
}

fn shown(version: &str, text: &str) -> String {
    format!(
        r#"{{"ARN":"arn:s","Name":"s","VersionId":"{version}","SecretString":"{text}","VersionStages":["AWSCURRENT"],"CreatedDate":"1569534789.046"}}"#
    )
}

const GET: &str = r#"secretsmanager.GetSecretValue {"SecretId":"s"}"#;
const DESCRIBE: &str = r#"secretsmanager.DescribeSecret {"SecretId":"arn:s"}"#;

#[tokio::test]
async fn a_value_is_kept_until_it_is_old_and_then_asked_after() {
    let world = World::new(10);
    let uri = "/secretsmanager/get?secretId=s";
    assert_eq!(world.get(uri, &[value("v1", "one")]).await, (shown("v1", "one"), vec![GET.to_owned()]));
    world.clock.advance(Duration::from_secs(299));
    assert_eq!(world.get("/v1/s", &[]).await, (shown("v1", "one"), vec![]));
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.get(uri, &[versions("v1")]).await, (shown("v1", "one"), vec![DESCRIBE.to_owned()]));
    assert_eq!(world.get(uri, &[]).await, (shown("v1", "one"), vec![]));
    world.clock.advance(Duration::from_secs(300));
    let asked = vec![DESCRIBE.to_owned(), GET.to_owned()];
    assert_eq!(world.get(uri, &[versions("v2"), value("v2", "two")]).await, (shown("v2", "two"), asked));
    let fresh = format!("{uri}&refreshNow=true");
    assert_eq!(world.get(&fresh, &[value("v3", "three")]).await.0, shown("v3", "three"));
    assert_eq!(world.get(uri, &[]).await.0, shown("v3", "three"));
}

#[tokio::test]
async fn an_old_value_serves_while_the_service_is_out_of_reach_and_no_longer() {
    let world = World::new(10);
    let uri = "/secretsmanager/get?secretId=s";
    let gone = || Err(HttpError::Unreachable("refused".to_owned()));
    world.get(uri, &[value("v1", "one")]).await;
    world.clock.advance(Duration::from_secs(300));
    assert_eq!(world.get(uri, &[gone()]).await.0, shown("v1", "one"));
    world.clock.advance(Duration::from_secs(300));
    assert_eq!(world.get(uri, &[versions("v2"), gone()]).await.0, shown("v1", "one"));
    let told = world.get(&format!("{uri}&refreshNow=true"), &[gone()]).await.0;
    assert_eq!(told, r#"502 {"__type":"ConnectionError","message":"Read Error"}"#);
    world.clock.advance(Duration::from_secs(300));
    let throttled = Ok((400, r#"{"__type":"ThrottlingException","Message":"Rate exceeded"}"#.to_owned()));
    assert_eq!(world.get(uri, &[throttled]).await.0, shown("v1", "one"));
    world.clock.advance(Duration::from_secs(300));
    let denied = Ok((400, r#"{"__type":"AccessDeniedException","Message":"no \"s\""}"#.to_owned()));
    let told = world.get(uri, &[denied]).await.0;
    assert_eq!(told, r#"400 {"__type":"AccessDeniedException","message":"no \"s\""}"#);
}

/// Neither when the service is out of reach, nor while the value would be fresh.
#[tokio::test]
async fn who_lost_the_right_to_a_secret_gets_it_no_more() {
    let denied = || Ok((400, r#"{"__type":"AccessDeniedException","Message":"no"}"#.to_owned()));
    let gone = || Err(HttpError::Unreachable("refused".to_owned()));
    let refused = r#"502 {"__type":"ConnectionError","message":"Read Error"}"#;
    let uri = "/v1/s";
    let old = World::new(10);
    old.get(uri, &[value("v1", "one")]).await;
    old.clock.advance(Duration::from_secs(300));
    old.get(uri, &[denied()]).await;
    assert_eq!(old.get(uri, &[gone()]).await.0, refused);

    let fresh = World::new(10);
    fresh.get(uri, &[value("v1", "one")]).await;
    fresh.get("/v1/s?refreshNow=true", &[denied()]).await;
    assert_eq!(fresh.get(uri, &[gone()]).await.0, refused);
}

#[tokio::test]
async fn every_failure_has_its_status() {
    let world = World::new(10);
    for (answer, told) in [
        (Err(HttpError::TimedOut), r#"504 {"__type":"TimeoutError","message":"Timeout"}"#),
        (Err(HttpError::TooLarge), r#"502 {"__type":"ConnectionError","message":"Response Error"}"#),
        (Ok((200, "hunter2".to_owned())), r#"502 {"__type":"ConnectionError","message":"Response Error"}"#),
        (Ok((503, "<html>".to_owned())), r#"500 {"__type":"InternalFailure"}"#),
    ] {
        assert_eq!(world.get("/v1/s", &[answer]).await.0, told);
    }
}

#[tokio::test]
async fn of_too_many_values_the_one_used_longest_ago_goes() {
    let world = World::new(2);
    for name in ["a", "b"] {
        world.get(&format!("/v1/{name}"), &[value("v1", name)]).await;
    }
    assert_eq!(world.get("/v1/a", &[]).await.1, Vec::<String>::new());
    world.get("/v1/c", &[value("v1", "c")]).await;
    assert_eq!(world.get("/v1/a", &[]).await.0, shown("v1", "a"));
    assert_eq!(world.get("/v1/b", &[value("v1", "again")]).await.0, shown("v1", "again"));
}
