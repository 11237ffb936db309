//! A hostile client. Whatever it sends, it gets AWS's error and status, or its connection ends as HTTP asks, within bounds of time
//! and memory; and whoever comes next is served as if nothing had been.

use std::fmt::Write as _;
use std::net::Shutdown;
use std::thread::sleep;
use std::time::Duration;

use alcazar::metrics::Stopwatch;

use crate::harness::{Answer, Home, Key, Program};

/// A program whose patience is short.
fn impatient() -> (Home, Program, Key) {
    let home = Home::new();
    let program = home.start(&[
        "--header-timeout",
        "1s",
        "--body-timeout",
        "1s",
        "--idle-timeout",
        "2s",
        "--drain-timeout",
        "2s",
    ]);
    let key = home.root();
    (home, program, key)
}

const IDENTITY: &str = "Action=GetCallerIdentity";
const CLOCK: &str = "Alcazar_20261101.GetClock";

fn served_as_before(program: &Program, key: &Key) {
    assert_eq!(program.ask(&program.query(key, "sts", IDENTITY)).status, 200);
}

#[test]
fn nobody_is_served_without_a_good_signature() {
    let (_home, program, root) = impatient();
    let host = program.address;
    let unsigned = |headers: &str, body: &str| {
        let length = body.len();
        program.ask(
            format!("POST / HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: {length}\r\n\r\n{body}")
                .as_bytes(),
        )
    };
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    unsigned(form, "Action=GetCallerIdentity&Version=2011-06-15").is(403, "MissingAuthenticationToken");
    let target = format!("content-type: application/x-amz-json-1.1\r\nx-amz-target: {CLOCK}\r\n");
    unsigned(&target, "{}").is(403, "MissingAuthenticationTokenException");
    let broken = format!("{target}authorization: AWS4-HMAC-SHA256 Credential=AKIA/2026\r\n");
    unsigned(&broken, "{}").is(400, "IncompleteSignatureException");

    let wrong = Key { secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(), ..root.clone() };
    program.ask(&program.query(&wrong, "sts", IDENTITY)).is(403, "SignatureDoesNotMatch");
    program.ask(&program.json(&wrong, CLOCK, b"{}")).is(400, "InvalidSignatureException");

    let nobody = Key { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), ..root.clone() };
    program.ask(&program.query(&nobody, "sts", IDENTITY)).is(403, "InvalidClientTokenId");
    program.ask(&program.json(&nobody, CLOCK, b"{}")).is(400, "UnrecognizedClientException");

    // What was signed for one body is not good for another.
    let mut altered = program.query(&root, "sts", IDENTITY);
    let at = altered.len() - 1;
    altered[at] = b'4';
    program.ask(&altered).is(403, "SignatureDoesNotMatch");

    let foreign = Key { token: Some("AQoDYXdzEPT//////////wEXAMPLE".to_owned()), ..root.clone() };
    program.ask(&program.query(&foreign, "sts", IDENTITY)).is(403, "InvalidClientTokenId");
    served_as_before(&program, &root);
}

#[test]
fn sessions_end_with_those_who_held_them_and_old_keys_with_their_state() {
    let (_home, program, root) = impatient();
    let iam = |parameters: &str| {
        let answer = program.ask(&program.query(&root, "iam", parameters));
        assert_eq!(answer.status, 200, "{parameters}: {}", answer.body);
        answer
    };
    let key_of = |answer: &Answer| Key {
        id: answer.text("AccessKeyId"),
        secret: answer.text("SecretAccessKey"),
        token: answer.body.contains("<SessionToken>").then(|| answer.text("SessionToken")),
        ahead: 0,
    };
    iam("Action=CreateUser&UserName=eve");
    let own = key_of(&iam("Action=CreateAccessKey&UserName=eve"));
    let session = key_of(&program.ask(&program.query(&own, "sts", "Action=GetSessionToken")));
    let call = |key: &Key| program.ask(&program.query(key, "sts", IDENTITY));
    assert_eq!(call(&session).text("Arn"), call(&own).text("Arn"));
    // A token is good with its own key alone, and not when it was changed.
    let stolen = Key { token: session.token.clone(), ..own.clone() };
    call(&stolen).is(403, "InvalidClientTokenId");
    let mut changed = session.clone();
    changed.token = changed.token.map(|token| token.replacen(|c: char| c.is_ascii_lowercase(), "A", 1));
    call(&changed).is(403, "InvalidClientTokenId");

    iam(&format!("Action=UpdateAccessKey&UserName=eve&AccessKeyId={}&Status=Inactive", own.id));
    call(&own).is(403, "InvalidClientTokenId");
    iam(&format!("Action=DeleteAccessKey&UserName=eve&AccessKeyId={}", own.id));
    iam("Action=DeleteUser&UserName=eve");
    call(&session).is(403, "InvalidClientTokenId");
    // Nor does it come back with a user of the same name.
    iam("Action=CreateUser&UserName=eve");
    call(&session).is(403, "InvalidClientTokenId");
}

#[test]
fn a_request_replayed_outside_of_its_window_is_refused() {
    let (_home, program, root) = impatient();
    let at = |minutes: i64| Key { ahead: minutes * 60, ..root.clone() };
    // STS bears fifteen minutes, JSON services five.
    for early in [-14, 14] {
        assert_eq!(program.ask(&program.query(&at(early), "sts", IDENTITY)).status, 200, "{early}");
    }
    for late in [-16, 16] {
        program.ask(&program.query(&at(late), "sts", IDENTITY)).is(403, "SignatureDoesNotMatch");
        program.ask(&program.json(&at(late), CLOCK, b"{}")).is(400, "InvalidSignatureException");
    }
}

#[test]
fn requests_that_mean_nothing_are_told_so_and_what_was_authenticated_is_recorded() {
    let (_home, program, root) = impatient();
    program.ask(&program.query(&root, "sts", "Action=Nonsense")).is(400, "InvalidAction");
    program
        .ask(&program.json(&root, "Alcazar_20261101.Nonsense", b"{}"))
        .is(400, "UnknownOperationException");
    let json = |body: &[u8]| program.ask(&program.json(&root, "Alcazar_20261101.CreateAccount", body));
    json(b"{\"Name\": \"trunca").is(400, "SerializationException");
    json(b"{\"Name\": \"\xff\xfe\"}").is(400, "SerializationException");
    json(b"{\"Name\": \"one\", \"Name\": \"two\"}").is(400, "SerializationException");
    json(&vec![b'['; 500_000]).is(400, "SerializationException");
    let mut nested = b"{\"x\":".repeat(50_000);
    nested.extend(b"1");
    json(&nested).is(400, "SerializationException");
    json(b"{}").is(400, "ValidationException");

    let wrong_type = program.signed(
        &root,
        "alcazar",
        &[("content-type", "image/png"), ("x-amz-target", "Alcazar_20261101.CreateAccount")],
        b"{\"Name\": \"three\"}",
    );
    let answer = program.ask(&wrong_type);
    assert!((400..500).contains(&answer.status), "{answer:?}");

    let events = program.ask(&program.json(
        &root,
        "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents",
        b"{\"LookupAttributes\": [{\"AttributeKey\": \"EventName\", \"AttributeValue\": \"CreateAccount\"}]}",
    ));
    assert_eq!(events.status, 200, "{}", events.body);
    let recorded = events.body.matches("SerializationException").count();
    assert_eq!(recorded, 5, "each of them left a record: {}", events.body);
    let accounts = program.ask(&program.json(&root, "Alcazar_20261101.ListAccounts", b"{}"));
    assert_eq!(accounts.body.matches("AccountId").count(), 1, "none of them did anything: {}", accounts.body);
}

#[test]
fn large_bodies_are_refused_without_being_held() {
    let (_home, program, root) = impatient();
    let (before, _) = program.memory();
    let piece = vec![b'x'; 1 << 20];
    let watch = Stopwatch::start();
    let announced = |chunked: bool| {
        let mut wire = program.connect();
        let length = if chunked { "transfer-encoding: chunked" } else { "content-length: 104857600" };
        let target = format!("content-type: application/x-amz-json-1.1\r\nx-amz-target: {CLOCK}\r\n");
        wire.send(
            format!("POST / HTTP/1.1\r\nhost: {}\r\n{target}{length}\r\n\r\n", program.address).as_bytes(),
        );
        // A client that reads nothing before it has sent all.
        for _ in 0..100 {
            let framed = if chunked { [b"100000\r\n", &*piece, b"\r\n"].concat() } else { piece.clone() };
            assert!(wire.try_send(&framed), "cut off while sending");
        }
        if chunked {
            wire.send(b"0\r\n\r\n");
        }
        let answer = wire.answer();
        answer.is(413, "RequestEntityTooLargeException");
        assert!(answer.head.contains("connection: close"), "{}", answer.head);
        assert!(wire.ends());
    };
    announced(false);
    announced(true);
    assert!(watch.elapsed() < Duration::from_secs(20), "{:?}", watch.elapsed());
    let (_, highest) = program.memory();
    assert!(highest < before + 24 * 1024, "{before} KiB, at its highest {highest} KiB");
    assert_eq!(program.metric("alcazar_refused_total{kind=\"body_too_large\"}"), 2);

    // Who asks first is told before he sends.
    let mut polite = program.connect();
    polite.send(
        format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nexpect: 100-continue\r\ncontent-length: 104857600\r\n\r\n",
            program.address
        )
        .as_bytes(),
    );
    polite.answer().is(413, "RequestEntityTooLarge");
    served_as_before(&program, &root);
}

#[test]
fn a_body_that_was_asked_for_is_read() {
    let (_home, program, root) = impatient();
    let request = program.query(&root, "sts", IDENTITY);
    let end = request.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let mut wire = program.connect();
    wire.send(&[&request[..end], b"\r\nexpect: 100-continue\r\n\r\n"].concat());
    assert_eq!(wire.answer().status, 100);
    wire.send(&request[end + 4..]);
    assert_eq!(wire.answer().status, 200);
    // In pieces, too.
    let mut wire = program.connect();
    for piece in request.chunks(37) {
        wire.send(piece);
        sleep(Duration::from_millis(5));
    }
    assert_eq!(wire.answer().status, 200);
}

#[test]
fn headers_are_few_and_short() {
    let (_home, program, root) = impatient();
    let mut many = format!("GET / HTTP/1.1\r\nhost: {}\r\n", program.address);
    for number in 0..1000 {
        let _ = write!(many, "x-{number}: y\r\n");
    }
    assert_eq!(program.ask(format!("{many}\r\n").as_bytes()).status, 431);
    let long = format!("GET / HTTP/1.1\r\nhost: {}\r\nx-long: ", program.address);
    let mut wire = program.connect();
    wire.send(long.as_bytes());
    for _ in 0..1000 {
        if !wire.try_send(&[b'y'; 1000]) {
            break;
        }
    }
    // Told, or cut off while still sending: never held.
    assert!(wire.try_answer().is_none_or(|answer| answer.status == 431));
    let long_path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "p".repeat(60_000));
    assert!((400..500).contains(&program.ask(long_path.as_bytes()).status));
    served_as_before(&program, &root);
}

#[test]
fn slow_clients_are_not_waited_for() {
    let (_home, program, root) = impatient();
    // Silence, headers without an end, a body that trickles: all at once.
    let silent = program.connect();
    let mut headers = program.connect();
    headers.send(b"POST / HTTP/1.1\r\nhost: x\r\n");
    let mut body = program.connect();
    body.send(b"POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: a.b\r\ncontent-length: 1000\r\n\r\n");
    let mut idle = program.connect();
    idle.send(&program.query(&root, "sts", IDENTITY));
    assert_eq!(idle.answer().status, 200);
    let watch = Stopwatch::start();
    for _ in 0..20 {
        let _ = headers.try_send(b"x-more: y\r\n");
        let _ = body.try_send(b"z");
        sleep(Duration::from_millis(100));
    }
    let answer = body.answer();
    answer.is(408, "RequestTimeoutException");
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    for mut wire in [silent, headers, body, idle] {
        assert!(wire.ends());
    }
    assert!(watch.elapsed() < Duration::from_secs(5), "{:?}", watch.elapsed());
    assert_eq!(program.metric("alcazar_refused_total{kind=\"headers_too_slow\"}"), 2);
    assert_eq!(program.metric("alcazar_refused_total{kind=\"body_too_slow\"}"), 1);
    served_as_before(&program, &root);
}

#[test]
fn requests_in_a_row_are_answered_in_order_and_rubbish_ends_the_connection() {
    let (_home, program, root) = impatient();
    let identity = program.query(&root, "sts", IDENTITY);
    let clock = program.json(&root, CLOCK, b"{}");
    let mut wire = program.connect();
    wire.send(&[&*identity, &clock, &identity, b"\x00\xff RUBBISH\r\n\r\n"].concat());
    let answers = [wire.answer(), wire.answer(), wire.answer()];
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert!(answers[1].body.contains("\"Wall\""), "{}", answers[1].body);
    assert_eq!(wire.answer().status, 400);
    assert!(wire.ends());
    // The answer leaves the connection usable even where the request was refused.
    let mut wire = program.connect();
    let nobody = Key { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), ..root.clone() };
    wire.send(&program.query(&nobody, "sts", IDENTITY));
    wire.answer().is(403, "InvalidClientTokenId");
    wire.send(&identity);
    assert_eq!(wire.answer().status, 200);
}

#[test]
fn no_second_request_hides_in_the_framing_of_a_first() {
    let (_home, program, root) = impatient();
    let host = program.address;
    let hidden = "GET /_alcazar/health HTTP/1.1\r\nhost: x\r\n\r\n";
    let framings = [
        format!("content-length: 5\r\ncontent-length: {}\r\n\r\nhello{hidden}", 5 + hidden.len()),
        format!("content-length: +5\r\n\r\nhello{hidden}"),
        format!("transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{hidden}"),
        format!("transfer-encoding: chunked\r\n\r\nzz\r\n{hidden}"),
        format!("transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{hidden}"),
    ];
    for framing in framings {
        let mut wire = program.connect();
        wire.send(format!("POST / HTTP/1.1\r\nhost: {host}\r\n{framing}").as_bytes());
        assert_eq!(wire.answer().status, 400, "{framing:?}");
        assert!(wire.ends(), "{framing:?}");
    }
    // Both ways of telling a length: the chunks count (RFC 9112, section 6.3) or the request is refused, never the other length.
    let mut wire = program.connect();
    let both = "transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n";
    wire.send(format!("GET /_alcazar/health HTTP/1.1\r\nhost: {host}\r\n{both}").as_bytes());
    let answer = wire.answer();
    assert!([200, 400].contains(&answer.status), "{answer:?}");
    served_as_before(&program, &root);
}

#[test]
fn half_a_request_is_no_request() {
    let (_home, program, root) = impatient();
    let whole = program.json(&root, "Alcazar_20261101.CreateAccount", b"{\"Name\": \"half\"}");
    for cut in [1, 20, whole.len() / 2, whole.len() - 1] {
        let mut wire = program.connect();
        wire.send(&whole[..cut]);
        wire.0.shutdown(Shutdown::Write).unwrap();
        assert!(wire.try_answer().is_none_or(|answer| answer.status == 400), "{cut}");
    }
    for other in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\r\n\r\n\0\0\0\0",
    ] {
        let mut wire = program.connect();
        wire.send(other);
        assert!(wire.try_answer().is_none_or(|answer| answer.status == 400), "{other:?}");
        assert!(wire.ends(), "{other:?}");
    }
    let accounts = program.ask(&program.json(&root, "Alcazar_20261101.ListAccounts", b"{}"));
    assert!(!accounts.body.contains("half"), "{}", accounts.body);
}

#[test]
fn connections_beyond_the_limit_are_told_and_the_others_served() {
    let home = Home::new();
    let program = home.start(&["--max-connections-per-source", "3"]);
    let mut held: Vec<_> = (0..3).map(|_| program.connect()).collect();
    for wire in &mut held {
        wire.send(&program.query(&home.root(), "sts", IDENTITY));
        assert_eq!(wire.answer().status, 200);
    }
    let mut fourth = program.connect();
    fourth.answer().is(503, "ServiceUnavailable");
    assert!(fourth.ends());
    drop(held);
    for _ in 0..100 {
        let mut again = program.connect();
        if again.try_send(&program.query(&home.root(), "sts", IDENTITY))
            && again.try_answer().is_some_and(|answer| answer.status == 200)
        {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("the places were not given back");
}

#[test]
fn a_flood_of_bad_requests_leaves_neither_memory_nor_threads_behind() {
    let (_home, program, root) = impatient();
    let threads = || std::fs::read_dir(format!("/proc/{}/task", program.child.id())).unwrap().count();
    let flood = |count: usize| {
        for number in 0..count {
            let mut wire = program.connect();
            let odd = Key { id: format!("AKIA{number:016}"), ..root.clone() };
            wire.send(&program.query(&odd, "sts", &format!("Action=Nonsense{number}")));
            let _ = wire.try_answer();
        }
    };
    flood(500);
    let ((before, _), threads_before) = (program.memory(), threads());
    flood(2000);
    let (after, _) = program.memory();
    assert!(after < before + 8 * 1024, "{before} KiB, then {after} KiB");
    assert!(threads() <= threads_before + 2, "{threads_before} threads, then {}", threads());
}
