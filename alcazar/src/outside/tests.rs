use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use alcazar_ports::SystemClock;

use super::*;

fn outside() -> Outside {
    Outside::new(crate::trust::Trust::of(None).unwrap(), Arc::new(SystemClock::default()))
}

const BOUNDS: HttpBounds = HttpBounds { deadline: Duration::from_secs(20), body: 100, repeatable: true };

fn post(address: SocketAddr) -> Request<Bytes> {
    let uri = format!("http://{address}/path?query");
    Request::post(uri).header("content-type", "text/plain").body(Bytes::from_static(b"hello")).unwrap()
}

/// Reads one request from the stream: head and a body of five bytes.
fn request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\nhello") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        read.push(byte[0]);
    }
    String::from_utf8(read).unwrap()
}

/// A server in a thread, which treats its connections one after the other in these ways.
fn server(ways: Vec<fn(TcpStream)>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for way in ways {
            way(listener.accept().unwrap().0);
        }
    });
    address
}

fn ok(stream: &mut TcpStream) {
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
}

#[tokio::test]
async fn a_request_is_sent_in_origin_form_and_its_connection_is_used_again() {
    let address = server(vec![|mut stream| {
        let first = request(&mut stream);
        assert!(first.starts_with("POST /path?query HTTP/1.1\r\n"), "{first}");
        assert!(first.contains("host: 127.0.0.1:"), "{first}");
        ok(&mut stream);
        let _second = request(&mut stream);
        ok(&mut stream);
    }]);
    let outside = outside();
    for _ in 0..2 {
        let answer = outside.send(post(address), BOUNDS).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (200, b"ok".as_slice()));
    }
}

#[tokio::test]
async fn a_connection_that_died_meanwhile_is_replaced() {
    let once: fn(TcpStream) = |mut stream| {
        let _ = request(&mut stream);
        ok(&mut stream);
    };
    let address = server(vec![once, once]);
    let outside = outside();
    for _ in 0..2 {
        assert_eq!(outside.send(post(address), BOUNDS).await.unwrap().body().as_ref(), b"ok");
    }
}

#[tokio::test]
async fn every_way_to_fail_has_its_name() {
    let told = async |way: fn(TcpStream), bounds: HttpBounds| {
        outside().send(post(server(vec![way])), bounds).await.map(|answer| answer.status().as_u16())
    };
    let long: fn(TcpStream) = |mut stream| {
        let _ = request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n");
    };
    assert_eq!(told(long, BOUNDS).await, Err(HttpError::TooLarge));
    let endless: fn(TcpStream) = |mut stream| {
        let _ = request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        while stream.write_all(b"a\r\n0123456789\r\n").is_ok() {}
    };
    assert_eq!(told(endless, BOUNDS).await, Err(HttpError::TooLarge));
    let rubbish: fn(TcpStream) = |mut stream| {
        let _ = request(&mut stream);
        let _ = stream.write_all(b"SSH-2.0-OpenSSH\r\n\r\n");
    };
    assert!(matches!(told(rubbish, BOUNDS).await, Err(HttpError::Malformed(_))));
    let closes: fn(TcpStream) = |mut stream| drop(request(&mut stream));
    assert!(matches!(told(closes, BOUNDS).await, Err(HttpError::Interrupted(_))));
    let redirect: fn(TcpStream) = |mut stream| {
        let _ = request(&mut stream);
        let head = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        let _ = stream.write_all(head.as_bytes());
    };
    assert_eq!(told(redirect, BOUNDS).await, Ok(302), "it is not followed");
    let silent: fn(TcpStream) = |mut stream| while stream.read(&mut [0; 100]).is_ok_and(|read| read > 0) {};
    let soon = HttpBounds { deadline: Duration::from_millis(50), ..BOUNDS };
    assert_eq!(told(silent, soon).await, Err(HttpError::TimedOut));
    let nobody: SocketAddr = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    assert!(matches!(outside().send(post(nobody), BOUNDS).await, Err(HttpError::Unreachable(_))));
}

#[tokio::test]
async fn what_speaks_no_tls_has_no_tls() {
    let address = server(vec![|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    }]);
    let uri = format!("https://{address}/");
    let request = Request::post(uri).body(Bytes::new()).unwrap();
    assert!(matches!(outside().send(request, BOUNDS).await, Err(HttpError::Tls(_))));
}
